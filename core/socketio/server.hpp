#pragma once

#include "base/deadlines.hpp"
#include "base/entropy.hpp"
#include "base/frame.hpp"
#include "base/id_map.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "migration.hpp"
#include "shard.hpp"
#include "socketio/adapter.hpp"
#include "socketio/application.hpp"
#include "socketio/options.hpp"
#include "socketio/packet.hpp"
#include "socketio/placeholder.hpp"
#include "socketio/socket.hpp"
#include "socketio/transport.hpp"
#include "telemetry/limit_counts.hpp"
#include "telemetry/measurement.hpp"
#include "text/sha256.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace downbeat::socketio {

/// The answer to a CONNECT to a namespace that does not exist.
connect_error invalid_namespace();

/// The bytes kept of the query of a client's first request, and of its address.
inline constexpr std::int64_t max_query_bytes = 16 * 1024;
inline constexpr std::int64_t max_address_bytes = 64;

/// A packet whose attachments have not all arrived.
struct partial_packet {
  std::string text;
  std::size_t expected = 0;  ///< number of attachments, checked when the text came
  std::vector<frame> attachments;
  std::int64_t bytes = 0;  ///< of the text and of the attachments so far
  std::optional<instant_ms> deadline;
};

/// A message that is kept until its client is resumed.
struct buffered_message {
  bool is_binary;
  std::string data;
};

/// The bytes that a held message counts for: its data and 64 for the memory around it.
inline std::int64_t bytes_of_buffered(std::string_view data) {
  return static_cast<std::int64_t>(data.size()) + 64;
}

/// A socket whose connection is lost, and the memory of its client.
struct kept_socket {
  std::unique_ptr<socket> core;
  std::unique_ptr<client_memory> memory;
};

/// How a client's messages are treated.
enum class delivery : std::uint8_t {
  open,
  paused,  ///< kept until the client is resumed
  closed,  ///< ignored: the client broke the protocol or is being disconnected
};

/// How often a client moves for one CONNECT, while the socket moves before it.
inline constexpr std::uint8_t most_moves = 16;
/// The shard of a socket's `pid` that is not known after a restart.
inline constexpr std::uint32_t unknown_shard = 0xffffffff;

/// What recovery needs of a client.
struct recovery_state {
  entropy_part::pids::bytes pid_entropy;  ///< for what identifies its sockets in secret
  instant_ms opened_at = 0;
  std::uint32_t tokens = 0;  ///< how many were drawn
  /// The socket whose `pid` the client has shown and cannot have yet. The client's first held
  /// message is its CONNECT.
  std::optional<socket_number> claim;
  std::optional<instant_ms> claim_deadline;
  /// Until when its CONNECT may be held, however often it has to wait anew.
  std::optional<instant_ms> hold_until;
  /// The client has moved here for the CONNECT that is its first held message.
  bool has_moved = false;
  std::uint8_t moves = 0;    ///< for this CONNECT
  bool is_by_token = false;  ///< its pid is unknown where it was drawn
  shard_index moving_to = 0;
};

/// One connection, and the sockets that it carries.
struct client {
  client_id id = 0;
  std::string query;
  std::string remote_address;
  entropy_part::socketio_ids::bytes id_entropy{};  ///< for the ids of its sockets
  entropy_part::seed::bytes seed_entropy{};        ///< for what its sockets draw
  std::vector<std::unique_ptr<socket>> sockets;    ///< in the order of connecting
  std::unique_ptr<partial_packet> partial;
  std::optional<instant_ms> connect_deadline;
  delivery messages = delivery::open;
  rate_limiter connects;  ///< CONNECT packets
  std::unique_ptr<client_memory> memory;
  std::unique_ptr<recovery_state> recovery;  ///< null without recovery
};

/// The recipients of a broadcast: the members of any of the rooms, or everyone in the namespace if
/// no room is named, but not `except`.
struct target {
  std::string_view nsp = "/";
  std::span<const std::string_view> rooms;
  const socket* except = nullptr;
};

/// Socket.IO v5 for all clients of one host: namespaces, events, acknowledgements, attachments,
/// rooms. It carries any application.
class server {
 public:
  server(const options& options, transport& transport, shard here = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Sets the application, once, before the first input.
  void attach(application& application) { application_ = &application; }

  // Calls from the transport.

  void opened(instant_ms now, client_id id, std::string_view query, std::string_view remote_address,
              const entropy& fresh);
  void received(instant_ms now, client_id id, bool is_binary, std::string_view data);
  void closed(instant_ms now, client_id id, std::string_view reason);
  void deadline_reached(instant_ms now);
  [[nodiscard]] std::optional<instant_ms> next_deadline() const { return deadlines_.next(); }
  /// A client migrates to another shard: returns its state and forgets it here.
  std::unique_ptr<migrated_state> detach(instant_ms now, client_id id);
  /// A client has migrated here. Its messages are held until the application resumes it.
  void attach(instant_ms now, client_id id, std::unique_ptr<migrated_state> state);
  /// Reads a migrated client from a trace. Null if the text is invalid or conflicts with the
  /// clients here.
  [[nodiscard]] std::unique_ptr<migrated_state> read_migrated(client_id id,
                                                              std::string_view text) const;

  // Commands of the application. A payload's JSON is an array: of an event its name, which is not
  // reserved, and its arguments; of an answer its arguments.

  void emit(const socket& to, const payload& event);
  /// Sends an event that asks for an acknowledgement. Returns the id that `acknowledged` will get.
  /// Disconnects a client that has too many outstanding acknowledgements.
  std::uint64_t emit_with_ack(const socket& to, const payload& event);
  /// Answers the event that asked for `ack_id`.
  void acknowledge(const socket& to, std::uint64_t ack_id, const payload& answer);
  /// Emits to many; the event is encoded once, and its bytes are shared by all who get it. Sockets
  /// that want offsets get `with_offset` instead, if it is given: the same with one more argument.
  void broadcast(const target& to, const payload& event, const frame* with_offset = nullptr);
  void want_offsets(const socket& who, bool is_wanted);
  /// The text of an event, for `broadcast` and `send`. Its attachments follow it.
  [[nodiscard]] frame encode_event(std::string_view nsp, const payload& event) const {
    return encode_event(nsp, std::nullopt, event);
  }
  void send(const socket& to, const frame& text, const std::vector<frame>& attachments);
  /// Emits to the others in a room that the sender is in, encoded once as well.
  void relay(const socket& from, const room& in, const payload& event);
  /// The same with an event whose array comes in pieces, so that it is written only once.
  void relay(const socket& from, const room& in, std::span<const std::string_view> json);

  /// What is allowed from now on, of what may change while clients are connected. A packet whose
  /// text has come may still have as many attachments as were allowed then; one that is too large
  /// by now costs the client its connection.
  void limit(const options& to);
  void limit_transport(const transport_limits& to) { transport_.limit(to); }

  void join(const socket& who, std::string_view room_name);
  void leave(const socket& who, std::string_view room_name);

  /// Disconnects a socket. With `close_transport` also closes its connection, after disconnecting
  /// the client's sockets in all namespaces. The sockets, with `who`, no longer exist when this
  /// returns.
  void disconnect(instant_ms now, const socket& who, bool close_transport);
  /// Closes the connection of a socket without a DISCONNECT packet. A client library then
  /// reconnects.
  void close(const socket& who) { transport_.close(who.client); }

  // Recovery.

  /// A kept socket ends: nobody can recover it any more. Ignored if it is not kept. With
  /// `is_elsewhere`, another shard keeps one with the same secrets.
  void forget(socket_number number, bool is_elsewhere = false);
  /// Closes the connection of a socket whose secrets belong to a kept socket of another shard. The
  /// client comes again, and gets that one.
  void close_for_another_shard(const socket& who);
  /// Handles the CONNECT of clients that wait for a socket again, see `application::may_recover`.
  void retry_claims(instant_ms now, socket_number number);
  /// Keeps a socket of an earlier process. Returns its new number. The hash of a token may be null.
  socket_number keep(std::string_view nsp, std::string_view id,
                     std::shared_ptr<const sha256_digest> pid_hash,
                     std::shared_ptr<const sha256_digest> token_hash);
  /// A kept socket, or null.
  [[nodiscard]] const socket* find_kept(socket_number number) const;
  /// Draws a resume token: a secret with which a client recovers a socket without its `pid`, so
  /// also after a reload of its page. It is valid from `set_token` on.
  [[nodiscard]] drawn_secret draw_token(const socket& who);
  /// The only resume token of a socket from now on. Null for none.
  void begin_token(const socket& who, std::shared_ptr<const sha256_digest> token_hash);
  /// Another resume token of a socket. The one before stays valid.
  void set_token(const socket& who, std::shared_ptr<const sha256_digest> token_hash);
  /// The shard where the socket of a `pid` is that was drawn here; nothing if nowhere.
  void set_shard_of_pid(const sha256_digest& pid_hash, std::optional<shard_index> at);
  /// The same when it is no longer on a shard; what another shard has said since stays.
  void forget_shard_of_pid(const sha256_digest& pid_hash, shard_index at);
  [[nodiscard]] bool is_kept(socket_number number) const {
    return kept_.find(number) != kept_.end();
  }

  /// Holds all further messages of the socket's client, in their order.
  void pause(const socket& who);
  /// Handles the held messages and then new ones at once. `who` may no longer exist when this
  /// returns.
  void resume(instant_ms now, const socket& who);
  /// Moves the client to another shard, where it is held until it is resumed there.
  void move(const socket& who, shard_index to) { move(*clients_.at_key(who.client), to); }

  // Getters.

  /// A socket by its public id, or nothing.
  [[nodiscard]] const socket* find(std::string_view nsp, std::string_view id) const;
  [[nodiscard]] const socket* find(socket_number number) const;
  /// The address that a socket's client has connected from, for as long as it is connected.
  [[nodiscard]] std::string_view remote_address_of(const socket& who) const {
    return clients_.at_key(who.client)->remote_address;
  }
  /// The wall clock, see `engine::wall_now`.
  [[nodiscard]] std::optional<std::int64_t> wall_now(instant_ms now) const {
    return transport_.wall_now(now);
  }
  void measure(std::vector<measurement>& into) const;
  // The bytes kept for clients, see `engine::retained_bytes`.
  [[nodiscard]] std::int64_t retained_bytes(client_id id) const;
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit() const;
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit_in_all(
      std::int64_t connections) const;
  /// All sockets as a JSON array, in the order of connecting.
  [[nodiscard]] std::string snapshot() const;

 private:
  enum class deadline_kind { connect, attachment, claim };
  using deadline_key = std::pair<client_id, deadline_kind>;
  struct message_buffer {
    std::int64_t bytes = 0;
    std::deque<buffered_message> queue;
  };
  struct migrated_client;

  // retention.cpp. The functions return false if they rejected a client that exceeds a limit.
  void begin_partial(instant_ms now, client& c, std::string_view text, std::size_t expected);
  bool add_to_partial(client& c, std::int64_t bytes);
  bool is_partial_within_limit(client& c);
  std::unique_ptr<partial_packet> take_partial(client& c);
  void buffer(client& c, bool is_binary, std::string_view data);
  buffered_message take_buffered(message_buffer& from);
  /// Checks the limit of all clients' buffered bytes. Rejects those with the most; `c` may be one.
  bool is_buffer_within_limit(client& c);
  [[nodiscard]] std::int64_t buffered_bytes(const client& c) const;
  void drop_buffer(client& c);

  void deliver(instant_ms now, client& c, bool is_binary, std::string_view data);
  void on_text(instant_ms now, client& c, std::string_view text);
  void on_binary(instant_ms now, client& c, std::string_view data);
  void on_packet(instant_ms now, client& c, const packet& packet,
                 const std::vector<frame>& attachments);
  void on_connect(instant_ms now, client& c, const packet& packet);
  void reject(client& c, std::string_view what);
  void expel(instant_ms now, client& c, socket& s);
  void remove(instant_ms now, client& c, socket& s, std::string_view reason);
  void resume(instant_ms now, client& c);

  // recovery.cpp

  struct shown_secret {
    std::string text;
    sha256_digest hash;
  };
  /// The secrets that a CONNECT shows.
  struct shown_secrets {
    std::optional<shown_secret> pid;
    std::optional<shown_secret> token;
  };
  [[nodiscard]] static shown_secrets read_secrets(std::string_view auth);
  [[nodiscard]] static std::optional<shown_secret> read_secret(std::string_view auth,
                                                               std::string_view name);
  [[nodiscard]] bool is_own_pid(std::string_view pid) const;
  /// Whether none of these was drawn by this server, where they would be known.
  [[nodiscard]] bool is_foreign(const shown_secrets& shown) const;
  /// Another shard that may have the socket of a secret, or know where it is.
  [[nodiscard]] std::optional<shard_index> shard_of(const shown_secret& shown) const;
  /// Where to send a client whose socket is not here.
  [[nodiscard]] std::optional<shard_index> shard_to_ask(client& c,
                                                        const shown_secrets& shown) const;
  void move(client& c, shard_index to);
  /// Puts a CONNECT before all messages of a client that is paused from now on.
  void hold_connect(client& c, const packet& p);
  /// A socket that was drawn on another shard is here now, or has ended.
  void announce(const socket& s, bool is_here);
  /// A socket with a pid has come from another shard.
  void take_pid(socket& s);
  void close_to_come_again(client& c);
  /// A secret that says on which shard it was drawn, and that it was drawn here.
  [[nodiscard]] std::string sign(const sha256_digest& secret) const;
  [[nodiscard]] sha256_digest pid_tag(std::string_view drawn) const;
  [[nodiscard]] socket* find_by(const sha256_digest& secret_hash) const;
  /// Gives a socket a `pid` and returns it; empty if it gets none.
  std::string draw_pid(const client& c, socket& s);
  /// The same for a socket that has one, which nobody can use any more.
  std::string replace_pid(const client& c, socket& s);
  void void_secrets(const socket& s);
  void void_tokens(socket& s);
  /// The seed of what an application draws for a socket: unpredictable, and another one for each
  /// socket and connection.
  static std::uint64_t seed_for(const client& c, socket_number number);
  /// Whether a CONNECT was answered with the socket of one of these secrets, or waits for it.
  bool recover(instant_ms now, client& c, const packet& p, const shown_secrets& shown);
  void prepare_recovery(instant_ms now, client& c, const entropy& fresh);
  /// Draws the key for pids from the first client, which may have come from another shard.
  void make_pid_key(const client& c);
  void hold_claim(instant_ms now, client& c, const packet& p, socket_number of);
  void drop_claim(client& c);
  void expire_claim(client& c);
  /// Removes a socket from its client, its namespace and its rooms.
  std::unique_ptr<socket> take_out(client& c, socket& s);
  void lose(instant_ms now, client& c, socket& s, std::string_view reason);
  kept_socket take_over(instant_ms now, socket& s);
  void answer_connect(const socket& s, std::string_view pid);
  void forget_connect_deadline(client& c);

  void send_to_all(const std::vector<socket*>& recipients, const socket* except, const frame& text,
                   const std::vector<frame>& attachments);
  frame encode_event(std::string_view nsp, std::optional<std::uint64_t> id,
                     const payload& event) const;
  [[nodiscard]] frame frame_of(const packet& p) const;
  std::string make_id(const client& c, socket_number number) const;

  /// Whether a socket of a migrating client is valid and does not conflict with the sockets here.
  [[nodiscard]] bool can_take(const client& c, const socket& s) const;

  static socket* socket_in(const client& c, std::string_view nsp);
  adapter* adapter_of(std::string_view nsp);

  options options_;
  transport& transport_;
  shard here_;
  application* application_ = nullptr;

  std::uint64_t connects_ = 0;
  id_map<std::unique_ptr<client>> clients_;
  id_map<socket*> sockets_;
  std::map<std::string, adapter, std::less<>> namespaces_;
  deadlines<deadline_key> deadlines_;

  // Only with recovery.
  /// By the first bytes of the hashes of pids and tokens; connected and kept sockets.
  id_map<socket*> by_secret_;
  id_map<kept_socket> kept_;
  std::map<socket_number, std::vector<client_id>> claims_;  ///< who waits for a socket, in order
  std::map<std::uint64_t, shard_index> shard_by_pid_;  ///< where sockets of pids drawn here are
  std::optional<sha256_digest> pid_key_;  ///< for telling own pids from those of other servers

  std::unordered_map<client_id, message_buffer> buffers_;
  std::int64_t buffered_bytes_ = 0;  ///< of all clients
  limit_counts limited_{
      "attachments",  "packet_bytes",          "attachment_time",  "paused_bytes",
      "connect_time", "buffered_bytes_in_all", "outstanding_acks", "namespace_connects_per_minute"};
};

}  // namespace downbeat::socketio
