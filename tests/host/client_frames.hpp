#pragma once

#include "websocket/opcode.hpp"

#include <string>
#include <string_view>

namespace downbeat::test {

struct frame_options {
  bool is_final = true;
};

/// A masked frame, as clients send it.
std::string client_frame(host::opcode code, std::string_view payload, frame_options options = {});

}  // namespace downbeat::test
