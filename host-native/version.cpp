#include "version.hpp"

namespace downbeat::host {

constexpr std::string_view version = DOWNBEAT_VERSION;

constexpr std::string_view commit =
#include DOWNBEAT_COMMIT_FILE
    ;

std::string version_text() {
  return std::string(version) + " (" + std::string(commit) + ")";
}

}  // namespace downbeat::host
