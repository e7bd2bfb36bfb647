// When the core gets the wall-clock time: at the start, each minute, and when the clock is set.
#include "driver/wall_watch.hpp"

#include "driver/driver.hpp"
#include "driver/recorder.hpp"
#include "host/temporary_folder.hpp"
#include "io/event_loop.hpp"
#include "jam/make_engine.hpp"
#include "jam/options.hpp"
#include "replay/header.hpp"
#include "replay/run.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace downbeat::host {
namespace {

constexpr std::int64_t noon = 1'764'331'200'000;

/// An event loop's client without any connections.
struct nobody final : event_loop::client {
  void on_ready(std::uint64_t, event_loop::wait_type, const boost::system::error_code&) override {}
  void end_turn() override {}
};

std::string written_to(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int count_of(const std::string& text, const std::string& what) {
  int count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the wall clock is an input first, once a minute, and when it was set") {
  std::int64_t shows = noon;
  wall_watch watch([&] { return shows; });
  const auto at = [&](instant_ms now, std::int64_t wall_ms) {
    shows = wall_ms;
    return watch.look(now);
  };
  CHECK(at(7, noon) == noon);
  CHECK_FALSE(at(7, noon));
  CHECK_FALSE(at(60'006, noon + 59'999));
  CHECK(at(60'007, noon + 60'000) == noon + 60'000);
  CHECK_FALSE(at(90'007, noon + 90'000));
  // Somebody sets the clock an hour ahead, and back.
  CHECK(at(90'008, noon + 3'690'001) == noon + 3'690'001);
  CHECK_FALSE(at(90'009, noon + 3'690'002));
  CHECK(at(90'010, noon + 90'003) == noon + 90'003);
}

TEST_CASE("a wall clock that drifts is an input when its minute has come, and not before") {
  std::int64_t shows = noon;
  wall_watch watch([&] { return shows; });
  CHECK(watch.look(0) == noon);
  shows = noon + 10'999;
  CHECK_FALSE(watch.look(10'000));
  shows = noon + 9'001;
  CHECK_FALSE(watch.look(10'000));
  shows = noon + 11'000;
  CHECK(watch.look(10'000) == noon + 11'000);
}

TEST_CASE("the system's wall clock is read") {
  CHECK(read_wall_clock() > noon);
  CHECK(wall_watch().look(0) > noon);
}

TEST_CASE("the driver gives the core the wall clock before the first input of a turn") {
  const test::temporary_folder folder;
  const std::string file = (folder.path() / "clock.trace").string();
  std::int64_t shows = noon;
  int looks = 0;
  event_loop events;
  driver core(
      events, jam::make_engine(jam::options{}), [](const output::any&) {}, events.now(),
      [&] {
        ++looks;
        return shows;
      });
  core.record(std::make_unique<recorder>(file, replay::write_header({})));

  core.handle(input::deadline_reached{});
  CHECK(core.core().wall_now(core.now()) == noon);
  // The clock is read once in an iteration, however much happens.
  for (int i = 0; i < 10; ++i) core.handle(input::deadline_reached{});
  CHECK(looks == 1);
  // It was set in another iteration.
  nobody peers;
  std::optional<std::int64_t> seen;
  events.post([&] {
    shows = noon + 3'600'000;
    core.handle(input::deadline_reached{});
    seen = core.core().wall_now(core.now());
    events.stop();
  });
  events.run(peers);
  CHECK(looks == 2);
  CHECK(seen == noon + 3'600'000);

  const std::string text = written_to(file);
  CAPTURE(text);
  CHECK(count_of(text, " > clock ") == 2);
  CHECK(text.find("0 > clock 1764331200000\n0 < wait\n0 > deadline\n") != text.npos);
  CHECK(replay::run(text).difference.empty());
}

}  // namespace downbeat::host
