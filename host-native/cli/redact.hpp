#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// The command `downbeat redact`: prints a recording without its secrets. Returns the exit code: 0,
/// 1 if the result cannot be written, 2 if the recording cannot be read.
int redact(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
