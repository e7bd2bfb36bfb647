#pragma once

#include "replay/player.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace downbeat {

/// One server behind an interface of text in and text out, for other languages. exports.cpp is a
/// thin layer over this class, which is tested natively.
///
/// Every call returns whether it succeeded. Afterwards `result` is the result, or an error message.
class bridge {
 public:
  /// Creates the server. The options are JSON as in `jam::read_options`.
  bool create(std::string_view options_json);

  /// Handles one input. The result is the outputs that follow, one in a line; see
  /// `replay::player::step`.
  bool step(std::string_view input_line);

  /// Applies the appends of a journal to the state of a room. The first line is the state as
  /// `session::write_snapshot` writes it, or empty; each further one is the events of an append.
  /// The result is the state after them, empty if the room has ended. Needs no server.
  bool evolve(std::string_view lines);

  /// The result is the server's state as JSON.
  bool snapshot();

  /// The result is the server's metrics as a JSON object.
  bool measure();

  [[nodiscard]] const std::string& result() const { return result_; }

 private:
  std::unique_ptr<replay::player> player_;
  std::string result_;
};

/// Replays a whole trace. Returns a JSON object with what the replay found.
std::string replay_json(std::string_view trace);

}  // namespace downbeat
