#include "web/invitation.hpp"

#include "http/static_files.hpp"

#include <cstddef>

namespace downbeat::host {
namespace {

constexpr std::string_view prefix = "/j/";
constexpr std::string_view placeholder = "{{code}}";
// Of letters and digits together; codes of all shapes have five to nine, with a digit among them.
constexpr std::size_t fewest_characters = 5;
constexpr std::size_t most_characters = 9;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char capital(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_code_character(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::optional<std::string> invited_code(std::string_view url_path) {
  if (!url_path.starts_with(prefix)) return std::nullopt;
  auto typed = decode_path(url_path.substr(prefix.size()));
  if (!typed) return std::nullopt;
  // Messengers make a final full stop or bracket a part of the link.
  while (!typed->empty() && std::string_view("/.,;:!?)").find(typed->back()) != std::string::npos) {
    typed->pop_back();
  }
  std::string code;
  std::size_t count = 0;
  bool has_digit = false;
  for (const char c : *typed) {
    const char letter = capital(c);
    if (letter == '-' && !code.empty() && code.find('-') == std::string::npos) {
      code += letter;
    } else if (is_code_character(letter)) {
      code += letter;
      ++count;
      has_digit = has_digit || is_digit(letter);
    } else {
      return std::nullopt;
    }
  }
  if (count < fewest_characters || count > most_characters || !has_digit || code.ends_with('-'))
    return std::nullopt;
  return code;
}

std::string invitation_page(std::string_view page, std::string_view code) {
  std::string made;
  for (;;) {
    const std::size_t at = page.find(placeholder);
    made += page.substr(0, at);
    if (at == std::string_view::npos) return made;
    made += code;
    page.remove_prefix(at + placeholder.size());
  }
}

}  // namespace downbeat::host
