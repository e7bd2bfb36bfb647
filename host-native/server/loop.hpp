#pragma once

#include "engine.hpp"
#include "log/logger.hpp"
#include "output.hpp"
#include "server/admission.hpp"
#include "server/connection.hpp"
#include "server/connection_table.hpp"
#include "server/counters.hpp"
#include "server/driver.hpp"
#include "server/figures.hpp"
#include "server/http_sessions.hpp"
#include "server/letter.hpp"
#include "server/outbox.hpp"
#include "server/poller.hpp"
#include "server/recorder.hpp"
#include "server/server_options.hpp"
#include "server/site.hpp"
#include "server/websocket_sessions.hpp"
#include "shard.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::host {

/// One event loop: an engine, and the connections that it serves. Several of them are shards of one
/// server; each has a thread of its own, and nothing is shared between them.
class loop final : private poller::client {
 public:
  /// How it reaches the server that it is a part of.
  struct ties {
    site::sources operator_pages;    ///< what the server answers to its operator
    http_sessions::gatherer gather;  ///< the figures for that
    std::function<void()> turned;    ///< a turn of the loop ended
    /// Delivers letters to another loop, after all that were sent to it before.
    std::function<void(shard_index to, std::vector<letter> letters)> send;
    poller::clock::time_point origin;  ///< of the time that the engines are told
  };

  loop(const server_options& options, std::unique_ptr<engine> core, logger& log, admission& door,
       ties to_server);
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  /// What its thread waits for.
  [[nodiscard]] poller& poll() { return poll_; }
  [[nodiscard]] instant_ms now() const { return core_.now(); }

  void record(std::unique_ptr<recorder> to) { core_.record(std::move(to)); }

  /// Serves a peer that has connected, and that the door has let in.
  void serve(descriptor socket, std::string remote_address);

  /// Runs until it is stopped.
  void run() { poll_.run(*this); }
  void stop() { poll_.stop(); }

  /// Letters came from another loop.
  void receive(shard_index from, std::vector<letter> letters);

  /// Lets the clients know that the end is near.
  void drain();
  /// From now on, these are the limits, and these the settings of the engine.
  void change_limits(const server_options& to, std::string_view engine_settings);
  /// Takes leave of all peers.
  void take_leave();

  // Figures for the operator.

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] figures measure() const;
  /// How many connections have been closed since this was last asked.
  std::size_t take_closed() { return connections_.take_closed(); }

 private:
  void on_readable(std::uint64_t key) override;
  void on_writable(std::uint64_t key) override;
  void end_turn() override;

  void on_bytes(connection& c, std::span<char> bytes);
  [[nodiscard]] bool says_too_much(connection& c);
  void pause(connection& c);
  void resume_all();
  void carry_out(output::any order);

  // hand_over.cpp
  void mail(shard_index to, output::any order);
  void send_mail();
  letter letter_of(output::any& order);
  connection_table::traveller send_off(connection* c);
  connection& take_in(connection_table::traveller traveller);
  void open(shard_index from, letter& what);
  void take_in_session(moved_session& moved);
  void take_leave_of(connection& c);

  void sweep();
  void arm_sweep();
  [[nodiscard]] instant_ms longest_nap_ms() const;

  server_options options_;  ///< its own: limits may change
  logger& log_;
  admission& door_;
  ties to_server_;
  poller poll_;
  counters count_;
  connection_table connections_;
  driver core_;
  outbox out_;
  site pages_;
  websocket_sessions websockets_;
  http_sessions http_;
  timer sweep_timer_;
  timer pace_timer_;
  std::vector<std::uint64_t> paused_;  ///< whom it does not read for a while
  std::vector<char> buffer_;
  std::vector<std::pair<shard_index, output::any>> mail_;  ///< orders for the end of the turn
  bool is_taking_leave_ = false;
};

}  // namespace downbeat::host
