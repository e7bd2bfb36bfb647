#include "json/bytes.hpp"

#include "json/text.hpp"
#include "text/base64.hpp"
#include "text/utf8.hpp"

namespace downbeat::json {

void append_bytes(std::string& line, std::string_view bytes) {
  if (utf8::is_valid(bytes)) return append_quoted(line, bytes);
  line.append("{\"base64\":\"").append(base64::encode(bytes)).append("\"}");
}

std::optional<std::string> read_bytes(std::string_view json) {
  if (json.empty()) return std::nullopt;
  if (kind_of(json) == kind::string) return decode_string(json);
  if (kind_of(json) != kind::object) return std::nullopt;
  const auto encoded = member(json, "base64");
  if (!encoded || kind_of(*encoded) != kind::string) return std::nullopt;
  const auto text = decode_string(*encoded);
  return text ? base64::decode(*text) : std::nullopt;
}

}  // namespace downbeat::json
