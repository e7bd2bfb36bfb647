#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// The page at `/` when there is no web root: what this server is, and how to try it.
/// `engineio_path` is the path of Engine.IO.
std::string landing_page(std::string_view engineio_path);

}  // namespace downbeat::host
