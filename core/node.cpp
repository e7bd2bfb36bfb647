#include "node.hpp"

#include "json/object_reader.hpp"
#include "json/text.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace downbeat {
namespace {

constexpr std::size_t longest_name = 16;

}  // namespace

bool is_node_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

std::optional<living_nodes> read_nodes(std::string_view json) {
  if (!utf8::is_valid(json) || !json::check(json)) return std::nullopt;
  const std::string text = json::compact(json);
  if (json::kind_of(text) != json::kind::object) return std::nullopt;
  json::object_reader from(text);
  const auto is_node = [](std::uint64_t id) { return id != 0 && id <= largest_node; };
  living_nodes read{from.id("self"), {}};
  for (const std::string_view item : from.items("nodes")) {
    if (json::kind_of(item) != json::kind::object) return std::nullopt;
    json::object_reader one(item);
    const std::uint64_t id = one.id("id");
    std::string name = one.text("name");
    if (!one.is_good() || !is_node(id) || !is_node_name(name)) return std::nullopt;
    read.all.emplace(id, std::move(name));
  }
  const bool has_self = read.all.empty() || read.all.count(read.self) != 0;
  if (!from.is_good() || !is_node(read.self) || !has_self) return std::nullopt;
  return read;
}

}  // namespace downbeat
