#include "json/object_reader.hpp"

#include "json/bytes.hpp"
#include "json/scan.hpp"
#include "json/text.hpp"

#include <charconv>

namespace downbeat::json {
namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view json) {
  Number number{};
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> all_members(std::string_view object) {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  // The text between the braces is like the items of an array: key, value, key, value.
  std::string_view rest = object.substr(1, object.size() - 2);
  while (!rest.empty()) {
    const std::size_t key_end = end_of_string(rest, 0);
    const std::size_t begin = key_end + 1;
    std::size_t end = begin;
    std::size_t depth = 0;
    while (end < rest.size() && (depth != 0 || rest[end] != ',')) {
      if (rest[end] == '"') {
        end = end_of_string(rest, end);
        continue;
      }
      if (rest[end] == '{' || rest[end] == '[') ++depth;
      if (rest[end] == '}' || rest[end] == ']') --depth;
      ++end;
    }
    all.emplace_back(rest.substr(1, key_end - 2), rest.substr(begin, end - begin));
    rest.remove_prefix(end == rest.size() ? end : end + 1);
  }
  return all;
}

std::optional<std::int64_t> read_number(std::string_view json, std::int64_t least,
                                        std::int64_t most) {
  const auto number = whole_number<std::int64_t>(json);
  return number && *number >= least && *number <= most ? number : std::nullopt;
}

std::optional<std::uint64_t> read_id(std::string_view json) {
  return whole_number<std::uint64_t>(json);
}

object_reader::object_reader(std::string_view object)
    : object_(object), is_good_(!object.empty() && kind_of(object) == kind::object) {
  if (!is_good_) object_ = "{}";
}

bool object_reader::has(std::string_view key) const {
  return member(object_, key).has_value();
}

std::optional<std::string_view> object_reader::find(std::string_view key) {
  const auto value = member(object_, key);
  if (!value) is_good_ = false;
  return value;
}

std::string object_reader::text(std::string_view key) {
  const auto value = find(key);
  auto bytes = value ? read_bytes(*value) : std::nullopt;
  if (!bytes) is_good_ = false;
  return bytes ? std::move(*bytes) : std::string();
}

std::int64_t object_reader::number(std::string_view key, std::int64_t least, std::int64_t most) {
  const auto value = find(key);
  const auto read = value ? read_number(*value, least, most) : std::nullopt;
  if (!read) is_good_ = false;
  return read.value_or(least);
}

std::optional<std::int64_t> object_reader::optional_number(std::string_view key, std::int64_t least,
                                                           std::int64_t most) {
  if (!has(key)) return std::nullopt;
  return number(key, least, most);
}

std::uint64_t object_reader::id(std::string_view key) {
  const auto value = find(key);
  const auto read = value ? read_id(*value) : std::nullopt;
  if (!read) is_good_ = false;
  return read.value_or(0);
}

std::optional<std::uint64_t> object_reader::optional_id(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return id(key);
}

bool object_reader::flag(std::string_view key) {
  const std::string_view value = raw(key);
  if (value != "true" && value != "false") is_good_ = false;
  return value == "true";
}

std::size_t object_reader::word(std::string_view key,
                                std::initializer_list<std::string_view> words) {
  const std::string_view value = raw(key);
  std::size_t index = 0;
  for (const std::string_view one : words) {
    if (!value.empty() && kind_of(value) == kind::string && spells(value, one)) return index;
    ++index;
  }
  is_good_ = false;
  return 0;
}

std::vector<std::string_view> object_reader::items(std::string_view key) {
  const std::string_view value = raw(key);
  if (!value.empty() && kind_of(value) == kind::array) return json::items(value);
  is_good_ = false;
  return {};
}

std::string_view object_reader::raw(std::string_view key) {
  return find(key).value_or(std::string_view());
}

}  // namespace downbeat::json
