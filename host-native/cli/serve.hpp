#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// The command `downbeat serve`. Returns the exit code: 2 for a mistake in the options, 1 if the
/// server cannot run.
int serve(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
