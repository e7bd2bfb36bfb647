#pragma once

#include "deadlines.hpp"
#include "entropy.hpp"
#include "frame.hpp"
#include "id_map.hpp"
#include "limit_counts.hpp"
#include "measurement.hpp"
#include "shard.hpp"
#include "socketio/adapter.hpp"
#include "socketio/application.hpp"
#include "socketio/options.hpp"
#include "socketio/packet.hpp"
#include "socketio/placeholder.hpp"
#include "socketio/socket.hpp"
#include "socketio/transport.hpp"
#include "time.hpp"

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
#include <vector>

namespace downbeat::socketio {

/// The answer to a CONNECT to a namespace that does not exist.
connect_error invalid_namespace();

/// A packet whose attachments have not all arrived.
struct partial_packet {
  std::string text;
  std::size_t expected;
  std::vector<frame> attachments;
};

/// A message of a client that is kept until somebody is ready for it.
struct held_message {
  bool is_binary;
  std::string data;
};

/// What becomes of a client's messages.
enum class attention : std::uint8_t {
  heard,
  held,  ///< kept until the client is resumed
  none,  ///< it broke the protocol or was told to go, and what else it sends is not looked at
};

/// One connection, and the sockets that it carries.
struct client {
  client_id id = 0;
  std::string query;
  std::string remote_address;
  entropy fresh{};
  std::vector<std::unique_ptr<socket>> sockets;  ///< in the order of connecting
  std::unique_ptr<partial_packet> partial;
  std::optional<instant_ms> connect_deadline;
  attention given = attention::heard;
};

/// Whom a broadcast is for: the members of any of the rooms, or everyone in the namespace if no
/// room is named, but not `except`.
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

  /// What runs on this server; set once, before the first fact.
  void attach(application& application) { application_ = &application; }

  // Facts of the transport.

  void opened(instant_ms now, client_id id, std::string_view query, std::string_view remote_address,
              const entropy& fresh);
  void received(instant_ms now, client_id id, bool is_binary, std::string_view data);
  void closed(client_id id, std::string_view reason);
  void deadline_reached(instant_ms now);
  [[nodiscard]] std::optional<instant_ms> next_deadline() const { return deadlines_.next(); }
  /// A client moves to another shard.
  std::unique_ptr<luggage> pack(client_id id);
  /// A client moved here. Where it came from its messages were held, and they still are.
  void unpack(instant_ms now, client_id id, std::unique_ptr<luggage> content);

  // Commands of the application. A payload's JSON is an array: of an event its name, which is not
  // reserved, and its arguments; of an answer its arguments.

  void emit(const socket& to, const payload& event);
  /// Emits an event that asks for an acknowledgement; returns the id that `acknowledged` is
  /// called with. A client that owes too many already is disconnected.
  std::uint64_t emit_with_ack(const socket& to, const payload& event);
  /// Answers the event that asked for `ack_id`.
  void acknowledge(const socket& to, std::uint64_t ack_id, const payload& answer);
  /// Emits to many; the event is encoded once, and its bytes are shared by all who get it.
  void broadcast(const target& to, const payload& event);
  /// Emits to the others in a room that the sender is in, encoded once as well.
  void relay(const socket& from, const room& in, const payload& event);
  /// The same with an event whose array comes in pieces, so that it is written only once.
  void relay(const socket& from, const room& in, std::span<const std::string_view> json);

  /// From now on.
  void limit_attachments(std::int64_t count) { options_.max_attachments = count; }
  void limit_queues(std::int64_t by_client, std::int64_t in_all) {
    transport_.limit_queues(by_client, in_all);
  }

  void join(const socket& who, std::string_view room_name);
  void leave(const socket& who, std::string_view room_name);

  /// Ends a socket from this side; with `close_transport` all that its client has, in every
  /// namespace, and the connection. What is ended is gone when this returns, `who` too.
  void disconnect(const socket& who, bool close_transport);
  /// Closes the connection that carries a socket.
  void close(const socket& who) { transport_.close(who.client); }

  /// Keeps what a socket's client sends from now on, in the order in which it comes.
  void hold(const socket& who);
  /// Goes on with it, and with what was kept. `who` may be gone when this returns.
  void resume(instant_ms now, const socket& who);
  /// Moves the client to another shard, where it is held until it is resumed there.
  void move(const socket& who, shard_index to) { transport_.move(who.client, to); }

  // Getters.

  /// A socket by its public id, or nothing.
  [[nodiscard]] const socket* find(std::string_view nsp, std::string_view id) const;
  [[nodiscard]] const socket* find(socket_number number) const;
  void measure(std::vector<measurement>& into) const;
  /// All sockets as a JSON array, in the order of connecting.
  [[nodiscard]] std::string snapshot() const;

 private:
  void deliver(instant_ms now, client& c, bool is_binary, std::string_view data);
  void keep(client& c, bool is_binary, std::string_view data);
  void on_text(instant_ms now, client& c, std::string_view text);
  void on_binary(instant_ms now, client& c, std::string_view data);
  void on_packet(instant_ms now, client& c, const packet& packet,
                 const std::vector<frame>& attachments);
  void on_connect(client& c, const packet& packet);
  void reject(client& c, std::string_view what);
  void expel(client& c, socket& s);
  void remove(client& c, socket& s, std::string_view reason);

  void send_to_all(const std::vector<socket*>& recipients, const socket* except, const frame& text,
                   const std::vector<frame>& attachments);
  frame encode_event(std::string_view nsp, std::optional<std::uint64_t> id,
                     const payload& event) const;
  [[nodiscard]] frame frame_of(const packet& p) const;
  void send(const socket& to, const frame& text, const std::vector<frame>& attachments);
  std::string make_id(const client& c, socket_number number) const;

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
  deadlines<client_id> deadlines_;

  struct held_messages {
    std::size_t bytes = 0;
    std::deque<held_message> queue;
  };
  struct packed_client;
  std::unordered_map<client_id, held_messages> held_;
  limit_counts limited_{"attachments", "connect_time", "outstanding_acks"};
};

}  // namespace downbeat::socketio
