#include "cluster/entry_text.hpp"

#include "text/hex.hpp"
#include "text/sha256.hpp"

#include <charconv>
#include <cstddef>

namespace downbeat::cluster {
namespace {

std::string_view take_word(std::string_view& rest) {
  const auto space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  return word;
}

std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string or_dash(const std::string& chain) {
  return chain.empty() ? "-" : chain;
}

std::string without_dash(std::string_view chain) {
  return chain == "-" ? std::string() : std::string(chain);
}

}  // namespace

std::string write_entry(const log_entry& entry) {
  if (entry.room == "*") return "* " + entry.append;
  std::string text;
  text.reserve(entry.room.size() + entry.append.size() + entry.events.size() + 96);
  text += entry.room;
  text += ' ';
  text += entry.append;
  text += ' ';
  text += std::to_string(entry.seq);
  text += ' ';
  text += or_dash(entry.chain);
  text += ' ';
  text += std::to_string(entry.new_seq);
  text += ' ';
  text += or_dash(entry.new_chain);
  text += ' ';
  text += entry.events;
  return text;
}

std::optional<log_entry> read_entry(std::uint64_t n, std::string_view text) {
  log_entry entry;
  entry.n = n;
  entry.room = take_word(text);
  entry.append = take_word(text);
  if (entry.room.empty() || entry.append.empty()) return std::nullopt;
  if (entry.room == "*") return entry;
  const auto seq = read_number(take_word(text));
  entry.chain = without_dash(take_word(text));
  const auto new_seq = read_number(take_word(text));
  entry.new_chain = without_dash(take_word(text));
  if (!seq || !new_seq || text.empty()) return std::nullopt;
  entry.seq = *seq;
  entry.new_seq = *new_seq;
  entry.events = text;
  return entry;
}

std::string write_publication(const publication& what) {
  const std::string number = std::to_string(what.entry.n) + ' ';
  switch (what.what) {
    case publication::kind::sign: return number + '*';
    case publication::kind::nodes: return number + '?';
    case publication::kind::entry: break;
  }
  return number + write_entry(what.entry);
}

std::optional<publication> read_publication(std::string_view text) {
  const auto n = read_number(take_word(text));
  if (!n) return std::nullopt;
  publication what;
  what.entry.n = *n;
  if (text == "*") return what;
  if (text == "?") {
    what.what = publication::kind::nodes;
    return what;
  }
  auto entry = read_entry(*n, text);
  if (!entry) return std::nullopt;
  what.what = publication::kind::entry;
  what.entry = *std::move(entry);
  return what;
}

std::string chain_after(std::string_view before, std::string_view append, std::string_view events) {
  std::string all;
  all.reserve(before.size() + append.size() + events.size() + 2);
  all += before;
  all += ' ';
  all += append;
  all += ' ';
  all += events;
  const sha256_digest digest = sha256(all);
  return hex::encode({reinterpret_cast<const char*>(digest.data()), 16});
}

}  // namespace downbeat::cluster
