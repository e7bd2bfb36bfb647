#include "cluster/lineages.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace downbeat::cluster {
namespace {

constexpr std::size_t most_lineages = 16;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

std::string_view latest(std::string_view lineages) {
  return lineages.substr(0, lineages.find(' '));
}

bool has_lineage(std::string_view lineages, std::string_view which) {
  const auto all = words_of(lineages);
  return std::find(all.begin(), all.end(), which) != all.end();
}

std::string join_lineages(std::string_view latest, std::string_view own, std::string_view other) {
  std::vector<std::string_view> all = {latest};
  const auto of_own = words_of(own);
  const auto of_other = words_of(other);
  // Alternately, so that the latest ones of both are kept.
  for (std::size_t i = 0; i < std::max(of_own.size(), of_other.size()); ++i) {
    for (const auto* words : {&of_own, &of_other}) {
      if (i >= words->size()) continue;
      if (std::find(all.begin(), all.end(), (*words)[i]) == all.end()) all.push_back((*words)[i]);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), most_lineages); ++i) {
    if (i > 0) text += ' ';
    text += all[i];
  }
  return text;
}

}  // namespace downbeat::cluster
