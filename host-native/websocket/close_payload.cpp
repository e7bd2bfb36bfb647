#include "websocket/close_payload.hpp"

#include "text/utf8.hpp"

namespace downbeat::host {

close_payload parse_close_payload(std::string_view data) {
  if (data.empty()) return {true, 1005};
  if (data.size() == 1) return {false, 1002};
  const auto high = static_cast<std::uint8_t>(data[0]);
  const auto low = static_cast<std::uint8_t>(data[1]);
  const auto code = static_cast<std::uint16_t>(high << 8 | low);
  if (!is_valid_close_code(code)) return {false, 1002};
  if (!utf8::is_valid(data.substr(2))) return {false, 1007};
  return {true, code};
}

}  // namespace downbeat::host
