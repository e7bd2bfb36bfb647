#include "text/address_block.hpp"

#include <cstddef>
#include <vector>

namespace downbeat {
namespace {

constexpr std::size_t groups_of_an_address = 8;
constexpr std::size_t groups_of_a_block = 4;

std::vector<std::string_view> split_groups(std::string_view text) {
  std::vector<std::string_view> groups;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    groups.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  return groups;
}

}  // namespace

std::string address_block(std::string_view address) {
  if (address.find(':') == std::string_view::npos || address.find('.') != std::string_view::npos) {
    return std::string(address);
  }
  const std::size_t gap = address.find("::");
  std::vector<std::string_view> groups = split_groups(address.substr(0, gap));
  if (gap != std::string_view::npos) {
    const auto rest = split_groups(address.substr(gap + 2));
    while (groups.size() + rest.size() < groups_of_an_address) groups.emplace_back("0");
    groups.insert(groups.end(), rest.begin(), rest.end());
  }
  if (groups.size() != groups_of_an_address) return std::string(address);
  std::string block;
  for (std::size_t i = 0; i < groups_of_a_block; ++i) block.append(groups[i]).append(":");
  return block + ":/64";
}

}  // namespace downbeat
