#pragma once

#include "base/frame.hpp"
#include "base/time.hpp"
#include "session/participant.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::jam {

/// What was relayed in a room of late, for clients that come back and have missed some of it.
///
/// An offset says how much of it a client has heard. Clients get it as the last argument of each
/// event of the room, and the client library shows the last one when it connects again.
class replay_ring {
 public:
  struct relayed {
    std::uint64_t position;  ///< 1 for the first event of the ring, and so on
    instant_ms at;
    session::participant_id from;
    frame text;
    std::vector<frame> attachments;
  };

  /// What somebody has missed, the oldest first. It is complete unless something that came from
  /// others has been forgotten already, or the offset is not of this ring.
  struct missed_events {
    std::vector<const relayed*> events;
    bool is_complete = false;
  };

  /// `drawn` makes the offsets differ from those of any other ring. They say nothing about it: room
  /// codes are drawn from the same generator.
  explicit replay_ring(std::uint64_t drawn);

  /// After everything so far.
  [[nodiscard]] std::string offset() const { return offset_of(last_); }
  /// After the next event as well.
  [[nodiscard]] std::string next_offset() const { return offset_of(last_ + 1); }

  /// Adds an event, which has `next_offset` as its last argument. Forgets the oldest ones while
  /// there are more than `max_bytes`.
  void add(instant_ms now, const session::participant_id& from, frame text,
           std::vector<frame> attachments);
  void forget_oldest();
  void forget_until(instant_ms at);

  /// What `who` has missed after an offset, and after it has entered the room at this position.
  [[nodiscard]] missed_events after(std::string_view offset, const session::participant_id& who,
                                    std::uint64_t entered_at) const;
  /// Of the last event.
  [[nodiscard]] std::uint64_t position() const { return last_; }

  /// When the oldest event came; nothing if there is none.
  [[nodiscard]] std::optional<instant_ms> oldest() const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  static constexpr std::size_t max_bytes = 64 * 1024;

 private:
  [[nodiscard]] std::string offset_of(std::uint64_t position) const;
  /// Nothing if the offset is not of this ring.
  [[nodiscard]] std::optional<std::uint64_t> position_of(std::string_view offset) const;

  std::string prefix_;  ///< of the offsets
  std::uint64_t last_ = 0;
  std::deque<relayed> events_;
  std::size_t bytes_ = 0;
  // Of what was forgotten: the last event, and the last one from anybody else. Nobody misses their
  // own.
  std::uint64_t forgotten_ = 0;
  session::participant_id forgotten_from_;
  std::uint64_t forgotten_from_others_ = 0;
};

}  // namespace downbeat::jam
