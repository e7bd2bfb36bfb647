#include "log/line.hpp"

#include "text/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace downbeat::host {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.:/+@[]").find(c) != std::string_view::npos;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[value >> shift & 0xf];
  }
}

// Characters that are invisible or change the direction of the text around them.
bool is_treacherous(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

void append_character(std::string& out, char32_t c) {
  switch (c) {
    case U'"': out += "\\\""; return;
    case U'\\': out += "\\\\"; return;
    case U'\n': out += "\\n"; return;
    case U'\r': out += "\\r"; return;
    case U'\t': out += "\\t"; return;
    default: break;
  }
  if (!is_treacherous(c)) return utf8::append(out, c);
  out += c > 0xffff ? "\\U" : "\\u";
  append_hex(out, static_cast<std::uint32_t>(c), c > 0xffff ? 8 : 4);
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  if (utf8::is_valid(value)) {
    while (!value.empty()) append_character(out, utf8::next(value));
  } else {
    for (const char c : value) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte >= 0x20 && byte < 0x7f) {
        append_character(out, byte);
      } else {
        out += "\\x";
        append_hex(out, byte, 2);
      }
    }
  }
  out += '"';
}

}  // namespace

std::string text_line(std::string_view event, std::span<const log_field> fields) {
  std::string line(event);
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    line.append(" ").append(name).append("=");
    if (std::all_of(value.begin(), value.end(), is_plain)) {
      line.append(value);
    } else {
      append_quoted(line, value);
    }
  }
  return line;
}

std::string json_line(std::string_view time, std::string_view level, std::string_view event,
                      std::span<const log_field> fields) {
  nlohmann::ordered_json line{{"time", time}, {"level", level}, {"event", event}};
  for (const auto& [name, value] : fields) {
    if (!value.empty()) line[std::string(name)] = value;
  }
  const bool is_ascii = true;
  return line.dump(-1, ' ', is_ascii, nlohmann::ordered_json::error_handler_t::replace);
}

std::string shortened(std::string_view value, std::size_t most) {
  if (value.size() <= most) return std::string(value);
  const auto is_inside_character = [&](std::size_t at) { return (value[at] & 0xc0) == 0x80; };
  std::size_t end = most;
  while (end > 0 && most - end < 3 && is_inside_character(end)) --end;
  return std::string(value.substr(0, end)) + "…";
}

}  // namespace downbeat::host
