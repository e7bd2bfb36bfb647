#pragma once

#include <string>
#include <vector>

namespace downbeat::host {

/// `downbeat describe`: prints the tables of options and of events as JSON, for
/// `scripts/generate-tables.mjs`. Returns the exit code.
int describe(const std::vector<std::string>& arguments);

}  // namespace downbeat::host
