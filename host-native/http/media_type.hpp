#pragma once

#include <string_view>

namespace downbeat::host {

/// The Content-Type of a file, by the end of its name.
std::string_view media_type_of(std::string_view file_name);

}  // namespace downbeat::host
