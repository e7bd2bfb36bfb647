#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// What `/` shows when there is no page to serve: what this is, and how to try it.
std::string landing_page(std::string_view engineio_path);

}  // namespace downbeat::host
