#pragma once

#include "trace/player.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace downbeat {

/// One server as the other side of a language boundary sees it: text in, text out. The export
/// file is a thin layer over this class, which is tested natively.
///
/// Every call says whether it succeeded and leaves its outcome in `result`: what was asked for, or
/// in words why not.
class bridge {
 public:
  /// Makes the server, from options as `jam::read_options` takes them.
  bool create(std::string_view options_json);

  /// Handles one fact. The result is the orders that follow, in lines; see `trace::player::step`.
  bool step(std::string_view fact_line);

  /// The result is the state of the server as JSON.
  bool snapshot();

  /// The result is what the server counts, as a JSON object.
  bool measure();

  [[nodiscard]] const std::string& result() const { return result_; }

 private:
  std::unique_ptr<trace::player> player_;
  std::string result_;
};

/// Replays a whole trace; the result is a JSON object of what the replay found.
std::string replay_json(std::string_view trace);

}  // namespace downbeat
