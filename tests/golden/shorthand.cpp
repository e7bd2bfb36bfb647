#include "golden/shorthand.hpp"

#include "base/entropy.hpp"
#include "golden/lines.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace downbeat::golden {
namespace {

bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

/// Entropy as a host might have drawn it for the transport or request of this number.
std::string entropy_of(std::string_view number) {
  std::uint64_t seed = 0;
  std::from_chars(number.data(), number.data() + number.size(), seed);
  splitmix64 random(seed);
  std::string bytes;
  for (std::size_t i = 0; i < entropy().size(); ++i) bytes += static_cast<char>(random.next());
  return hex::encode(bytes);
}

/// The method that a request of this kind has, if it has one of its own.
std::string_view method_of(std::string_view kind) {
  if (kind == "post") return "POST";
  if (kind == "options") return "OPTIONS";
  if (kind == "other") return "other";
  return "GET";
}

std::string head_of(std::string_view kind, std::string_view number, std::string_view argument) {
  std::string given = starts_with(argument, "{") && json::check(argument) ? json::compact(argument)
                                                                          : std::string("{}");
  std::string query = kind == "websocket" ? "EIO=4&transport=websocket" : "EIO=4&transport=polling";
  if (given == "{}") {
    if (starts_with(argument, "&")) {
      query += argument;
    } else if (!argument.empty()) {
      query = argument;
    }
  }
  const std::pair<std::string_view, std::string> defaults[] = {
      {"method", std::string(method_of(kind))},
      {"query", query},
      {"origin", {}},
      {"contentType", {}},
      {"address", "192.0.2.1"},
      {"entropy", entropy_of(number)},
  };
  json::object_writer head;
  for (const auto& [key, value] : defaults) {
    if (key == "method" && kind == "websocket") continue;
    const auto own = json::member(given, key);
    head.raw(key, own ? std::string(*own) : json::quote(value));
  }
  return head.done();
}

/// A text without quotes as JSON; what is JSON already stays as it is.
std::string quoted(std::string_view text) {
  if (starts_with(text, "{\"base64\":") || starts_with(text, "\"")) return std::string(text);
  return json::quote(hide_separators(std::string(text)));
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

constexpr std::string_view separator = "\x1e";
constexpr std::string_view visible_separator = "␞";

}  // namespace

std::string hide_separators(std::string text) {
  replace_all(text, visible_separator, separator);
  return text;
}

std::string show_separators(std::string text) {
  replace_all(text, separator, visible_separator);
  return text;
}

std::string full_input(instant_ms now, std::string_view input) {
  const std::string_view whole = input;
  const std::string_view kind = take_word(input);
  const std::string_view number = take_word(input);
  const std::string begin = std::to_string(now) + " > ";
  if (kind == "websocket") {
    return begin + "websocket " + std::string(number) + ' ' + head_of(kind, number, input);
  }
  if (kind == "get" || kind == "post" || kind == "options" || kind == "other" ||
      kind == "request") {
    return begin + "request " + std::string(number) + ' ' + head_of(kind, number, input);
  }
  if (kind == "text" || kind == "binary" || kind == "body") {
    return begin + std::string(kind) + ' ' + std::string(number) + ' ' + quoted(input);
  }
  return begin + std::string(whole);
}

}  // namespace downbeat::golden
