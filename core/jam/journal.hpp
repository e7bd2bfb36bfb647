#pragma once

#include "session/command.hpp"
#include "shard.hpp"
#include "socketio/socket.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam {

/// A session command, and who waits for its outcome.
struct entry {
  session::any_command command;
  socketio::socket_number caller;       ///< the socket, which may be gone by the time of commit
  std::string_view event;               ///< the event that brought the command, a constant
  std::optional<std::uint64_t> ack_id;  ///< to acknowledge that event with, if it asks for that
  shard_index asker = 0;                ///< who asked for a seat
  std::optional<std::int64_t> price =
      std::nullopt;  ///< what another shard says a failure counts for
};

/// The order in which commands take effect. A command is appended, and applied once it is
/// committed; here that is at once. A journal that is durable or shared commits later, and nothing
/// else changes for that.
class journal {
 public:
  void append(entry e) { committed_.push_back(std::move(e)); }

  /// The next entry to apply, or nothing.
  std::optional<entry> next_committed() {
    if (next_ == committed_.size()) return std::nullopt;
    entry e = std::move(committed_[next_++]);
    if (next_ == committed_.size()) {
      committed_.clear();
      next_ = 0;
    }
    return e;
  }

 private:
  std::vector<entry> committed_;  ///< whose memory is kept
  std::size_t next_ = 0;
};

}  // namespace downbeat::jam
