#include "text/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat::base64 {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Marks a character outside of the alphabet. No 6-bit value has this bit.
constexpr std::uint8_t foreign = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = foreign;
  std::uint8_t value = 0;
  for (const char c : standard) values[static_cast<unsigned char>(c)] = value++;
  return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

constexpr std::uint32_t octet_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::string encode_with(std::string_view alphabet, bool is_padded, std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t at = 0;
  for (; bytes.size() - at >= 3; at += 3) {
    const std::uint32_t group =
        octet_at(bytes, at) << 16 | octet_at(bytes, at + 1) << 8 | octet_at(bytes, at + 2);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 0x3f];
    out += alphabet[group >> 6 & 0x3f];
    out += alphabet[group & 0x3f];
  }
  const std::size_t left = bytes.size() - at;
  if (left == 0) return out;

  std::uint32_t group = octet_at(bytes, at) << 16;
  if (left == 2) group |= octet_at(bytes, at + 1) << 8;
  out += alphabet[group >> 18];
  out += alphabet[group >> 12 & 0x3f];
  if (left == 2) out += alphabet[group >> 6 & 0x3f];
  if (is_padded) out.append(3 - left, '=');
  return out;
}

}  // namespace

std::string encode(std::string_view bytes) {
  return encode_with(standard, true, bytes);
}

std::string encode_url(std::string_view bytes) {
  return encode_with(for_urls, false, bytes);
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i != 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  }
  const std::size_t left = text.size() % 4;
  if (left == 1) return std::nullopt;

  const auto value_at = [text](std::size_t at) -> std::uint32_t {
    return values[octet_at(text, at)];
  };
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  const auto push = [&out](std::uint32_t byte) { out += static_cast<char>(byte & 0xff); };
  std::uint32_t seen = 0;
  std::size_t at = 0;
  for (; text.size() - at >= 4; at += 4) {
    const std::uint32_t a = value_at(at);
    const std::uint32_t b = value_at(at + 1);
    const std::uint32_t c = value_at(at + 2);
    const std::uint32_t d = value_at(at + 3);
    seen |= a | b | c | d;
    push(a << 2 | b >> 4);
    push(b << 4 | c >> 2);
    push(c << 6 | d);
  }
  if (left != 0) {
    const std::uint32_t a = value_at(at);
    const std::uint32_t b = value_at(at + 1);
    seen |= a | b;
    push(a << 2 | b >> 4);
    if (left == 3) {
      const std::uint32_t c = value_at(at + 2);
      seen |= c;
      push(b << 4 | c >> 2);
    }
  }
  if ((seen & foreign) != 0) return std::nullopt;
  return out;
}

std::optional<std::string> decode_url(std::string_view text) {
  std::string translated(text);
  for (char& c : translated) {
    // What belongs to the other alphabet is as wrong as any other character.
    if (c == '+' || c == '/') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  return decode(translated);
}

}  // namespace downbeat::base64
