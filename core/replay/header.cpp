#include "replay/header.hpp"

#include "jam/settings.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace downbeat::replay {
namespace {

constexpr std::string_view any_version = "downbeat trace ";
constexpr std::string_view header_words = "downbeat trace 2 ";

/// Version 1 had half the entropy per request. Ids cannot be drawn from that again.
constexpr std::string_view older_header_words = "downbeat trace 1 ";
constexpr std::string_view shard_words = "shard ";
constexpr std::string_view of_words = " of ";

/// More shards than any machine uses.
constexpr shard_index most_shards = 1'024;

bool take(std::string_view& text, std::string_view words) {
  if (text.substr(0, words.size()) != words) return false;
  text.remove_prefix(words.size());
  return true;
}

std::optional<shard_index> take_number(std::string_view& text) {
  shard_index number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::string write_header(const jam::options& options, shard here) {
  std::string line(header_words);
  if (here.count != 1) {
    line.append(shard_words).append(std::to_string(here.index));
    line.append(of_words).append(std::to_string(here.count)).append(" ");
  }
  return line + jam::write_options(options);
}

std::variant<header, trace::unreadable> read_header(std::string_view line) {
  if (!take(line, header_words)) {
    if (line.substr(0, older_header_words.size()) == older_header_words) {
      return trace::unreadable{
          "this is a trace 1, recorded by an older downbeat; this one reads trace 2: replay it "
          "with "
          "the version that recorded it"};
    }
    return trace::unreadable{"a trace must begin with: downbeat trace 2"};
  }
  header result;
  if (take(line, shard_words)) {
    const auto index = take_number(line);
    const bool is_followed = take(line, of_words);
    const auto count = take_number(line);
    if (!index || !is_followed || !count || *count > most_shards || *index >= *count ||
        !take(line, " ")) {
      return trace::unreadable{"a shard must be named like: shard 0 of 2"};
    }
    result.here = {*index, *count};
  }
  auto options = jam::read_options(line);
  if (auto* why = std::get_if<std::string>(&options)) return trace::unreadable{std::move(*why)};
  result.options = std::get<jam::options>(options);
  return result;
}

bool is_header(std::string_view line) {
  return take(line, any_version);
}

}  // namespace downbeat::replay
