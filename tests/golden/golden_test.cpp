// Every trace in this folder, replayed to the byte; natively and in WebAssembly it is the same
// test. tests/golden/README.md says how to read the traces, and how to add one.

#include "golden/difference.hpp"
#include "golden/files.hpp"
#include "golden/lines.hpp"
#include "golden/story.hpp"
#include "replay/run.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace golden = downbeat::golden;

namespace {

const std::string folder = DOWNBEAT_GOLDEN_FOLDER;

std::int64_t count_outputs(std::string_view trace) {
  std::int64_t count = 0;
  for (; !trace.empty(); golden::take_line(trace)) {
    const auto space = trace.find(' ');
    if (space != std::string_view::npos && trace.substr(space, 3) == " < ") ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("golden traces replay to the byte") {
  const auto names = golden::names_in(folder, ".trace");
  REQUIRE(names.size() > 50);
  for (const std::string& name : names) {
    DYNAMIC_SECTION(name) {
      const auto trace = golden::read_file(folder + '/' + name + ".trace");
      REQUIRE(trace);
      const auto found = downbeat::replay::run(*trace);
      INFO("tests/golden/" << name << ".trace, " << found.difference);
      CHECK(found.difference.empty());
      // A replay lets an input pass whose outputs the trace does not show. Here all are shown.
      CHECK(found.outputs == count_outputs(*trace));
      CHECK(found.inputs > 0);
    }
  }
}

TEST_CASE("golden traces are their stories, filled in") {
  const auto names = golden::names_in(golden::story_folder(folder), ".story");
  CHECK(names == golden::names_in(folder, ".trace"));
  for (const std::string& name : names) {
    DYNAMIC_SECTION(name) {
      const auto story = golden::read_file(golden::story_folder(folder) + '/' + name + ".story");
      const auto trace = golden::read_file(folder + '/' + name + ".trace");
      REQUIRE(story);
      REQUIRE(trace);
      const golden::filled result = golden::fill(*story);
      INFO("tests/golden/stories/" << name << ".story, " << result.problem);
      CHECK(result.problem.empty());
      INFO("If the change is meant: tests/golden/fill "
           << name << '\n'
           << golden::difference(*trace, result.trace));
      CHECK(golden::difference(*trace, result.trace).empty());
    }
  }
}
