// A replay finds every difference that is planted in a trace, and says where.

#include "replay/header.hpp"
#include "replay/player.hpp"
#include "replay/run.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::replay {
namespace {

using lines = std::vector<std::string>;

std::string joined(const lines& all) {
  std::string text;
  for (const std::string& line : all) text.append(line) += '\n';
  return text;
}

void append_outputs(lines& to, player& by, const std::string& input) {
  to.push_back(input);
  auto stepped = by.step(input);
  REQUIRE(std::holds_alternative<std::string>(stepped));
  std::string outputs = std::get<std::string>(std::move(stepped)) + '\n';
  while (!outputs.empty()) {
    to.push_back(outputs.substr(0, outputs.find('\n')));
    outputs.erase(0, outputs.find('\n') + 1);
  }
}

std::string websocket(int number) {
  return "0 > websocket " + std::to_string(number) +
         R"( {"query":"EIO=4&transport=websocket","entropy":")" +
         std::string(128, static_cast<char>('a' + number)) + "\"}";
}

/// A trace as it was recorded: two connect, and one creates a session.
lines recorded() {
  lines all = {write_header({}), "# Two connect.", ""};
  player by(jam::options{});
  append_outputs(all, by, websocket(1));
  append_outputs(all, by, "10 > text 1 \"40\"");
  append_outputs(all, by, websocket(2).replace(0, 1, "20"));
  append_outputs(all, by, "20 > text 2 \"40\"");
  append_outputs(all, by, R"(30 > text 1 "42[\"session:create\",{\"name\":\"Ada\"}]")");
  append_outputs(all, by, "25000 > deadline");
  return all;
}

std::string difference_in(const lines& trace) {
  return run(joined(trace)).difference;
}

/// The number of the first line that begins like this, counted from one.
std::size_t line_of(const lines& trace, const std::string& begin) {
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (trace[i].rfind(begin, 0) == 0) return i + 1;
  }
  FAIL("no line begins with " << begin);
  return 0;
}

std::string at(std::size_t number) {
  return "line " + std::to_string(number) + ": ";
}

}  // namespace

TEST_CASE("a trace agrees with the engine that it was taken from") {
  const replay_result found = run(joined(recorded()));
  CHECK(found.difference.empty());
  CHECK(found.inputs == 6);
  CHECK(found.outputs == 17);
}

TEST_CASE("a trace need not end with an end of line") {
  std::string trace = joined(recorded());
  trace.pop_back();
  CHECK(run(trace).difference.empty());
}

TEST_CASE("a trace of inputs alone agrees with everything, and has the same digest") {
  lines inputs;
  for (const std::string& line : recorded()) {
    if (line.find(" < ") == std::string::npos) inputs.push_back(line);
  }
  const replay_result all = run(joined(recorded()));
  const replay_result bare = run(joined(inputs));
  CHECK(bare.difference.empty());
  CHECK(bare.inputs == all.inputs);
  CHECK(bare.outputs == all.outputs);
  CHECK(bare.digest == all.digest);
}

TEST_CASE("every output that is missing is found") {
  const lines whole = recorded();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].find(" < ") == std::string::npos) continue;
    CAPTURE(whole[i]);
    lines trace = whole;
    trace.erase(trace.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string difference = difference_in(trace);
    // The line that took its place is where they part.
    CHECK(difference.rfind(at(i + 1), 0) == 0);
    CHECK(difference.find("\n  " + whole[i]) != std::string::npos);
  }
}

TEST_CASE("every output that is too many is found") {
  const lines whole = recorded();
  for (std::size_t i = 3; i < whole.size(); ++i) {
    CAPTURE(whole[i]);
    lines trace = whole;
    trace.insert(trace.begin() + static_cast<std::ptrdiff_t>(i) + 1, "7 < cut 9");
    const std::string difference = difference_in(trace);
    CHECK(difference.rfind(at(i + 2) + "the trace says\n  7 < cut 9\nbut the engine's output ",
                           0) == 0);
  }
}

TEST_CASE("every output that is changed is found, down to the last byte") {
  const lines whole = recorded();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].find(" < ") == std::string::npos) continue;
    lines trace = whole;
    SECTION("its last byte is another, line " + std::to_string(i + 1)) {
      trace[i].back() = trace[i].back() == '0' ? '1' : '0';
      CHECK(difference_in(trace) == at(i + 1) + "the trace says\n  " + trace[i] +
                                        "\nbut the engine's output is\n  " + whole[i]);
    }
    SECTION("it has a byte more, line " + std::to_string(i + 1)) {
      trace[i] += ' ';
      CHECK(difference_in(trace).rfind(at(i + 1), 0) == 0);
    }
    SECTION("its time is another, line " + std::to_string(i + 1)) {
      trace[i].insert(0, 1, '1');
      CHECK(difference_in(trace).rfind(at(i + 1), 0) == 0);
    }
  }
}

TEST_CASE("outputs that have changed places are found") {
  lines trace = recorded();
  const std::size_t accept = line_of(trace, "0 < accept 1");
  std::swap(trace[accept - 1], trace[accept]);
  CHECK(difference_in(trace).rfind(at(accept), 0) == 0);
}

TEST_CASE("an input that is changed shows in the outputs") {
  lines trace = recorded();
  const std::size_t input = line_of(trace, "30 > text 1");
  trace[input - 1] = R"(30 > text 1 "42[\"session:create\",{\"name\":\"Bob\"}]")";
  // The code is drawn from the same entropy; what differs is the line for the operator.
  CHECK(difference_in(trace).rfind(at(line_of(trace, "30 < report")), 0) == 0);
}

TEST_CASE("other options show in the outputs") {
  lines trace = recorded();
  trace[0] = R"(downbeat trace 2 {"pingInterval":24999})";
  CHECK(difference_in(trace).rfind(at(line_of(trace, "0 < send 1")), 0) == 0);
}

TEST_CASE("an output before the first input is too many") {
  CHECK(difference_in({write_header({}), "0 < wait"}) ==
        "line 2: the trace says\n  0 < wait\nbut the engine's output ends there");
}

TEST_CASE("a trace that ends too early says where") {
  lines trace = recorded();
  trace.pop_back();
  CHECK(difference_in(trace).rfind(
            at(trace.size() + 1) + "the trace ends before the engine's output\n  25000 < wait",
            0) == 0);
}

TEST_CASE("a trace that is cut off anywhere says so, and is not taken for another story") {
  const std::string whole = joined(recorded());
  // Until the first output shows, it may be a trace of inputs alone.
  const std::size_t first_output = whole.find("0 < ");
  const replay_result all = run(whole);
  CHECK(all.cut_off_line == 0);
  std::int64_t inputs = 0;
  for (std::size_t size = first_output + 5; size < whole.size() - 1; ++size) {
    CAPTURE(size, whole.substr(size - 1, 20));
    const replay_result found = run(std::string_view(whole).substr(0, size));
    // Between the last order of an input and the next input, nothing is missing.
    const std::string next = whole.substr(size, whole.find('\n', size) - size);
    const bool is_between = whole[size - 1] == '\n' && next.find(" > ") != std::string::npos;
    const bool is_before_end = whole[size] == '\n' && found.difference.empty();
    if (!is_between && !is_before_end) CHECK(found.cut_off_line > 0);
    CHECK(found.inputs >= inputs);
    inputs = found.inputs;
  }
  CHECK(inputs == all.inputs);
}

TEST_CASE("a trace that was changed is not one that was cut off") {
  std::string trace = joined(recorded());
  trace.resize(trace.size() - 2);
  trace.back() = '!';
  const replay_result found = run(trace);
  CHECK_FALSE(found.difference.empty());
  CHECK(found.cut_off_line == 0);
}

TEST_CASE("lines that cannot be read are reported with their numbers") {
  const std::string header = write_header({});
  CHECK(difference_in({"nonsense"}) == "line 1: a trace must begin with: downbeat trace 2");
  CHECK(difference_in({}) == "line 1: a trace must begin with: downbeat trace 2");
  CHECK(difference_in({"downbeat trace 2 {"}) == "line 1: options must be JSON");
  CHECK(difference_in({header, "# remark", "", "hello"}) ==
        "line 4: a line must begin with a time in milliseconds");
  CHECK(difference_in({header, "5 > sing 1"}) ==
        "line 2: unknown input, or its argument is wrong: sing");
  CHECK(difference_in({header, "5 > deadline", "4 > deadline"}) == "line 3: time must not go back");
}

TEST_CASE("nothing is replayed after a difference") {
  const replay_result found =
      run(joined({write_header({}), "5 > deadline", "4 > deadline", "6 > deadline"}));
  CHECK(found.inputs == 1);
  CHECK(found.outputs == 1);
}

TEST_CASE("digests distinguish outputs") {
  const std::string header = write_header({});
  const auto digest_of = [&](const std::string& input) {
    return run(joined({header, input})).digest;
  };
  CHECK(digest_of("5 > deadline") == digest_of("5 > closed 1"));
  CHECK(digest_of("5 > deadline") != digest_of("6 > deadline"));
  CHECK(digest_of("0 > deadline") != digest_of(websocket(1)));
}

}  // namespace downbeat::replay
