#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// The command `downbeat healthcheck`: asks the server with these options on this machine whether
/// it is ready. Returns the exit code: 0 if it is ready, 1 if not, 2 for a mistake in the options.
int healthcheck(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
