#pragma once

#include "frame.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace downbeat::host {

/// What waits for a peer that does not read, behind the bytes that it has been offered.
///
/// A large message stays where it is, shared with all others who wait for it: to copy it for each
/// of a room's stalled readers would make everybody else wait.
class backlog {
 public:
  /// From which size on it costs less to share a message than to copy it.
  static constexpr std::size_t shared_from_bytes = 1024;

  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
  /// How many bytes wait.
  [[nodiscard]] std::size_t size() const {
    return before_ + (pieces_.empty() ? 0 : size_of(pieces_.back()));
  }

  /// Where to append bytes that come behind all others.
  std::string& tail() {
    if (pieces_.empty() || pieces_.back().message) {
      if (!pieces_.empty()) before_ += size_of(pieces_.back());
      pieces_.emplace_back();
    }
    return pieces_.back().bytes;
  }

  /// Appends a message, whose header is at the end of the tail.
  void push(frame message) {
    tail();
    pieces_.back().message = std::move(message);
  }

  /// Takes what comes first, a message and what stands before it. There must be something.
  std::string pop() {
    piece first = std::move(pieces_.front());
    pieces_.pop_front();
    if (!pieces_.empty()) before_ -= size_of(first);
    if (first.message) first.bytes += first.message->bytes();
    return std::move(first.bytes);
  }

 private:
  struct piece {
    std::string bytes;
    std::optional<frame> message;  ///< behind them
  };

  static std::size_t size_of(const piece& one) {
    return one.bytes.size() + (one.message ? one.message->bytes().size() : 0);
  }

  std::deque<piece> pieces_;
  std::size_t before_ = 0;  ///< bytes of all pieces but the last, to which callers append
};

}  // namespace downbeat::host
