#include "jam/settings.hpp"

#include "jam/option_table.hpp"
#include "json/text.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

namespace downbeat::jam {
namespace {

// The highest delay of a browser's timers.
constexpr std::int64_t most = 2'147'483'647;

constexpr auto all_settings = [] {
  std::array<setting, option_table.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const option_row& row = option_table[i];
    all[i] = {row.name, row.in, row.zero == zero::refused ? 1 : 0};
  }
  return all;
}();

std::optional<std::int64_t> read_number(std::string_view json) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

}  // namespace

std::span<const setting> settings() {
  return all_settings;
}

std::string write_options(const options& given) {
  options copy = given;
  std::string json;
  for (const setting& s : all_settings) {
    json += json.empty() ? '{' : ',';
    json.append("\"").append(s.name).append("\":").append(std::to_string(s.in(copy)));
  }
  // Written only if it is not the default, so that older traces stay the same.
  if (given.journal == journal_kind::host) json += ",\"journal\":\"host\"";
  json += '}';
  return json;
}

std::variant<options, std::string> read_options(std::string_view json) {
  if (!json::check(json)) return std::string("options must be JSON");
  const std::string compact = json::compact(json);
  if (json::kind_of(compact) != json::kind::object) {
    return std::string("options must be an object");
  }
  options result;
  if (const auto kept = json::member(compact, "journal")) {
    if (*kept == "\"host\"") {
      result.journal = journal_kind::host;
    } else if (*kept != "\"memory\"") {
      return std::string("journal must be memory or host");
    }
  }
  for (const setting& s : all_settings) {
    const auto value = json::member(compact, s.name);
    if (!value) continue;
    const auto number = read_number(*value);
    if (!number || *number < s.least || *number > most) {
      return std::string(s.name) + " must be a whole number from " + std::to_string(s.least) +
             " to " + std::to_string(most);
    }
    s.in(result) = *number;
  }
  return result;
}

}  // namespace downbeat::jam
