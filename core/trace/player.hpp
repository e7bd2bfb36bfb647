#pragma once

#include "engine.hpp"
#include "jam/options.hpp"
#include "trace/fact.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::trace {

/// The first line of a trace: its version, and the options of the engine that it was taken from.
std::string write_header(const jam::options& options);

/// The options in the first line of a trace.
std::variant<jam::options, unreadable> read_header(std::string_view line);

/// A jam engine that is driven by lines of text: what replays a trace, and what a host on the
/// other side of a language boundary talks to, with one crossing for each step.
class player {
 public:
  explicit player(const jam::options& options);

  /// Lets the engine handle the fact in a line. The result is all that it orders, in lines of
  /// which the last one is `wait`; or, if the line is no fact, or its time is before the last
  /// one's, why not, and nothing has happened.
  std::variant<std::string, unreadable> step(std::string_view line);

  [[nodiscard]] const engine& core() const { return *core_; }

 private:
  std::unique_ptr<engine> core_;
  instant_ms last_ = 0;
};

/// What a replay found.
struct replay_result {
  std::int64_t facts = 0;
  std::int64_t orders = 0;
  std::uint64_t digest = 0;  ///< of all lines that the engine ordered
  /// Where the trace and the engine part, in words with the line's number; empty if they agree.
  std::string difference;
};

/// Feeds a whole trace to a new engine and compares what it orders with what the trace says, line
/// by line. A trace without orders agrees with everything.
replay_result replay(std::string_view trace);

}  // namespace downbeat::trace
