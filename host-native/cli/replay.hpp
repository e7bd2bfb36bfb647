#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// The command `downbeat replay`: replays a recording with a new engine and compares the outputs.
/// Returns the exit code: 0 if they are equal, 1 if they differ, 2 if the recording cannot be
/// replayed.
int replay(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
