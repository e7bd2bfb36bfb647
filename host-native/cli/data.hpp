#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

// Each of these reads the sessions of a folder of `--data`, whether its server runs or not. Returns
// the exit code: 0, 1 if there is a fault, 2 after a mistake in the arguments, 4 if the folder has
// no journal that can be used.

/// `downbeat sessions DIR`: lists them.
int sessions(const std::vector<std::string>& arguments);
/// `downbeat check DIR`: looks for faults.
int check(const std::vector<std::string>& arguments);
/// `downbeat backup DIR FILE`: copies them into a new file.
int backup(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
