#pragma once

#include "base/frame.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace downbeat::host {

/// Messages for a client that does not read, queued behind the bytes of `send_queue`.
///
/// Large messages are shared between the recipients, not copied: a copy for each stalled reader of
/// a room would delay everybody else.
class backlog {
 public:
  /// Sharing a message of this size or more costs less than copying it.
  static constexpr std::size_t shared_from_bytes = 1024;

  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
  /// The number of queued bytes.
  [[nodiscard]] std::size_t size() const {
    return before_ + (pieces_.empty() ? 0 : size_of(pieces_.back()));
  }

  /// The string to append to, which is sent after everything else.
  std::string& tail() {
    if (pieces_.empty() || pieces_.back().message) {
      if (!pieces_.empty()) before_ += size_of(pieces_.back());
      pieces_.emplace_back();
    }
    return pieces_.back().bytes;
  }

  /// Appends a shared message. The caller has already appended its frame header to the tail.
  void push(frame message) {
    tail();
    pieces_.back().message = std::move(message);
  }

  /// Removes and returns the first piece: its bytes and the message after them. Must not be empty.
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
    std::optional<frame> message;  ///< sent after `bytes`
  };

  static std::size_t size_of(const piece& one) {
    return one.bytes.size() + (one.message ? one.message->bytes().size() : 0);
  }

  std::deque<piece> pieces_;
  std::size_t before_ = 0;  ///< the size of all pieces without the last, to which callers append
};

}  // namespace downbeat::host
