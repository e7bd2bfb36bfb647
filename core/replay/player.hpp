#pragma once

#include "engine.hpp"
#include "jam/options.hpp"
#include "trace/input_line.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::replay {

/// A jam engine driven by lines of text. Replays use it, and hosts in another language, which need
/// one call per step.
class player {
 public:
  explicit player(const jam::options& options, shard here = {});

  /// Handles the input in a line. Returns the lines of its outputs, the last of which is `wait`.
  /// Returns an error and changes nothing if the line is not a valid input, if its time is before
  /// the last one, or if its message or connection from another shard is invalid.
  std::variant<std::string, trace::unreadable> step(std::string_view line);

  [[nodiscard]] const engine& core() const { return *core_; }
  /// The time of the last input; 0 before the first one.
  [[nodiscard]] instant_ms now() const { return last_; }

 private:
  std::unique_ptr<engine> core_;
  instant_ms last_ = 0;
};

}  // namespace downbeat::replay
