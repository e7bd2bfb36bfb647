#include "golden/difference.hpp"

#include "golden/lines.hpp"

#include <cstddef>
#include <deque>

namespace downbeat::golden {
namespace {

constexpr std::size_t lines_before = 3;

}  // namespace

std::string difference(std::string_view expected, std::string_view is) {
  if (expected == is) return {};
  std::deque<std::string_view> before;
  for (int number = 1; !expected.empty() || !is.empty(); ++number) {
    const std::string_view one = take_line(expected);
    const std::string_view other = take_line(is);
    if (one == other) {
      before.push_back(one);
      if (before.size() > lines_before) before.pop_front();
      continue;
    }
    std::string words = "line " + std::to_string(number) + " differs:\n";
    for (const std::string_view line : before) words.append("   ").append(line) += '\n';
    return words.append(" - ").append(one).append("\n + ").append(other) += '\n';
  }
  return "only one of them has an end to its last line\n";
}

}  // namespace downbeat::golden
