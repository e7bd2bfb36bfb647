#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// `downbeat replay`: feeds a recording to a new core, and says whether it orders the same again.
/// Returns the exit code: 0 if it does, 1 if not, 2 if that cannot be told.
int replay(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
