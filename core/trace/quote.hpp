#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::trace {

/// Appends bytes as JSON: a string where they are UTF-8, otherwise `{"base64":"…"}`.
void append_bytes(std::string& line, std::string_view bytes);

/// The bytes that `append_bytes` wrote, or nothing if the JSON is of another kind. The JSON must
/// be checked and compact.
std::optional<std::string> read_bytes(std::string_view json);

}  // namespace downbeat::trace
