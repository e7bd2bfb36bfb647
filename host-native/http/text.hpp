#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Converts ASCII letters only, independent of the locale.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// The text in lower case (ASCII letters only).
inline std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

/// Compares without case (ASCII letters only).
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

// A table, because each byte of each header field's name is checked.
inline constexpr auto token_characters = [] {
  std::array<bool, 256> all{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    all[static_cast<unsigned char>(c)] = true;
  for (std::size_t byte = 0; byte < 0x80; ++byte) {
    if (is_alphanumeric(static_cast<char>(byte))) all[byte] = true;
  }
  return all;
}();

/// Whether a character may occur in a token, such as a method or the name of a header field (RFC
/// 9110, 5.6.2).
constexpr bool is_token_character(char c) {
  return token_characters[static_cast<unsigned char>(c)];
}

/// Whether a text is a token (RFC 9110, 5.6.2): not empty, and only token characters.
constexpr bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// Removes spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls `visit` with each element of a comma-separated list, trimmed, until it returns false. An
/// empty list has one empty element.
template <class Function>
constexpr void for_each_element(std::string_view list, Function visit) {
  for (;;) {
    const auto comma = list.find(',');
    if (!visit(trim(list.substr(0, comma))) || comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// Whether a comma-separated list, such as `keep-alive, Upgrade`, contains a token. Compares
/// without case.
constexpr bool has_token(std::string_view list, std::string_view token) {
  bool is_found = false;
  for_each_element(list, [&](std::string_view one) {
    is_found = equals_ignoring_case(one, token);
    return !is_found;
  });
  return is_found;
}

}  // namespace downbeat::host
