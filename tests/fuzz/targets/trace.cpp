// Lines of a trace, which anybody may have written: the engine takes them or says why not, what it
// took can be written and replayed to the same bytes, and redacted.

#include "fuzz/fuzz.hpp"
#include "jam/redact.hpp"
#include "json/text.hpp"
#include "text/utf8.hpp"
#include "trace/blank.hpp"
#include "trace/fact.hpp"
#include "trace/lines.hpp"
#include "trace/player.hpp"
#include "trace/quote.hpp"

#include <string>
#include <variant>

using namespace downbeat;
using fuzz::must;

namespace {

void check_quoting(std::string_view bytes) {
  std::string quoted;
  trace::append_bytes(quoted, bytes);
  must(json::check(quoted).has_value(), "quoted bytes are JSON");
  must(trace::read_bytes(quoted) == bytes, "quoted bytes are read as they were");
  if (!utf8::is_valid(bytes)) return;
  const std::string blanked = trace::blank_text(bytes);
  must(utf8::is_valid(blanked), "blanked text is UTF-8");
  must(trace::blank_text(blanked) == blanked, "nothing is left to blank out");
}

/// What the lines and the engine's orders make of a trace; empty if no line was a fact.
std::string play(std::string_view lines, const jam::options& options) {
  trace::player player(options);
  std::string kept;
  while (!lines.empty()) {
    const std::string_view line = trace::take_line(lines);
    if (trace::is_remark(line) || trace::is_order(line)) continue;
    const auto fact = trace::read_fact(line);
    const auto stepped = player.step(line);
    const auto* orders = std::get_if<std::string>(&stepped);
    if (orders == nullptr) {
      must(!std::get<trace::unreadable>(stepped).why.empty(), "a refusal has a reason");
      continue;
    }
    const auto& read = std::get<trace::recorded_fact>(fact);
    const std::string written = trace::write_fact(read.now, read.fact);
    kept += written + '\n' + *orders + '\n';
  }
  return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_quoting(text);
  (void)trace::replay(text);

  std::string_view lines = text;
  const auto header = trace::read_header(trace::take_line(lines));
  const auto* options = std::get_if<jam::options>(&header);
  const std::string kept =
      play(options == nullptr ? text : lines, options == nullptr ? jam::options() : *options);
  const std::string whole =
      trace::write_header(options == nullptr ? jam::options() : *options) + '\n' + kept;
  const auto replayed = trace::replay(whole);
  must(replayed.difference.empty(), replayed.difference);

  const auto redacted = jam::redact(whole, 7);
  const auto* shareable = std::get_if<std::string>(&redacted);
  must(shareable != nullptr, "what can be replayed can be redacted");
  const auto again = trace::replay(*shareable);
  must(again.difference.empty(), again.difference);
  must(again.facts == replayed.facts, "a redacted trace tells as much");
  return 0;
}
