#pragma once

#include "base/deadlines.hpp"
#include "base/entropy.hpp"
#include "base/rate_limiter.hpp"
#include "jam/join_limiter.hpp"
#include "jam/journal.hpp"
#include "jam/options.hpp"
#include "jam/replay_ring.hpp"
#include "jam/reply.hpp"
#include "jam/request.hpp"
#include "jam/shard_message.hpp"
#include "operations/request.hpp"
#include "output_queue.hpp"
#include "session/directory.hpp"
#include "session/event.hpp"
#include "shard.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"
#include "telemetry/limit_counts.hpp"
#include "text/sha256.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::jam {

/// Jam sessions on Socket.IO. It turns client events into session commands, and the results into
/// events for clients.
///
/// Each session has a Socket.IO room with its code as name and the same members. A client may ask
/// for an acknowledgement of any event; it is sent after everything that the event causes.
class application final : public socketio::application {
 public:
  application(const options& options, socketio::server& server, output_queue& outputs,
              shard here = {});

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override;
  std::unique_ptr<socketio::client_memory> remember(
      const socketio::connect_request& request) override;
  void connected(instant_ms now, const socketio::socket& socket,
                 const socketio::connect_request& request) override;
  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override;
  void acknowledged(const socketio::socket& socket, std::uint64_t ack_id,
                    const socketio::message& answer) override;
  void disconnected(instant_ms now, const socketio::socket& socket,
                    std::string_view reason) override;
  bool lost(instant_ms now, const socketio::socket& socket, std::string_view reason) override;
  bool may_recover(instant_ms now, const socketio::socket& socket) override;
  bool may_know_later(instant_ms now, std::int64_t waited_ms) override;
  void taken_over(instant_ms now, const socketio::socket& socket) override;
  void recovered(instant_ms now, const socketio::socket& socket,
                 const socketio::connect_request& request, bool was_connected) override;
  void not_recovered(instant_ms now, const socketio::socket& socket,
                     const socketio::unknown_secrets& shown) override;
  void pid_moved(std::optional<shard_index> tell, const sha256_digest& pid_hash,
                 bool is_here) override;
  std::unique_ptr<migrated_state> detach(instant_ms now, const socketio::socket& socket) override;
  void attach(instant_ms now, const socketio::socket& socket,
              std::unique_ptr<migrated_state> state) override;
  [[nodiscard]] std::unique_ptr<migrated_state> read_migrated(const socketio::socket& socket,
                                                              std::string_view text) const override;
  [[nodiscard]] std::unique_ptr<socketio::client_memory> read_memory(
      std::string_view text) const override;
  void on_shard_message(instant_ms now, shard_index from, std::string_view text) override;
  [[nodiscard]] bool can_read(std::string_view text) const override;
  void room_restored(std::string_view snapshot) override;
  void restore_finished(instant_ms now) override;
  [[nodiscard]] bool can_restore(std::string_view snapshot) const override {
    return read_restored(snapshot).has_value();
  }
  void shutting_down() override;
  void append_answered(instant_ms now, const input::append_answered& answer) override;
  void nodes_changed(instant_ms now, const input::nodes_changed& what) override;
  void room_appended(instant_ms now, const input::room_appended& what) override;
  void room_replaced(instant_ms now, const input::room_replaced& what) override;
  void relay_received(instant_ms now, const input::relay_received& what) override;
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override;
  void deadline_reached(instant_ms now) override;
  void draining(instant_ms now, std::uint64_t within_ms) override;
  void options_changed(instant_ms now, std::string_view json) override;
  std::string answer(instant_ms now, const operations::query& what) override;
  std::string carry_out(instant_ms now, const operations::command& what) override;
  void measure(instant_ms now, std::vector<measurement>& into) const override;
  [[nodiscard]] std::string snapshot() const override;

  /// For the invariants that tests check after every step.
  [[nodiscard]] const session::directory& sessions() const { return directory_; }
  /// A room as one of its participants sees it. With several nodes, what is not in the log yet may
  /// be missing; the participant is on the list as in `room`.
  [[nodiscard]] session::room list_for(const session::participant_id& user,
                                       const session::room& room) const;
  /// Whether the members of a room have been notified of all that has happened in it. For tests.
  [[nodiscard]] bool has_announced_all(std::string_view code) const {
    return shown_room(code) == directory_.find(code);
  }
  /// When the seat of a participant who is away ends; nothing for others. For tests.
  [[nodiscard]] std::optional<instant_ms> away_until(const session::participant_id& who) const {
    const auto found = away_.find(who);
    return found == away_.end() ? std::nullopt : std::optional(found->second.until);
  }
  /// Whether the connection of a participant is still on another shard. For tests.
  [[nodiscard]] bool is_entering(const session::participant_id& who) const {
    return entering_.count(who) != 0;
  }
  /// The rooms with journal work in progress, by code. For tests.
  [[nodiscard]] const std::map<std::string, room_queue, std::less<>>& queues() const {
    return queues_;
  }
  /// Whether a socket is kept for a participant who is connected to another node.
  [[nodiscard]] bool is_kept_elsewhere(const session::participant_id& who) const {
    return elsewhere_.count(who) != 0;
  }
  /// Until when a socket's command may wait for the journal; nothing if it does not wait. For
  /// tests.
  [[nodiscard]] std::optional<instant_ms> pending_until(socketio::socket_number caller) const {
    const auto found = pending_callers_.find(caller);
    return found == pending_callers_.end() ? std::nullopt : std::optional(found->second.until);
  }

 private:
  /// A client event, with its sender.
  struct request_context {
    instant_ms now;
    const socketio::socket& from;
    const socketio::message& event;
    std::string_view name;  ///< of the event; a constant
  };

  // One for each request of a client. What is in it may be moved out.
  void handle(const request_context& by, create_request& request);
  void handle(const request_context& by, join_request& request);
  void handle(const request_context& by, leave_request& request);
  void handle(const request_context& by, update_request& request);
  void handle(const request_context& by, event_request& request);
  /// Reads a request and has it handled, or refuses it.
  template <class Request>
  void serve(const request_context& by);
  /// Serves the request of the event's name, if there is one.
  template <class... Requests>
  void dispatch(const request_context& by, request_list<Requests...>);

  /// A request that was carried out, for a client that sends it again.
  struct answered_request {
    std::string id;
    std::string_view event;  ///< of the answer, beside the acknowledgement; may be empty
    std::string room;        ///< that the client entered, if it did
    std::string success;     ///< without secrets, and without the others in the room
  };

  /// The state of a client in addition to its session. It outlives the client's sockets: a client
  /// must not get a fresh rate limit by DISCONNECT and CONNECT.
  struct client_state final : socketio::client_memory {
    explicit client_state(std::uint64_t seed) : draws(seed) {}

    splitmix64 draws;         ///< new seed for each socket
    std::uint32_t moves = 0;  ///< sessions that it has entered or tried to enter
    rate_limiter events;
    rate_limiter joins;
    rate_limiter failed_joins;
    rate_limiter notices;        ///< log lines that the client causes
    rate_limiter returns;        ///< recoveries
    bool wants_token = false;    ///< asked for by `auth`
    bool wants_offsets = false;  ///< the same
    /// With several nodes: the room into which it has come back, if the log does not say so yet.
    std::string unsaved_return;
    /// Where the ring of its room was when it entered, see `replay_ring::position`.
    std::uint64_t entered_at = 0;
    std::deque<answered_request> answered;

    [[nodiscard]] std::string write() const override;
  };

  static client_state& state_of(const socketio::socket& socket) {
    return static_cast<client_state&>(*socket.memory);
  }

  /// Whether a socket is in this room of its server; it need not be the one that lists its client.
  static bool is_in_room(const socketio::socket* of, std::string_view code) {
    return of != nullptr && std::any_of(of->rooms.begin(), of->rooms.end(),
                                        [&](const auto* room) { return room->name == code; });
  }

  /// The move number for entering a session now, see `participant::move`. Only a journal needs it.
  [[nodiscard]] std::uint32_t next_move(const socketio::socket& socket) const {
    return is_journaled() ? ++state_of(socket).moves : 1;
  }
  /// See `participant::pid_hash`. Only a journal needs it.
  [[nodiscard]] std::shared_ptr<const sha256_digest> journaled_pid_of(
      const socketio::socket& socket) const {
    return is_journaled() ? socket.pid_hash : nullptr;
  }
  /// The id of the request that has brought a command; also in its events with a journal.
  void set_request_id(submitted_command& e, const std::optional<std::string>& id) const;
  /// After a restart: what the journal says of a client's requests.
  static void remember_requests(client_state& of, const session::participant& who,
                                const std::string& room);
  /// Answers a request that was carried out before. Returns false for a new one.
  bool answer_again(const request_context& by, const std::string& request_id);
  /// Answers a command that was carried out, and remembers it by its request id.
  void finish(const submitted_command& e);
  /// The name of the rate limit that forbids this create or join; empty if it is allowed, and then
  /// it is counted.
  std::string_view exceeded_join_limit(const request_context& by);
  /// The name of the limit of failed joins that forbids this lookup of a room, or an empty text.
  /// Counts nothing.
  [[nodiscard]] std::string_view exceeded_lookup_limit(const request_context& by) const;
  /// The same for an address and a code of this shard.
  [[nodiscard]] std::string_view exceeded_lookup_limit(instant_ms now, std::string_view address,
                                                       std::string_view code) const;
  /// Whether another client with the same address is in the room already.
  [[nodiscard]] bool has_neighbour_in(std::string_view address, std::string_view code) const;
  /// The weight of a failed join with this code, which must belong to this shard.
  [[nodiscard]] std::int64_t weight_for(std::string_view code) const;
  void count_failed_join(const submitted_command& e, std::int64_t weight);
  void refuse_for_rate(const socketio::socket& who, std::optional<std::uint64_t> ack_id,
                       std::string_view event, std::string_view limit);
  void refuse_for_rate(const request_context& by, std::string_view limit) {
    refuse_for_rate(by.from, by.event.ack_id, by.name, limit);
  }

  // operations.cpp

  [[nodiscard]] std::string page_of_sessions(const operations::query& what) const;
  [[nodiscard]] std::string page_of_participants(const operations::query& what) const;

  // shards.cpp

  /// A client whose command waits for the answer of another shard. Its messages are held meanwhile.
  struct pending_remote {
    submitted_command command;
    shard_index asked;
    std::uint32_t question;  ///< the number of a join's question
  };
  struct migrated_socket;

  /// The shard that rooms with this code belong to; nothing if it is this shard.
  [[nodiscard]] std::optional<shard_index> other_shard_of(std::string_view code) const;
  void ask(instant_ms now, shard_index whom, submitted_command command);
  /// Handles the messages of a client that has waited for another shard.
  void end_wait(instant_ms now, const socketio::socket& socket);
  /// Answers a user's shard that a place is reserved.
  void answer_reserved(const submitted_command& e, const session::participant_id& user);
  void send(shard_index to, const shard_message::any& message) {
    outputs_.send_to_shard(to, layer::application, shard_message::write(message));
  }
  void send_to_others(const shard_message::any& message) {
    for (shard_index to = 0; to < here_.count; ++to) {
      if (to != here_.index) send(to, message);
    }
  }
  /// The socket is gone: forgets its waiting command and releases the reservation.
  void give_up_pending_remote(const socketio::socket& socket);
  /// Appends the join of a user of another shard.
  void take_in(instant_ms now, shard_index from, const shard_message::reserve& what);
  /// The journal has the join of a user of another shard: the connection may migrate.
  void answer_entered(const submitted_command& e);
  /// The connection of such a user is gone, or has come without one, or an operator removes the
  /// user.
  void give_up_entering(instant_ms now, const session::participant_id& user);
  /// A participant has no connection after all: it leaves the room that it has just entered.
  void leave_entered(instant_ms now, const session::participant_id& user, const std::string& code);
  /// The connection of such a user is here.
  void arrive(instant_ms now, const socketio::socket& socket, submitted_command e);
  void leave_for_another_shard(instant_ms now, const socketio::socket& socket);
  /// Ends a wait for an answer to this kind of command: the socket that waited, unless it is gone.
  template <class Command>
  const socketio::socket* answered(std::string_view user, shard_index from,
                                   submitted_command& command);
  /// Where somebody waits for this answer, or the end of those who wait.
  template <class Command>
  std::unordered_map<socketio::socket_number, pending_remote>::iterator find_waiting(
      std::string_view user, shard_index from);
  /// The limit that made another shard refuse, by its name in the metrics; empty if none did.
  static std::string_view limit_of(shard_message::reservation_answer::outcome how);
  void on_message(instant_ms now, shard_index from, const shard_message::reserve& what);
  void on_message(instant_ms now, shard_index from, const shard_message::reservation_answer& what);
  void on_message(instant_ms now, shard_index from, const shard_message::cancel_reservation& what);
  void on_message(instant_ms now, shard_index from, const shard_message::borrow_sessions& what);
  void on_message(instant_ms now, shard_index from, const shard_message::sessions_lent& what);
  void on_message(instant_ms now, shard_index from, const shard_message::count_join& what);
  void on_message(instant_ms now, shard_index from, const shard_message::count_failed_join& what);
  void on_message(instant_ms now, shard_index from, const shard_message::pid_moved& what);
  void on_message(instant_ms now, shard_index from, const shard_message::restored& what);

  void measure_journal(std::vector<measurement>& into) const;

  // commands.cpp

  void submit(instant_ms now, submitted_command e);
  void carry_out(submitted_command& e, const session::command::create&) { append(e); }
  void carry_out(submitted_command& e, const session::command::join&) { append(e); }
  void carry_out(submitted_command& e, const session::command::update&) { append(e); }
  void carry_out(submitted_command& e, const session::command::leave& command);
  void carry_out(submitted_command& e, const session::command::disconnect& command);
  void carry_out(submitted_command& e, const session::command::lose& command);
  void carry_out(submitted_command& e, const session::command::come_back& command);
  void carry_out(submitted_command& e, const session::command::change_secrets& command);
  void carry_out(submitted_command& e, const session::command::end_seat& command);
  void carry_out(submitted_command& e, const session::command::reserve& command);
  void carry_out(submitted_command& e, const session::command::cancel_reservation& command);
  void carry_out(submitted_command& e, const session::command::move_away& command);
  void carry_out(submitted_command& e, const session::command::close_if_empty& command);
  /// Decides a command that adds or changes something. The events take effect when they are in the
  /// journal.
  void append(submitted_command& e);
  /// Applies the events of a command, sends them to clients and answers the caller.
  void commit(const submitted_command& e, const std::vector<session::any_event>& events);
  /// Applies the events of a departure, a loss or a return at once, without waiting for the
  /// journal.
  void take_away(const submitted_command& e, const session::decision& decided);
  /// The same when somebody leaves for good: also all other rooms that still list it.
  void take_away_wholly(const submitted_command& e, const session::decision& decided);
  /// Answers a command that takes away.
  void answer_departure(const submitted_command& e);
  [[nodiscard]] bool is_overtaken(const submitted_command& e,
                                  const session::any_event& entry) const;
  /// The participant stays in the room that it has entered later.
  void enter_and_leave(const submitted_command& e, const session::any_event& entry);
  void come_back_first(const submitted_command& e, const session::participant_id& user);
  /// The room of a join that was appended is no longer there.
  void take_back(const submitted_command& e, const session::event::joined& event);
  void apply(const submitted_command& e, const session::any_event& event);
  /// Call this after a reservation in the room of `code` was cancelled. Closes the room if it has
  /// no participants and no reservations. An empty code is ignored.
  void give_up_reservation(const submitted_command& e, const std::string& code);

  // seats.cpp

  /// The seat of a participant whose connection is lost.
  struct away_seat {
    socketio::socket_number number;  ///< of the socket that the server keeps
    std::string address;             ///< the block of the client's address; empty if unknown
    std::uint64_t order;             ///< grows with each seat
    instant_ms since;
    instant_ms until;
    bool has_command;           ///< one of its commands is part of an outstanding append
    rate_limiter returns = {};  ///< of a client that was connected to another node
  };

  /// Recoveries of one seat; more must wait.
  static constexpr rate returns_of_seat{1, 2'000, 20};

  [[nodiscard]] bool keeps_seats() const { return options_.reconnect_grace_s != 0; }
  [[nodiscard]] std::int64_t grace_ms() const { return options_.reconnect_grace_s * 1'000; }
  /// Remembers the seat of a participant who is away from now on.
  void keep_seat(instant_ms now, const session::participant_id& user, away_seat seat);
  /// Forgets that a participant is away. Returns the seat.
  away_seat take_seat(std::map<session::participant_id, away_seat>::iterator which);
  void end_seat(instant_ms now, const session::participant_id& user, session::seat_end why);
  void end_due_seats(instant_ms now);
  void end_seats_above_limit(instant_ms now, const std::string& address);
  /// In a full room, frees the seat of somebody who is away for a newcomer.
  void free_seat_for(instant_ms now, const session::participant_id& user, std::string_view code,
                     std::string_view address);
  /// Remembers why a seat ended, for a client that shows one of its secrets later.
  void remember_end(const socketio::socket& of, std::string_view reason);
  void remember_end(const sha256_digest& secret_hash, std::string_view reason);
  /// Reads from `auth` what the client asks for.
  void read_wishes(const socketio::socket& socket, const socketio::connect_request& request);
  /// Draws a resume token for a client that asks for one and enters a room. It is valid when the
  /// client is in the room.
  void draw_token(const socketio::socket& socket, submitted_command& e);
  /// The resume token of a seat that a client has taken again.
  socketio::drawn_secret token_of(const socketio::socket& socket,
                                  const socketio::connect_request& request);
  /// Sends the state of the room, and what was played meanwhile.
  void send_resumed(const submitted_command& e, const socketio::socket& to,
                    const session::room& room);
  /// A command of a participant who is away is no longer part of an append.
  void settle_away_command(instant_ms now, const session::participant_id& user);
  /// What is left of the grace of a participant who was in a session before this process, or the
  /// whole grace.
  [[nodiscard]] std::int64_t grace_left_ms(instant_ms now, const session::participant& who) const;
  /// Keeps the seat of a participant who was in a session before a restart.
  void keep_restored_seat(instant_ms now, const session::participant& who);
  /// The wall clock time for the journal; 0 without one.
  [[nodiscard]] std::int64_t wall_to_journal(instant_ms now) const;
  /// Those who are away of a room, with what is left of their graces.
  [[nodiscard]] std::vector<away_member> away_members(instant_ms now,
                                                      const session::room& room) const;
  [[nodiscard]] std::uint64_t away_count() const;

  // replay.cpp

  /// The ring of a room in which somebody wants offsets, or null.
  [[nodiscard]] replay_ring* ring_of(std::string_view room);
  /// Gives the room a ring, if this client wants offsets.
  void begin_ring(const socketio::socket& who, const std::string& room);
  /// A client has entered a room: it has the token of this seat from now on, or none.
  void enter(const submitted_command& e, const socketio::socket& who, const std::string& room);
  void end_ring(const std::string& room);
  /// `from` is null for a participant of another node.
  void relay_with_offset(instant_ms now, const socketio::socket* from,
                         const session::participant_id& user, replay_ring& ring,
                         const std::string& room, const socketio::payload& event);
  /// The oldest event of a ring may be another than before.
  void wait_for_oldest(const replay_ring& ring, const std::string& room,
                       std::optional<instant_ms> before);
  void forget_replays(instant_ms now);

  // journal.cpp

  [[nodiscard]] bool is_journaled() const { return options_.journal == journal_kind::host; }
  /// A room of this shard from the journal; nothing if the text is none.
  [[nodiscard]] std::optional<session::room> read_restored(std::string_view snapshot) const;
  /// Restores a room whose members are away from now on.
  void restore_kept(instant_ms now, session::room room);
  /// Restores any room. `last_moves` has those who are in several.
  void restore_changed(instant_ms now, session::room room,
                       const std::map<session::participant_id, std::uint32_t>& last_moves);
  /// Takes back from the state of a restored room what its log does not have, and returns that.
  static std::vector<session::any_event> take_owed(const restored_room& log, session::room& state);
  /// Appends what is owed to some of the restored rooms: that their members are away.
  void flush_restored(instant_ms now);
  [[nodiscard]] bool has_restored_to_flush() const;
  room_queue& queue_of(const std::string& code);
  /// Puts a command into its room's queue. Its client's messages are held meanwhile.
  void enqueue(pending_command what);
  /// Sends what is due to the journal as one append, unless one is outstanding. May remove the
  /// queue.
  void flush(instant_ms now, const std::string& code);
  /// Appends what is owed to any room, also behind an append that is not answered yet. No answer is
  /// waited for.
  void append_all_owed();
  session::decision decide_again(const std::optional<session::room>& scratch,
                                 const pending_command& what) const;
  void on_appended(instant_ms now, const std::string& code, outstanding_append done);
  /// The room was replaced while this was outstanding, which is not in the log.
  void on_replaced(instant_ms now, const std::string& code, outstanding_append done);
  void on_append_failed(instant_ms now, const std::string& code, outstanding_append done);
  void on_conflict(instant_ms now, const std::string& code, outstanding_append done,
                   const std::vector<session::any_event>& events);
  /// A room as clients saw it, and as they see it now.
  struct room_change {
    std::optional<session::room> before;
    std::optional<session::room> after;
  };

  /// Applies what is owed to the confirmed state, which others have changed, and notifies the
  /// members of what differs from what they have got. Call `follow_difference` when the queue may
  /// change.
  room_change rebase(const std::string& code, std::vector<session::any_event> owed,
                     const std::optional<session::room>& announced);
  void draw_again(instant_ms now, pending_command what);
  /// Notifies the members of what is owed, because the store does not answer.
  void announce_owed(room_queue& queue);
  /// Sends the members an event of the log. `announced` is what they have got, and then that with
  /// this event.
  void announce_in_order(std::optional<session::room>& announced, const session::any_event& event);
  /// Remembers whom a client that is back takes for the host, if that is not in the log yet.
  void expect_host(const socketio::socket& of, const session::room& room);
  /// Sends those who are back the host, if others were faster than their return: its list
  /// had said what would have been.
  void correct_hosts(room_queue& queue, const session::room& room,
                     std::span<const session::any_event> events);
  /// A room as its members have got it: with several nodes, what is owed may not be in it.
  [[nodiscard]] const session::room* shown_room(std::string_view code) const;
  [[nodiscard]] std::optional<session::room> copy_of_shown(std::string_view code) const;
  /// If the host of a room is gone, makes the participant host who has been there longest. Needed
  /// only for events that were decided before the host left.
  void mend_host(const submitted_command& e, const std::string& code);
  /// A command failed: its client gets the error, and its messages are handled again.
  void give_back(instant_ms now, const pending_command& what, const session::refused& why);
  void release_caller(instant_ms now, socketio::socket_number caller);
  /// Holds a client's messages until its command is answered, or until the time is over.
  void hold_caller(const submitted_command& e, const std::string& code);
  /// The journal has got what these commands took away, or cannot: answers them.
  void answer_held(instant_ms now, const std::vector<submitted_command>& held);
  /// The same at once for the command of a client that migrates. Whether there was one.
  bool answer_held(const socketio::socket& socket);
  /// A command of an earlier connection brings this client into a room. If it has left another one
  /// meanwhile, that is answered first.
  void answer_held_before(const submitted_command& e, const socketio::socket& socket);
  void drop_promises(const pending_command& what);
  /// Ends a client's wait for the journal. Returns the client's command, if it waited. A command
  /// that was not sent to the journal is dropped; one that was sent takes effect if the append
  /// succeeds.
  std::optional<submitted_command> take_pending(instant_ms now, const socketio::socket& socket);
  /// Whether a command of the client is part of an outstanding append.
  [[nodiscard]] bool is_being_appended(const socketio::socket& socket) const;
  /// Handles a client's messages again, unless its command waits for the journal.
  void resume_unless_pending(instant_ms now, const socketio::socket& socket);

  // nodes.cpp

  /// Writes this node into a command of a participant who is, or will be, connected here.
  void set_node(session::any_command& command) const;
  /// Whether a participant is connected to another node, or was last.
  [[nodiscard]] bool is_seated_elsewhere(const session::participant_id& user) const;
  [[nodiscard]] bool is_dead(node_id node) const;
  /// Whether this node ends the graces, and reports the losses, of those of a node.
  [[nodiscard]] bool is_responsible_for(node_id node) const;
  /// Another node ends this seat, which is due. Looks again later.
  bool postpone_end(instant_ms now, const session::participant_id& user);
  /// Whether an event brings a participant who is present from one node to another. The others in
  /// the room hear nothing of that.
  [[nodiscard]] bool is_between_nodes(const session::room* room,
                                      const session::any_event& event) const;
  void notify_hop(const submitted_command& e, const session::event::back& event);
  /// Rooms of the store, whose members may be connected to other nodes.
  void restore_beside_others(instant_ms now, std::vector<session::room> rooms);
  /// A participant whose socket must be looked at.
  struct followed_seat {
    session::participant_id user;
    std::string_view end;   ///< why the seat has ended, if it has
    bool is_claim;          ///< a client has claimed it at another node, if it is there now
    bool is_entry = false;  ///< it has just been entered by a command at another node
  };

  /// What is owed to a room, also by an append that others were ahead of.
  static std::vector<session::any_event> take_owed(room_queue& queue);
  /// Something of others is about to be followed.
  void begin_following();
  /// Takes clients of this node whose seats these events change out of the Socket.IO room. They
  /// enter it again when they are followed.
  void take_out_concerned(const std::string& code, std::span<const session::any_event> events);
  void take_out_concerned(const std::optional<session::room>& before,
                          const std::optional<session::room>& after);
  void take_out(const std::string& code, const session::participant_id& user);
  /// All that may follow for a participant of whom something was heard, and for its client.
  void follow(instant_ms now, const std::string& code, const followed_seat& seat);
  void tell_shards_of_entry(const session::any_event& event);
  void tell_shards_of_entry(const session::participant& who);
  /// A participant is connected to this node after all.
  void drop_elsewhere(const session::participant_id& user);
  /// Sends one of them the list anew, unless it has got it or has left.
  void make_up_for(instant_ms now, const std::string& code, socketio::socket_number number);
  /// Applies an event that another node has appended, and notifies the members, if they are to get
  /// it here. Call `follow` for those that it adds to `seats` after all of an append.
  void apply_of_others(instant_ms now, const session::any_event& event, bool is_announced,
                       std::vector<followed_seat>& seats);
  /// Keeps, forgets or disconnects the socket of a participant, as the directory has it by now.
  /// `code` is the room in which something has happened to it.
  void follow_seat(instant_ms now, const std::string& code, const followed_seat& seat);
  /// The same for somebody who does not enter a room of this shard after all.
  void follow_again(instant_ms now, const session::participant_id& user);
  /// The same for all who were in a room or are in it now. Who is listed here and has no connection
  /// is lost. `events` are those that others have appended, if they are known.
  void follow_difference(instant_ms now, const std::string& code, const room_change& change,
                         std::span<const session::any_event> events = {});
  /// Whether this node owes the store that somebody has left.
  [[nodiscard]] bool is_leaving(const session::participant_id& user) const;
  /// Whether a participant of this node is about to be here, or has just gone.
  [[nodiscard]] bool is_under_way(const std::string& code,
                                  const session::participant_id& user) const;
  /// Whether a participant of this node is listed otherwise than it is here.
  [[nodiscard]] bool is_amiss(const session::room& room, const session::participant& one) const;
  [[nodiscard]] bool is_to_mend(const session::room& room) const;
  /// The room has changed: if it has participants of dead nodes, or lists those of this node
  /// wrongly, and that stays so, this node mends it.
  void mend_if_due(instant_ms now, const std::string& code);
  void mend_due(instant_ms now);
  /// A participant may be listed by rooms that it was in before. Leaves them, if this node has to:
  /// the one that carried out the move may not live any more.
  void leave_formers(instant_ms now, const session::participant_id& user);
  /// A participant is present at this node, without any connection: reports the loss.
  void lose_missing(instant_ms now, const std::string& code, const session::participant_id& user);
  /// The room of a queue is what the store says that it is.
  void replace(instant_ms now, const std::string& code);
  [[nodiscard]] bool has_orphans(const session::room& room) const;
  /// The seat of a participant who is connected here has ended at another node.
  void end_connected(instant_ms now, const socketio::socket& socket, const std::string& code,
                     std::string_view end);
  void forget_seat(instant_ms now, const session::participant_id& user, std::string_view end);
  /// A client has come back at another node.
  void count_return(instant_ms now, const session::participant_id& user);
  /// An operator disconnects a participant who is connected to another node. That node does it when
  /// it hears of it. Returns false for others.
  bool remove_elsewhere(instant_ms now, const session::participant_id& user);
  /// Keeps a socket for a participant of another node, who may come here.
  socketio::socket_number keep_socket_of(const session::participant& who);
  void announce_secrets(const session::participant& who);
  /// Whether a kept socket has the secrets of its participant.
  [[nodiscard]] bool has_secrets_of(socketio::socket_number number,
                                    const session::participant& who) const;
  /// Before a command of this client is appended: other nodes take what they get first for older.
  void save_return(instant_ms now, const socketio::socket& socket);
  /// Another connection of this client has the seat, or had it last.
  void give_way(instant_ms now, const socketio::socket& socket);
  void forget_socket_of(instant_ms now, const session::participant_id& user, bool is_elsewhere);
  /// What members of this node need to be in a room that the store has lost or replaced.
  [[nodiscard]] std::vector<session::any_event> missing_of_members(
      const std::string& code, const std::optional<session::room>& before,
      std::optional<session::room> state) const;
  /// A join of a room that is not known, and until when it may come.
  struct awaited_room {
    instant_ms until;
    submitted_command command;
  };

  /// Whether another node may have created the room of this join in this moment.
  [[nodiscard]] bool may_come_from_others(const submitted_command& e) const;
  void wait_for_room(submitted_command e);
  /// Decides these joins again.
  void try_awaited(instant_ms now, const std::function<bool(const awaited_room&)>& which);
  /// Collects the rooms with participants of dead nodes, if they are for this node.
  void look_for_orphans();
  [[nodiscard]] bool has_rooms_to_adopt() const;
  /// Reports the loss of participants of dead nodes in some rooms.
  void adopt_some(instant_ms now);
  /// Does so in this room, for all but one of them.
  void adopt_all(instant_ms now, const std::string& code, const session::participant_id& but);
  void adopt(instant_ms now, const std::string& code, const session::participant& who);
  void follow_lost(instant_ms now);
  /// Sends what a client plays to the nodes of the others in its room.
  void relay_to_nodes(const socketio::socket& from, std::span<const std::string_view> json,
                      const std::vector<frame>& attachments);
  /// Whether somebody in the room of this participant is connected to another node.
  [[nodiscard]] std::vector<node_id> other_nodes_of(const session::participant_id& user) const;
  /// Returns false if its participant is not in the room yet, or not at this node.
  bool deliver_relay(instant_ms now, node_id from, std::string_view message);
  void deliver_held_relays(instant_ms now, std::string_view code);
  void drop_due_relays(instant_ms now);

  // presentation.cpp

  static session::participant_id user_of(const session::any_command& command);
  /// Does what an event means at once: the members are notified when it is in the log.
  void notify_later(const submitted_command& e, const session::any_event& event);
  /// Sends an event that the directory has applied to clients, and writes the log.
  void notify(const submitted_command& e, const session::any_event& event);
  void notify(const submitted_command& e, const session::event::created& event);
  void notify(const submitted_command& e, const session::event::joined& event);
  void notify(const submitted_command& e, const session::event::updated& event);
  template <class Event>
  void notify(const submitted_command& e, const Event& event) {
    // A client whose seat others have ended gets that by `follow_seat`.
    if (!is_of_others_) settle(e, event);
    announce(event, shown_room(event.room));
    if (!is_of_others_) log(e, event);
  }
  /// What a departure or a return means for the client itself.
  void settle(const submitted_command& e, const session::event::left& event);
  void settle(const submitted_command& e, const session::event::back& event);
  template <class Event>
  void settle(const submitted_command&, const Event&) {}
  /// Notifies the others in the room. `room` is what they have got, with this event; null if
  /// there is none any more.
  void announce(const session::event::joined& event, const session::room* room);
  void announce(const session::event::updated& event, const session::room* room);
  void announce(const session::event::left& event, const session::room* room);
  void announce(const session::event::lost& event, const session::room* room);
  void announce(const session::event::back& event, const session::room* room);
  void announce(const session::event::gone& event, const session::room* room);
  void announce(const session::event::host_changed& event, const session::room* room);
  void announce(const session::event::closed& event, const session::room* room);
  /// Nobody is notified of these.
  void announce(const session::event::created&, const session::room*) {}
  void announce(const session::event::secrets_changed&, const session::room*) {}
  void log(const submitted_command& e, const session::event::left& event);
  void log(const submitted_command& e, const session::event::lost& event);
  void log(const submitted_command& e, const session::event::back& event);
  void log(const submitted_command& e, const session::event::gone& event);
  void log(const submitted_command& e, const session::event::host_changed& event);
  void log(const submitted_command& e, const session::event::closed& event);
  template <class Event>
  void log(const submitted_command&, const Event&) {}
  /// `session:joined` for a participant of a room, who is on the list as in `room`.
  [[nodiscard]] std::string list_json(instant_ms now, const session::participant_id& user,
                                      const session::room& room, bool is_resumed) const;
  /// Answers a client that joins the session that it is in already.
  void notify_again(const submitted_command& e, const session::room& room);
  /// After another process has changed a room: sends its members the differences.
  void notify_difference(const std::optional<session::room>& before,
                         const std::optional<session::room>& after);
  void refuse(const submitted_command& e, const session::refused& what);

  // Participants have ids of their own. For now the id is that of the socket, which a client that
  // comes back recovers. Only the next three functions may rely on that.
  static session::participant_id participant_of(const socketio::socket& socket) {
    return session::participant_id(socket.id);
  }
  /// The participant's socket, or null.
  [[nodiscard]] const socketio::socket* socket_of(const session::participant_id& who) const;
  /// The same, faster if it is the socket that sent the command.
  [[nodiscard]] const socketio::socket* socket_of(const submitted_command& e,
                                                  const session::participant_id& who) const;

  /// `room` is needed for the offset.
  void emit(const socketio::socket* to, std::string_view event, std::string_view json,
            std::string_view room = {});
  void broadcast(std::string_view room, const socketio::socket* except, std::string_view event,
                 std::string_view json);
  void succeed(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
               std::string_view success);
  void fail(const socketio::socket& to, std::optional<std::uint64_t> ack_id, std::string_view event,
            std::string_view message, std::string_view code);
  void refuse(const request_context& by, const invalid_payload& error);
  /// Whether a client may cause one more log line now; if so, it is counted. Events that cost a
  /// client nothing must not fill the log.
  bool may_report(instant_ms now, const socketio::socket& who);
  void report(notice::kind what, std::string_view room, std::string_view user,
              std::string_view name = {}, std::string_view reason = {});

  /// Clients can connect to this namespace only.
  static constexpr std::string_view main_namespace = "/";

  options options_;
  socketio::server& server_;
  output_queue& outputs_;
  shard here_;
  bool is_draining_ = false;
  bool is_ended_ = false;  ///< nothing changes any more; see `shutting_down`
  session::directory directory_;
  join_limiter join_limiter_{options_};
  std::unordered_map<socketio::socket_number, pending_remote> pending_remotes_;
  std::uint32_t questions_ = 0;
  // For the acknowledgement of the command that is being applied, and what it is answered with.
  std::string success_;
  std::string_view answer_;

  // Used only if seats are kept.
  std::map<session::participant_id, away_seat> away_;
  std::map<std::string, std::map<std::uint64_t, session::participant_id>>
      away_by_address_;  ///< the longest kept first
  deadlines<session::participant_id> grace_deadlines_;
  /// Of clients that return too often, or whose seat another node may just have been given.
  deadlines<socketio::socket_number> return_deadlines_;
  std::uint64_t seats_kept_ = 0;
  std::map<std::string, replay_ring, std::less<>> rings_;  ///< by room
  deadlines<std::string> ring_deadlines_;
  std::size_t ring_bytes_ = 0;
  // Why seats have ended, for clients that come too late. Bounded.
  std::map<sha256_digest, std::string_view> ended_;
  std::deque<sha256_digest> ended_in_order_;
  std::uint64_t recovered_ = 0;
  std::uint64_t taken_over_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t given_away_ = 0;

  // Used only with a journal of the host.
  struct pending_caller {
    std::string room;
    instant_ms until;
  };
  /// A participant whose connection is still on another shard.
  struct entering_participant {
    std::string room;
    shard_index shard;         ///< where the connection is
    bool is_appended = false;  ///< and a participant; the connection may migrate
    bool is_gone = false;      ///< the connection was lost while the join was being appended
  };
  std::map<session::participant_id, entering_participant> entering_;
  bool may_restore_ = true;  ///< no client has come yet
  std::vector<session::room> to_restore_;
  std::map<std::string, restored_room> restored_;  ///< rooms to which that is owed
  std::map<std::string, room_queue, std::less<>> queues_;
  std::map<std::uint64_t, std::string> rooms_by_append_;
  std::map<socketio::socket_number, pending_caller> pending_callers_;
  deadlines<socketio::socket_number> caller_deadlines_;
  deadlines<std::string> retry_deadlines_;
  std::uint64_t appends_ = 0;

  // Used only with several nodes.
  node_id node_ = 0;  ///< this one
  node_names nodes_;  ///< those who live; empty if that is not known
  /// Kept sockets of participants who are connected to other nodes.
  struct seat_elsewhere {
    socketio::socket_number number;
    rate_limiter returns;
  };
  std::map<session::participant_id, seat_elsewhere> elsewhere_;
  instant_ms nodes_unknown_since_ = 0;
  deadlines<std::string> mending_deadlines_;  ///< rooms to look at again
  std::deque<std::string> to_adopt_;          ///< rooms with participants of dead nodes
  /// Lost here while they were connected elsewhere already: their sockets must be kept once the
  /// lost ones are gone.
  std::vector<session::participant_id> to_follow_;
  /// Clients whose leave was answered by the way, and who may continue after the append's commands.
  std::vector<socketio::socket_number> continuing_;
  std::set<socketio::socket_number> resumed_;    ///< who got the list anew in this step
  std::set<socketio::socket_number> taken_out_;  ///< who must enter its room again in this step
  /// What the members of a room get while appended commands take effect; else null.
  const std::optional<session::room>* committing_ = nullptr;
  bool is_of_others_ = false;               ///< what is being applied was appended by another node
  std::deque<awaited_room> awaited_rooms_;  ///< in order of time
  /// A message of another node that is ahead of what is known of the room.
  struct held_relay {
    instant_ms until;
    node_id from;
    std::string message;
  };
  std::deque<held_relay> held_relays_;  ///< in order of arrival
  std::size_t held_relay_bytes_ = 0;

  std::uint64_t conflicts_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t timeouts_ = 0;

  std::uint64_t created_ = 0;
  std::uint64_t joined_ = 0;
  std::uint64_t relayed_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t rate_limited_ = 0;
  std::uint64_t notices_left_out_ = 0;
  limit_counts limited_{"participants",
                        "sessions",
                        "away_seats",
                        "away_seats_by_address",
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
