#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::host {

/// A name and a value of a log line. Values may come from peers, and be anything.
using log_field = std::pair<std::string_view, std::string_view>;

/// `event key=value key="a value"`. Empty values are left out. Whatever could end the line, steer
/// a terminal or be mistaken for another field is escaped.
std::string text_line(std::string_view event, std::span<const log_field> fields);

/// The same as one JSON object, in ASCII, with the time and the level in front.
std::string json_line(std::string_view time, std::string_view level, std::string_view event,
                      std::span<const log_field> fields);

}  // namespace downbeat::host
