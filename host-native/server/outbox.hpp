#pragma once

#include "frame.hpp"
#include "log/logger.hpp"
#include "server/connection.hpp"
#include "server/connection_table.hpp"
#include "server/counters.hpp"
#include "server/driver.hpp"
#include "server/poller.hpp"
#include "server/server_options.hpp"
#include "websocket/opcode.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// All that is written to peers, and the ways in which connections end.
///
/// What is queued during a turn of the loop is written at its end, with one system call for each
/// connection. Nothing here speaks to the core at once: it hears later of those who are lost.
class outbox {
 public:
  outbox(const server_options& options, poller& poll, connection_table& connections, driver& core,
         counters& count, logger& log);

  /// Where to append what this connection's peer shall read.
  std::string& queue(connection& c);

  /// Queues one WebSocket frame, or a message. A peer that lets too much pile up is dropped.
  void send(connection& c, opcode code, std::string_view payload);
  void send(connection& c, const frame& message);

  /// Ends the connection in this way when everything that is queued has been written.
  void end(connection& c, ending how);

  /// The connection is lost: the core is told, and it is closed now. What can still be written is.
  void drop(connection& c);

  /// Closes it at once, so that the peer notices that something is wrong.
  void reset(connection& c);

  /// A connection is closed, and what was queued for it is not kept.
  void forget(const connection& c) { queued_bytes_ -= c.counted_bytes; }

  /// What waits for all peers.
  [[nodiscard]] std::uint64_t queued_bytes() const { return queued_bytes_; }

  /// Writes everything that was queued.
  void flush();

  /// A peer that could not take more can now.
  void on_writable(connection& c);

  /// While stopping, peers have little time to agree to a close.
  void hurry() { is_hurried_ = true; }

  [[nodiscard]] instant_ms close_deadline() const;

 private:
  void write(connection& c);
  bool try_write(connection& c);
  void await_writable(connection& c, bool is_awaited);
  void finish(connection& c);
  static void take_from_behind(connection& c);
  void release(connection& c);
  bool has_place_for(connection& c, std::size_t payload_bytes);
  static void make_room(connection& c, std::string& in, std::size_t more);
  static void replace(connection& c, std::size_t size);
  void tell_core(connection& c);
  void count_queued(connection& c);
  void drop_slow_reader(connection& c, std::string_view limit);
  [[nodiscard]] bool is_too_much_in_all() const;
  void shed_slow_readers();

  const server_options& options_;
  poller& poll_;
  connection_table& connections_;
  driver& core_;
  counters& count_;
  logger& log_;
  std::vector<connection_key> dirty_;
  std::vector<std::string> spare_;  ///< memory for queues that are about to be filled
  std::uint64_t queued_bytes_ = 0;  ///< of all connections
  bool is_hurried_ = false;
};

}  // namespace downbeat::host
