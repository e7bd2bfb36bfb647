// A recording that can no longer be written ends with a log line, and what has been written
// replays.
#include "driver/recorder.hpp"

#include "cli/files.hpp"
#include "host/in_child.hpp"
#include "host/temporary_folder.hpp"
#include "jam/make_engine.hpp"
#include "replay/header.hpp"
#include "replay/redact.hpp"
#include "replay/run.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <variant>

using namespace downbeat;
using namespace downbeat::host;

namespace {

// Records as the driver of an engine does.
void record(recorder& to, int polls) {
  const auto core = jam::make_engine(jam::options{});
  for (int i = 1; i <= polls; ++i) {
    input::request_received asked{static_cast<request_id>(i), http_method::get, {}, {}};
    asked.head.query = "EIO=4&transport=polling";
    asked.fresh.fill(static_cast<std::uint8_t>(i));
    to.write(i, asked);
    to.flush();
    core->handle(i, asked);
    for (;;) {
      const output::any output = core->poll_output();
      to.write(i, output);
      if (std::holds_alternative<output::wait_until>(output)) break;
    }
    to.flush();
  }
}

std::string recorded_in(const std::string& file) {
  return std::get<std::string>(read_recording(file));
}

}  // namespace

TEST_CASE("a recording that could be written to its end is whole") {
  const test::temporary_folder folder;
  const std::string file = (folder.path() / "jam.trace").string();
  {
    recorder to(file, replay::write_header({}));
    record(to, 5);
  }
  const auto found = replay::run(recorded_in(file));
  CHECK(found.difference.empty());
  CHECK(found.inputs == 5);
  CHECK(found.cut_off_line == 0);
  struct stat inputs {};
  REQUIRE(stat(file.c_str(), &inputs) == 0);
  CHECK((inputs.st_mode & 0777) == 0600);
  CHECK_THROWS_AS(recorder(file, "again"), std::runtime_error);
}

TEST_CASE("a recording that reaches a limit ends there, is logged once, and replays up to there") {
  const std::string header = replay::write_header({});
  // Wherever in a line that is.
  for (rlim_t more = 1; more < 700; more += 37) {
    CAPTURE(more);
    const test::temporary_folder folder;
    const std::string file = (folder.path() / "jam.trace").string();
    const int code = test::code_of_child(test::begin_in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{header.size() + more, header.size() + more};
      if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 50;
      int told = 0;
      recorder to(file, header);
      to.on_failure([&](std::string_view why) { told += why == "File too large" ? 1 : 60; });
      record(to, 20);
      return told;
    }));
    CHECK(code == 1);
    const std::string text = recorded_in(file);
    CHECK(text.size() == header.size() + more);
    const auto found = replay::run(text);
    CHECK((found.difference.empty() || found.cut_off_line > 0));
    CHECK(std::holds_alternative<std::string>(replay::redact(text, 7)));
  }
}

TEST_CASE("a recording that cannot begin is refused with the reason") {
  const test::temporary_folder folder;
  const std::string file = (folder.path() / "jam.trace").string();
  const int code = test::code_of_child(test::begin_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, 10};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 50;
    try {
      recorder to(file, replay::write_header({}));
      return 1;
    } catch (const std::runtime_error& error) {
      return std::string(error.what()) == "cannot record to " + file + ": File too large" ? 0 : 2;
    }
  }));
  CHECK(code == 0);
  CHECK_THROWS_AS(recorder("/no/such/folder/jam.trace", "header"), std::runtime_error);
  CHECK_THROWS_AS(recorder(folder.path().string(), "header"), std::runtime_error);
}
