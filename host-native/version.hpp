#pragma once

#include <string_view>

namespace downbeat::host {

/// Of the project, as its build names it.
inline constexpr std::string_view version = DOWNBEAT_VERSION;

}  // namespace downbeat::host
