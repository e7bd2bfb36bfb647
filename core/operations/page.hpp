#pragma once

#include "json/writer.hpp"
#include "operations/request.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::operations {

/// Collects one page of a list that is visited in any order: the items with the smallest keys after
/// the cursor. It holds at most one page and one item in memory.
template <class Key, class Item>
class page {
 public:
  page(std::optional<Key> after, std::int64_t limit)
      : after_(std::move(after)), limit_(static_cast<std::size_t>(limit)) {}

  /// Adds an item, if it belongs to the page.
  void offer(const Key& key, const Item& item) {
    if (after_ && !(*after_ < key)) return;
    // Keep one item more than a page, to know whether there is a next page.
    if (kept_.size() > limit_ && !(key < std::prev(kept_.end())->first)) return;
    kept_.emplace(key, item);
    if (kept_.size() > limit_ + 1) kept_.erase(std::prev(kept_.end()));
  }

  /// The answer as JSON. `write` turns an item into JSON, and `name` turns a key into a cursor.
  template <class Write, class Name>
  [[nodiscard]] std::string answer(Write write, Name name) const {
    json::array_writer items;
    std::string next;
    std::size_t written = 0;
    for (const auto& [key, item] : kept_) {
      if (++written > limit_) break;
      items.raw(write(item));
      if (written == limit_ && kept_.size() > limit_) next = name(key);
    }
    json::object_writer json;
    json.raw("ok", "true").raw("items", items.done());
    if (!next.empty()) json.text("next", next);
    return json.done();
  }

 private:
  std::optional<Key> after_;
  std::size_t limit_;
  std::map<Key, Item> kept_;
};

/// Parses a cursor. 0 if it is empty (the first page), nothing if it is not a number.
template <class Number>
std::optional<Number> number_of_cursor(std::string_view after) {
  Number number{};
  if (after.empty()) return number;
  const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), number);
  if (error != std::errc() || end != after.data() + after.size()) return std::nullopt;
  return number;
}

inline std::string unknown_cursor() {
  return failure({"after must be the next of another page"});
}

}  // namespace downbeat::operations
