#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// The project's version, from the build.
extern const std::string_view version;

/// The commit of the build: twelve digits, and `-dirty` if the sources had uncommitted changes;
/// `unknown` if there was no repository.
extern const std::string_view commit;

/// Version and commit for people: `0.1.0 (64d314589aeb)`.
std::string version_text();

}  // namespace downbeat::host
