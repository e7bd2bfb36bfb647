// Lines of a trace with any content: the engine accepts them or says why not. What it accepts can
// be written, replayed to the same bytes, and redacted.

#include "fuzz/fuzz.hpp"
#include "json/bytes.hpp"
#include "json/text.hpp"
#include "replay/header.hpp"
#include "replay/player.hpp"
#include "replay/redact.hpp"
#include "replay/run.hpp"
#include "text/utf8.hpp"
#include "trace/blank.hpp"
#include "trace/input_line.hpp"
#include "trace/lines.hpp"

#include <string>
#include <variant>

using namespace downbeat;
using fuzz::must;

namespace {

void check_quoting(std::string_view bytes) {
  std::string quoted;
  json::append_bytes(quoted, bytes);
  must(json::check(quoted).has_value(), "quoted bytes are JSON");
  must(json::read_bytes(quoted) == bytes, "quoted bytes are read as they were");
  if (!utf8::is_valid(bytes)) return;
  const std::string blanked = trace::blank_text(bytes);
  must(utf8::is_valid(blanked), "blanked text is UTF-8");
  must(trace::blank_text(blanked) == blanked, "nothing is left to blank out");
}

/// The trace that follows from the lines; empty if no line was an input.
std::string play(std::string_view lines, const replay::header& of) {
  replay::player player(of.options, of.here);
  std::string kept;
  while (!lines.empty()) {
    const std::string_view line = trace::take_line(lines);
    if (trace::is_remark(line) || trace::is_output(line)) continue;
    const auto input = trace::read_input(line);
    const auto stepped = player.step(line);
    const auto* outputs = std::get_if<std::string>(&stepped);
    if (outputs == nullptr) {
      must(!std::get<trace::unreadable>(stepped).why.empty(), "a refusal has a reason");
      continue;
    }
    const auto& read = std::get<trace::recorded_input>(input);
    const std::string written = trace::write_input(read.now, read.input);
    kept += written + '\n' + *outputs + '\n';
  }
  return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_quoting(text);
  (void)replay::run(text);

  std::string_view lines = text;
  const auto header = replay::read_header(trace::take_line(lines));
  const auto* const given = std::get_if<replay::header>(&header);
  const replay::header of = given == nullptr ? replay::header() : *given;
  const std::string kept = play(given == nullptr ? text : lines, of);
  const std::string whole = replay::write_header(of.options, of.here) + '\n' + kept;
  const auto replayed = replay::run(whole);
  must(replayed.difference.empty(), replayed.difference);

  const auto redacted = replay::redact(whole, 7);
  const auto* shareable = std::get_if<std::string>(&redacted);
  must(shareable != nullptr, "what can be replayed can be redacted");
  const auto again = replay::run(*shareable);
  must(again.difference.empty(), again.difference);
  must(again.inputs == replayed.inputs, "a redacted trace tells as much");
  return 0;
}
