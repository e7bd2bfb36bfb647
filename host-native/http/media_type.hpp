#pragma once

#include <string_view>

namespace downbeat::host {

/// The Content-Type for a file, by the extension of its name.
std::string_view media_type_of(std::string_view file_name);

}  // namespace downbeat::host
