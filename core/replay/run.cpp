#include "replay/run.hpp"

#include "replay/header.hpp"
#include "replay/player.hpp"
#include "text/fnv1a.hpp"
#include "trace/lines.hpp"

#include <utility>
#include <variant>

namespace downbeat::replay {

namespace {

/// Removes the first trace of a text and returns it: up to the next header.
std::string_view take_trace(std::string_view& text) {
  std::string_view rest = text;
  trace::take_line(rest);
  while (!rest.empty() && !is_header(rest)) trace::take_line(rest);
  const std::string_view first = text.substr(0, text.size() - rest.size());
  text = rest;
  return first;
}

/// Replays one trace. `first` is the number of its first line; returns the number after its last.
std::int64_t run_one(std::string_view trace, std::int64_t first, replay_result& result,
                     fnv1a& all) {
  auto read = read_header(trace::take_line(trace));
  if (auto* why = std::get_if<trace::unreadable>(&read)) {
    result.difference = "line " + std::to_string(first) + ": " + why->why;
    return first;
  }
  const auto& [options, here] = std::get<header>(read);
  player engine(options, here);

  std::string given;
  std::string_view expected;   // the rest of `given`
  bool has_outputs = false;    // whether the trace has outputs of the last input
  bool shows_outputs = false;  // whether the trace has outputs at all
  const auto differ = [&](std::int64_t number, std::string why) {
    result.difference = "line " + std::to_string(number) + ": " + std::move(why);
  };

  std::int64_t number = first + 1;
  for (; !trace.empty() && result.difference.empty(); ++number) {
    const bool is_ended = trace.find('\n') != std::string_view::npos;
    const std::string_view line = trace::take_line(trace);
    if (trace::is_remark(line)) continue;
    if (trace::is_output(line)) {
      has_outputs = shows_outputs = true;
      const std::string_view is = trace::take_line(expected);
      if (line == is) continue;
      if (!is_ended && is.substr(0, line.size()) == line) result.cut_off_line = number;
      differ(number, "the trace says\n  " + std::string(line) +
                         (is.empty() ? "\nbut the engine's output ends there"
                                     : "\nbut the engine's output is\n  " + std::string(is)));
      continue;
    }
    // An incomplete input may look like another one (`closed 12` cut to `closed 1`), and the first
    // bytes of an output look like an input. So a last line that is cut off is not replayed.
    const bool is_next = has_outputs && expected.substr(0, line.size()) == line;
    if (!is_ended && shows_outputs && (expected.empty() || !has_outputs || is_next)) {
      result.cut_off_line = number;
      differ(number, "the trace ends in the middle of a line");
      break;
    }
    if (has_outputs && !expected.empty()) {
      differ(number,
             "the engine also has the output\n  " + std::string(trace::take_line(expected)));
      break;
    }
    auto stepped = engine.step(line);
    if (auto* why = std::get_if<trace::unreadable>(&stepped)) {
      if (!is_ended) result.cut_off_line = number;
      differ(number, why->why);
      break;
    }
    given = std::get<std::string>(std::move(stepped));
    expected = given;
    has_outputs = false;
    ++result.inputs;
    for (std::string_view rest = given; !rest.empty(); trace::take_line(rest)) ++result.outputs;
    all.add(given);
    all.add("\n");
  }
  if (result.difference.empty() && shows_outputs && !expected.empty()) result.cut_off_line = number;
  if (result.difference.empty() && has_outputs && !expected.empty()) {
    differ(number, "the trace ends before the engine's output\n  " +
                       std::string(trace::take_line(expected)));
  }
  return number;
}

}  // namespace

replay_result run(std::string_view text) {
  replay_result result;
  fnv1a all;
  std::int64_t number = 1;
  do {
    replay_result one;
    number = run_one(take_trace(text), number, one, all);
    ++result.traces;
    result.inputs += one.inputs;
    result.outputs += one.outputs;
    if (one.difference.empty() && one.cut_off_line == 0) continue;
    // Continue behind a trace with a cut end, for example after a crash.
    result.difference = std::move(one.difference);
    result.cut_off_line = one.cut_off_line;
    if (one.cut_off_line == 0) break;
  } while (!text.empty());
  result.digest = all.value();
  return result;
}

}  // namespace downbeat::replay
