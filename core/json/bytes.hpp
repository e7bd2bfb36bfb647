#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::json {

/// Appends bytes to `line` as JSON: valid UTF-8 as a string, other bytes as `{"base64":"…"}`.
void append_bytes(std::string& line, std::string_view bytes);

/// Reads what `append_bytes` wrote. Nothing if the JSON has another form. The JSON must be checked
/// and compact.
std::optional<std::string> read_bytes(std::string_view json);

}  // namespace downbeat::json
