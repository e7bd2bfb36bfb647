#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::host {

/// Name and value of a field in a log line. The value may come from a client and contain anything.
using log_field = std::pair<std::string_view, std::string_view>;

/// `event key=value key="a value"`. Fields with an empty value are left out. Characters that could
/// end the line, control a terminal or forge a field are escaped.
std::string text_line(std::string_view event, std::span<const log_field> fields);

/// The same as one JSON object, in ASCII, with time and level in front.
std::string json_line(std::string_view time, std::string_view level, std::string_view event,
                      std::span<const log_field> fields);

/// A value, or if it has more bytes than `most`, its beginning and `…`. No character is cut.
std::string shortened(std::string_view value, std::size_t most);

}  // namespace downbeat::host
