#pragma once

#include "server/connection.hpp"
#include "time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace downbeat::host {

/// All connections, each at a place that its numbers tell, so that finding one costs no hashing.
///
/// A connection that is closed stays in memory until `forget_closed`, so that nothing disappears
/// while it is in use.
class connection_table {
 public:
  /// `closed` hears of each connection that is closed.
  explicit connection_table(std::function<void(const connection&)> closed)
      : on_closed_(std::move(closed)) {}

  connection& add(descriptor socket);

  /// A connection that moves to another loop, and when its deadline is.
  struct traveller {
    std::unique_ptr<connection> who;
    instant_ms deadline;
  };
  traveller take(connection& c);
  /// One that comes from another loop has new numbers here.
  connection& add(traveller from_elsewhere);
  /// A new number for a connection or a request that is lost.
  std::uint64_t issue_lost();

  /// The connection, unless it is closed.
  [[nodiscard]] connection* find(connection_key key) const;

  /// A new number for a request on this connection, and the connection by that number.
  request_id issue_request(const connection& c);
  [[nodiscard]] connection* find_request(request_id request) const;

  /// Closes the socket. What others knew of it is theirs to settle before.
  void close(connection& c);
  void forget_closed();

  [[nodiscard]] std::size_t size() const { return size_; }
  /// How many have been closed since this was last asked.
  std::size_t take_closed() { return std::exchange(closed_count_, 0); }

  /// Calls `visit` with each connection that is not closed.
  void for_each(const std::function<void(connection&)>& visit);

  // Deadlines are coarse: `sweep` looks at all of them, now and then.

  static constexpr instant_ms never = std::numeric_limits<instant_ms>::max();

  void set_deadline(const connection& c, instant_ms at);
  void clear_deadline(const connection& c) { slot_of(c.key).deadline = never; }

  /// Calls `expired` with each connection whose deadline has come, and clears that deadline; with
  /// so many at most, and the rest is left for the next time.
  void sweep(instant_ms now, std::size_t most, const std::function<void(connection&)>& expired);
  /// The time before which no deadline will come, or the one of somebody who was left.
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
