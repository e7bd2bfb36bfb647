#pragma once

#include "flood/assailant.hpp"

#include <cstdint>
#include <string_view>

namespace downbeat::flood {

/// The first packets of many attacks.
inline constexpr std::string_view create = R"(42["session:create",{"name":"Mallory"}])";

/// Appends a text message to the outbox.
void say(assailant& a, std::string_view packet);

/// Opens a WebSocket and joins the namespace, step by step. Returns true once it has joined, at
/// stage 3 or later.
bool enter(assailant& a, std::uint16_t port);

}  // namespace downbeat::flood
