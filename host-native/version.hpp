#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// Of the project, as its build names it.
extern const std::string_view version;

/// The commit that was built: twelve digits, and `-dirty` if the sources had changes that are in no
/// commit; `unknown` where there was no repository to ask.
extern const std::string_view commit;

/// Both, for people: `0.1.0 (64d314589aeb)`.
std::string version_text();

}  // namespace downbeat::host
