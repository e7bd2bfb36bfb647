#include "trace/quote.hpp"

#include "json/text.hpp"
#include "text/base64.hpp"
#include "text/utf8.hpp"

namespace downbeat::trace {

void append_bytes(std::string& line, std::string_view bytes) {
  if (utf8::is_valid(bytes)) return json::append_quoted(line, bytes);
  line.append("{\"base64\":\"").append(base64::encode(bytes)).append("\"}");
}

std::optional<std::string> read_bytes(std::string_view json) {
  if (json.empty()) return std::nullopt;
  if (json::kind_of(json) == json::kind::string) return json::decode_string(json);
  if (json::kind_of(json) != json::kind::object) return std::nullopt;
  const auto encoded = json::member(json, "base64");
  if (!encoded || json::kind_of(*encoded) != json::kind::string) return std::nullopt;
  const auto text = json::decode_string(*encoded);
  return text ? base64::decode(*text) : std::nullopt;
}

}  // namespace downbeat::trace
