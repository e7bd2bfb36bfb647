#pragma once

#include "output.hpp"
#include "time.hpp"

#include <string>

namespace downbeat::trace {

/// One order as a line, without the line's end, in the form that `trace/fact.hpp` shows. The end
/// of a drain is a line too, such as `1500 < wait 26500` or `1500 < wait`.
std::string write_order(instant_ms now, const output::any& order);

/// The members of a notice that are not empty, as a JSON object.
std::string json_of(const notice& what);

}  // namespace downbeat::trace
