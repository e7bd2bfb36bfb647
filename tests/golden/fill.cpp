// golden_fill FOLDER [NAME…]
//
// Fills in tests/golden/NAME.trace from tests/golden/stories/NAME.story, all of them by default,
// and says which have changed. ./tests/golden/fill builds and runs it.

#include "golden/files.hpp"
#include "golden/story.hpp"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

int main(int count, char** words) {
  namespace golden = downbeat::golden;
  if (count < 2) {
    std::fprintf(stderr, "usage: golden_fill FOLDER [NAME...]\n");
    return 2;
  }
  const std::string folder = words[1];
  std::vector<std::string> names(words + 2, words + count);
  if (names.empty()) names = golden::names_in(golden::story_folder(folder), ".story");

  int failed = 0;
  for (const std::string& name : names) {
    const std::string from = golden::story_folder(folder) + '/' + name + ".story";
    const std::string to = folder + '/' + name + ".trace";
    const auto story = golden::read_file(from);
    if (!story) {
      std::printf("%s: cannot be read\n", from.c_str());
      ++failed;
      continue;
    }
    const golden::filled result = golden::fill(*story);
    if (!result.problem.empty()) {
      // The trace so far shows what the outputs were.
      std::printf("%s: %s\n", from.c_str(), result.problem.c_str());
      const auto tail = result.trace.size() > 1'500 ? result.trace.size() - 1'500 : 0;
      std::printf("...%s\n", result.trace.substr(tail).c_str());
      ++failed;
      continue;
    }
    if (golden::read_file(to) == result.trace) continue;
    std::ofstream(to, std::ios::binary) << result.trace;
    std::printf("%s: filled in\n", to.c_str());
  }
  return failed == 0 ? 0 : 1;
}
