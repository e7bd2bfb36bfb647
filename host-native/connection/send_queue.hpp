#pragma once

#include "connection/backlog.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::host {

/// What waits to be sent to one client, in this order: `bytes`, the backlog `behind` them, the
/// shared body. Allocates nothing while it is empty.
struct send_queue {
  /// The body of an HTTP response that is shared with other responses, such as a file of the web
  /// root, which may be large.
  struct shared_body {
    std::shared_ptr<const std::string> bytes;
    std::size_t sent = 0;
  };

  std::string bytes;
  std::size_t sent = 0;  ///< how much of `bytes`
  std::unique_ptr<backlog> behind;
  std::unique_ptr<shared_body> shared;
  std::size_t counted_bytes = 0;  ///< what of `size` is included in the sum over all connections
  bool is_dirty = false;          ///< something was queued since the last attempt to write
  bool is_blocked = false;        ///< the socket takes no more for now

  /// The bytes that take memory for this connection alone.
  [[nodiscard]] std::size_t size() const {
    return bytes.size() - sent + (behind ? behind->size() : 0);
  }

  [[nodiscard]] std::string_view unsent_bytes() const {
    return std::string_view(bytes).substr(sent);
  }

  /// What to send next: `bytes` or, after them, the shared body. Before that, the caller must move
  /// the backlog into `bytes`.
  [[nodiscard]] std::string_view next() const {
    const std::string_view own = unsent_bytes();
    return own.empty() && shared ? std::string_view(*shared->bytes).substr(shared->sent) : own;
  }

  [[nodiscard]] bool has_unsent() const { return size() > 0 || shared; }

  /// Marks the first `count` bytes of `next` as sent.
  void take_sent(std::size_t count) {
    if (bytes.size() > sent) {
      sent += count;
      return;
    }
    shared->sent += count;
    if (shared->sent == shared->bytes->size()) shared.reset();
  }
};

}  // namespace downbeat::host
