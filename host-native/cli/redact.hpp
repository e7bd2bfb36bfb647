#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// `downbeat redact`: prints a recording without its secrets. Returns the exit code: 0, or 2 if
/// the recording cannot be read.
int redact(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
