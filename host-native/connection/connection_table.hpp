#pragma once

#include "base/time.hpp"
#include "connection/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace downbeat::host {

/// All connections of a loop. A key contains the index of its slot, so that finding a connection
/// needs no hashing.
///
/// A closed connection stays in memory until `forget_closed`, because callers may still use it.
class connection_table {
 public:
  /// Calls `closed` for each connection that is closed.
  explicit connection_table(std::function<void(const connection&)> closed)
      : on_closed_(std::move(closed)) {}

  connection& add(byte_stream stream);

  /// A connection on its way to another loop, with its deadline.
  struct detached_connection {
    std::unique_ptr<connection> subject;
    instant_ms deadline;
  };
  detached_connection take(connection& c);
  /// Adds a connection from another loop, with new numbers.
  connection& add(detached_connection detached);
  /// Returns a new number for a connection or request that was lost during a migration.
  std::uint64_t issue_lost();

  /// The connection, or nullptr if it is closed.
  [[nodiscard]] connection* find(connection_key key) const;

  /// Returns a new number for a request on this connection, by which `find` finds the connection.
  request_id issue_request(const connection& c);
  [[nodiscard]] connection* find_request(request_id request) const;

  /// Closes the TCP connection. The caller has already informed the core and the other parts.
  void close(connection& c);
  void forget_closed();

  [[nodiscard]] std::size_t size() const { return size_; }
  /// How many connections have been closed since the last call.
  std::size_t take_closed() { return std::exchange(closed_count_, 0); }

  /// Calls `visit` with each open connection.
  void for_each(const std::function<void(connection&)>& visit);

  // Deadlines are checked only by `sweep`, so they are met with some delay.

  static constexpr instant_ms never = std::numeric_limits<instant_ms>::max();

  void set_deadline(const connection& c, instant_ms at);
  void clear_deadline(const connection& c) { slot_of(c.key).deadline = never; }

  /// Calls `expired` for at most `most` connections whose deadline has passed, and clears those
  /// deadlines. The others follow in the next sweep.
  void sweep(instant_ms now, std::size_t most, const std::function<void(connection&)>& expired);
  /// No deadline passes before this time, unless the last sweep left some over.
  [[nodiscard]] instant_ms next_sweep() const { return next_sweep_; }

 private:
  struct slot {
    std::unique_ptr<connection> here;
    instant_ms deadline = never;
  };

  [[nodiscard]] const slot& slot_of(std::uint64_t number) const;
  slot& slot_of(std::uint64_t number);
  std::uint64_t issue(std::uint64_t index);
  slot& take_slot(std::uint32_t& index);

  std::function<void(const connection&)> on_closed_;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<connection_key> closed_;
  std::uint64_t last_serial_ = 0;
  std::size_t size_ = 0;
  std::size_t closed_count_ = 0;
  instant_ms next_sweep_ = never;
};

}  // namespace downbeat::host
