#pragma once

#include "entropy.hpp"
#include "id_map.hpp"
#include "jam/doorkeeper.hpp"
#include "jam/journal.hpp"
#include "jam/options.hpp"
#include "jam/rate.hpp"
#include "jam/request.hpp"
#include "limit_counts.hpp"
#include "output_queue.hpp"
#include "session/directory.hpp"
#include "session/event.hpp"
#include "shard.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::jam {

/// The jam session on Socket.IO: the one place that maps events to session commands, and what
/// those cause back to events.
///
/// A room of the session has a Socket.IO room of the same name; both have the same members. Every
/// client event may ask for an acknowledgement, which comes after all that the event causes.
class application final : public socketio::application {
 public:
  application(const options& options, socketio::server& server, output_queue& outputs,
              shard here = {});

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override;
  void connected(const socketio::socket& socket, const socketio::connect_request& request) override;
  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override;
  void acknowledged(const socketio::socket& socket, std::uint64_t ack_id,
                    const socketio::message& answer) override;
  void disconnected(const socketio::socket& socket, std::string_view reason) override;
  std::unique_ptr<luggage> pack(const socketio::socket& socket) override;
  void unpack(instant_ms now, const socketio::socket& socket,
              std::unique_ptr<luggage> content) override;
  void told(instant_ms now, shard_index from, const between_shards::message& message) override;
  void draining(std::uint64_t within_ms) override;
  void options_changed(std::string_view json) override;
  void measure(std::vector<measurement>& into) const override;
  [[nodiscard]] std::string snapshot() const override;

  /// For the invariants that tests check after every step.
  [[nodiscard]] const session::directory& sessions() const { return directory_; }

 private:
  /// Who sent an event, and how it wants to be answered.
  struct call {
    const socketio::socket& from;
    const socketio::message& event;
    std::string_view name;  ///< the event's, a constant
  };

  // One for each client event.
  void on_create(const call& by);
  void on_join(const call& by);
  void on_leave(const call& by);
  void on_update(const call& by);
  void on_event(const call& by);

  /// What is remembered of a connected socket beside its session.
  struct guest {
    explicit guest(const socketio::connect_request& request)
        : draws(request.seed), address(request.remote_address) {}

    splitmix64 draws;
    std::string address;
    allowance events;
    allowance joins;
    allowance failed_joins;
  };

  [[nodiscard]] guest& guest_at(const socketio::socket& socket) const {
    return *guests_.at_key(socket.number);
  }

  /// The limit that forbids somebody to create or join now, or nothing; counts it then.
  std::string_view flaw_of_entry(const call& by);
  /// The limit that forbids somebody to look for a room, for having failed too often, or nothing.
  [[nodiscard]] std::string_view flaw_of_search(const call& by) const;
  /// The same for an address, and for a code of this shard.
  [[nodiscard]] std::string_view flaw_of_search(std::string_view address,
                                                std::string_view code) const;
  /// Whether somebody at the same address is in the room already.
  [[nodiscard]] bool has_neighbour_in(std::string_view address, std::string_view code) const;
  /// What a failure counts for, with a code of this shard.
  [[nodiscard]] std::int64_t price_for(std::string_view code) const;
  void count_failed_join(socketio::socket_number who, std::int64_t price);
  void refuse_for_rate(const socketio::socket& who, std::optional<std::uint64_t> ack_id,
                       std::string_view event, std::string_view limit);
  void refuse_for_rate(const call& by, std::string_view limit) {
    refuse_for_rate(by.from, by.event.ack_id, by.name, limit);
  }

  // shards.cpp

  /// Somebody whose command waits for another shard's answer. Their messages are held meanwhile.
  struct waiting {
    entry command;
    shard_index asked;
  };
  struct packed_guest;

  /// The other shard that a room with this code would belong to.
  [[nodiscard]] std::optional<shard_index> other_shard_of(std::string_view code) const;
  void ask(shard_index whom, entry command);
  template <class Message>
  void tell_others(const Message& what) {
    for (shard_index to = 0; to < here_.count; ++to) {
      if (to != here_.index) outputs_.tell(to, what);
    }
  }
  /// The socket is gone, and with it what it may have waited for.
  void give_up_waiting(const socketio::socket& socket);
  /// Ends a wait: the socket that waited, unless it is gone.
  const socketio::socket* answered(const session::user_id& user, entry& command);
  void told_by(shard_index from, const between_shards::seat_wanted& what);
  void told_by(shard_index from, const between_shards::seat_answered& what);
  void told_by(shard_index from, const between_shards::seat_given_up& what);
  void told_by(shard_index from, const between_shards::sessions_wanted& what);
  void told_by(shard_index from, const between_shards::sessions_lent& what);
  void told_by(shard_index from, const between_shards::entered& what);
  void told_by(shard_index from, const between_shards::join_failed& what);
  void told_by(shard_index, const between_shards::connection_gone&) {}  // Engine.IO's

  using handler = void (application::*)(const call&);
  static const std::vector<std::pair<std::string_view, handler>>& handlers();

  void submit(entry e);
  void apply(const entry& e);

  // One for each session event.
  void tell(const entry& e, const session::event::created& event);
  void tell(const entry& e, const session::event::joined& event);
  void tell(const entry& e, const session::event::user_joined& event);
  void tell(const entry& e, const session::event::user_left& event);
  void tell(const entry& e, const session::event::host_changed& event);
  void tell(const entry& e, const session::event::user_updated& event);
  void tell(const entry& e, const session::event::room_closed& event);
  void tell(const entry& e, const session::event::seat_held& event);
  void tell(const entry& e, const session::event::refused& event);

  /// The socket of a user whom a command's event is about, mostly the one who sent it; or null.
  [[nodiscard]] const socketio::socket* socket_of(const entry& e,
                                                  const session::user_id& user) const;
  void emit(const socketio::socket* to, std::string_view event, std::string_view json);
  void broadcast(std::string_view room, const socketio::socket* except, std::string_view event,
                 std::string_view json);
  void succeed(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
               std::string_view success);
  void fail(const socketio::socket& to, std::optional<std::uint64_t> ack_id, std::string_view event,
            std::string_view message, std::string_view code);
  void refuse(const call& by, const invalid_payload& flaw);
  void report(notice::kind what, std::string_view room, std::string_view user,
              std::string_view name = {}, std::string_view reason = {});

  options options_;
  socketio::server& server_;
  output_queue& outputs_;
  shard here_;
  bool is_draining_ = false;
  instant_ms now_ = 0;  ///< of the event that is being handled
  session::directory directory_;
  journal journal_;
  id_map<std::unique_ptr<guest>> guests_;
  doorkeeper doors_{options_};
  std::unordered_map<socketio::socket_number, waiting> waiting_;
  std::string success_;  ///< what the acknowledgement of the entry being applied will say

  std::uint64_t created_ = 0;
  std::uint64_t joined_ = 0;
  std::uint64_t relayed_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t rate_limited_ = 0;
  limit_counts limited_{"participants",
                        "sessions",
                        "event_bytes",
                        "depth",
                        "placeholders",
                        "name_length",
                        "events_per_second",
                        "joins_per_minute",
                        "joins_per_minute_by_address",
                        "failed_joins_per_minute",
                        "failed_joins_per_hour_by_address",
                        "failed_joins_per_day"};
};

}  // namespace downbeat::jam
