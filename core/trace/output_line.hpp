#pragma once

#include "base/time.hpp"
#include "output.hpp"

#include <string>

namespace downbeat::trace {

/// An output as one line, without the line feed, in the form shown in `trace/input_line.hpp`. The
/// end of a drain is a line, too: `1500 < wait 26500`, or `1500 < wait` without a deadline.
std::string write_output(instant_ms now, const output::any& output);

/// The members of a notice that are not empty, as a JSON object.
std::string json_of(const notice& what);

}  // namespace downbeat::trace
