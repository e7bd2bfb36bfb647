// A slow or stalled reader of the log blocks nobody; missing lines are counted and logged.
#include "log/logger.hpp"

#include "host/in_child.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace downbeat;
using namespace downbeat::host;
using namespace std::chrono_literals;

namespace {

constexpr auto long_enough = 30s;

// A log in a child process, and the reading end of its standard output.
class log_of_child {
 public:
  template <class Function>
  log_of_child(log_level least, log_format format, Function what) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    child_ = test::begin_in_child([&] {
      close(ends[0]);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[1]);
      std::signal(SIGPIPE, SIG_IGN);
      logger log(least, format);
      return what(log);
    });
    close(ends[1]);
    output_ = ends[0];
  }
  log_of_child(const log_of_child&) = delete;
  log_of_child& operator=(const log_of_child&) = delete;
  ~log_of_child() { stop_reading(); }

  /// The rest of its output.
  std::string read_all() {
    std::string text;
    char buffer[4096];
    for (;;) {
      const ssize_t got = read(output_, buffer, sizeof buffer);
      if (got <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(got));
    }
  }

  void stop_reading() {
    if (output_ >= 0) close(output_);
    output_ = -1;
  }

  int code() const { return test::code_of_child(child_); }

 private:
  pid_t child_ = -1;
  int output_ = -1;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

void write_numbers(logger& log, int from, int to) {
  for (int i = from; i < to; ++i)
    log.write(log_level::info, "line", {{"number", std::to_string(i)}});
}

}  // namespace

TEST_CASE("lines come in order, with the time and the level as --log-level has it") {
  log_of_child log(log_level::info, log_format::text, [](logger& to) {
    to.write(log_level::debug, "not this");
    to.write(log_level::warn, "first", {{"why", "a b"}});
    to.announce("as it is");
    write_numbers(to, 0, 1'000);
    return to.finish(long_enough) && to.dropped() == 0 ? 0 : 1;
  });
  const auto lines = lines_of(log.read_all());
  CHECK(log.code() == 0);
  REQUIRE(lines.size() == 1'002);
  using Catch::Matchers::Matches;
  CHECK_THAT(lines[0], Matches("....-..-.. ..:..:..\\.... warn    first why=\"a b\""));
  CHECK(lines[1] == "as it is");
  for (int i = 0; i < 1'000; ++i) {
    const std::string& line = lines[static_cast<std::size_t>(i) + 2];
    CHECK(line.substr(24) == "info    line number=" + std::to_string(i));
  }
}

TEST_CASE("a log that is off says only what is announced") {
  log_of_child log(log_level::off, log_format::json, [](logger& to) {
    to.write(log_level::error, "not this");
    to.announce("ready");
    return to.finish(long_enough) ? 0 : 1;
  });
  CHECK(log.read_all() == "ready\n");
  CHECK(log.code() == 0);
}

TEST_CASE("of lines that nobody takes the latest are kept, and a line says how many are missing") {
  constexpr int all = 60'000;
  constexpr int most_waiting = 4'096;
  int told[2];
  int go_on[2];
  REQUIRE(pipe(told) == 0);
  REQUIRE(pipe(go_on) == 0);
  log_of_child log(log_level::info, log_format::json, [&](logger& to) {
    write_numbers(to, 0, all);
    if (to.finish(1ms)) return 1;  // nobody reads yet
    const std::uint64_t dropped = to.dropped();
    if (write(told[1], &dropped, sizeof dropped) != sizeof dropped) return 2;
    char go = 0;
    if (read(go_on[0], &go, 1) != 1) return 3;
    if (!to.finish(long_enough)) return 4;
    write_numbers(to, all, all + 1);
    return to.finish(long_enough) ? 0 : 5;
  });
  std::uint64_t dropped = 0;
  REQUIRE(read(told[0], &dropped, sizeof dropped) == sizeof dropped);
  REQUIRE(write(go_on[1], "g", 1) == 1);
  const auto lines = lines_of(log.read_all());
  CHECK(log.code() == 0);
  for (const int end : {told[0], told[1], go_on[0], go_on[1]}) close(end);

  int written = 0;
  int missing = 0;  // before the last line
  int said_to_be_missing = 0;
  int said_before_last_line = 0;
  int in_a_row = 0;
  for (const std::string& line : lines) {
    const auto record = nlohmann::json::parse(line);
    const std::string event = record["event"];
    if (event != "line") {
      CHECK(event.find(" lines of the log were dropped") != std::string::npos);
      CHECK(record["level"] == "warn");
      said_to_be_missing += std::stoi(event);
      continue;
    }
    const int missing_now = std::stoi(record["number"].get<std::string>()) - written;
    ++written;
    in_a_row = missing_now == missing ? in_a_row + 1 : 1;
    // What is missing is said in time, and at most one line too early.
    CHECK(missing_now <= said_to_be_missing);
    CHECK(missing_now >= said_before_last_line);
    missing = missing_now;
    said_before_last_line = said_to_be_missing;
  }
  CHECK(written + missing == all + 1);
  CHECK(in_a_row >= most_waiting + 1);
  CHECK(missing > 0);
  CHECK(missing == said_to_be_missing);
  CHECK(static_cast<std::uint64_t>(missing) == dropped);
}

TEST_CASE("a line has a limit, whatever a client has written") {
  std::string forgery = "\"\n\x1b";
  while (forgery.size() < 100'000) forgery += forgery;
  for (const log_format format : {log_format::text, log_format::json}) {
    log_of_child log(log_level::info, format, [&](logger& to) {
      to.write(log_level::info, "said", {{"name", forgery}, {"reason", "short"}});
      to.write(log_level::info, "said", {{"name", std::string(2'000, 'a')}});
      return to.finish(long_enough) ? 0 : 1;
    });
    const auto lines = lines_of(log.read_all());
    CHECK(log.code() == 0);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() > 1'000);
    CHECK(lines[0].size() < 4'200);
    CHECK_THAT(lines[0], Catch::Matchers::Contains("short"));
    CHECK_THAT(lines[1], Catch::Matchers::Contains(std::string(2'000, 'a')));
    if (format == log_format::text) {
      CHECK_THAT(lines[0], Catch::Matchers::Contains("…\" reason=short"));
    } else {
      const std::string name = nlohmann::json::parse(lines[0])["name"];
      CHECK_THAT(name, Catch::Matchers::EndsWith("…"));
      CHECK(forgery.compare(0, name.size() - 3, name, 0, name.size() - 3) == 0);
    }
  }
}

TEST_CASE("a log that cannot be written is not waited for, and says later what is missing") {
  log_of_child log(log_level::info, log_format::text, [](logger& to) {
    const int output = dup(STDOUT_FILENO);
    write_numbers(to, 0, 10);
    if (!to.finish(long_enough)) return 1;
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    // However many lines are written at once.
    write_numbers(to, 10, 15);
    if (!to.finish(long_enough)) return 2;
    write_numbers(to, 15, 20);
    if (!to.finish(long_enough)) return 3;
    if (to.dropped() != 10) return 4;
    dup2(output, STDOUT_FILENO);
    write_numbers(to, 20, 21);
    if (!to.finish(long_enough)) return 5;
    return to.dropped() == 10 ? 0 : 6;
  });
  const auto lines = lines_of(log.read_all());
  CHECK(log.code() == 0);
  REQUIRE(lines.size() == 12);
  CHECK_THAT(lines[10], Catch::Matchers::Contains(" warn    10 lines of the log were dropped"));
  CHECK_THAT(lines[11], Catch::Matchers::EndsWith("line number=20"));
}

TEST_CASE("a reader of the log that goes away takes nobody with it") {
  int go_on[2];
  REQUIRE(pipe(go_on) == 0);
  log_of_child log(log_level::info, log_format::text, [&](logger& to) {
    char go = 0;
    if (read(go_on[0], &go, 1) != 1) return 1;
    write_numbers(to, 0, 10);
    return to.finish(long_enough) && to.dropped() == 10 ? 0 : 2;
  });
  log.stop_reading();
  REQUIRE(write(go_on[1], "g", 1) == 1);
  CHECK(log.code() == 0);
  close(go_on[0]);
  close(go_on[1]);
}

TEST_CASE("threads that share a log keep the order of their own lines") {
  log_of_child log(log_level::info, log_format::text, [](logger& to) {
    std::vector<std::thread> threads;
    for (int which = 0; which < 4; ++which) {
      threads.emplace_back([&to, which] {
        for (int i = 0; i < 500; ++i) {
          to.write(log_level::info, "line",
                   {{"thread", std::to_string(which)}, {"number", std::to_string(i)}});
        }
      });
    }
    for (std::thread& one : threads) one.join();
    return to.finish(long_enough) ? 0 : 1;
  });
  const auto lines = lines_of(log.read_all());
  CHECK(log.code() == 0);
  REQUIRE(lines.size() == 2'000);
  std::vector<int> next(4, 0);
  for (const std::string& line : lines) {
    const std::size_t which = static_cast<std::size_t>(line[line.find("thread=") + 7] - '0');
    REQUIRE(which < next.size());
    CHECK(line.substr(line.find("number=")) == "number=" + std::to_string(next[which]++));
  }
}
