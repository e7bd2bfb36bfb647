#pragma once

#include "jam/make_engine.hpp"
#include "jam/options.hpp"
#include "shard.hpp"
#include "support/jam_shards.hpp"
#include "support/socketio_client.hpp"
#include "support/wire.hpp"

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Words for stories of the jam session: what clients send is short, and what they must receive is
/// written out exactly as it is on the wire.
namespace downbeat::jam::test {

using downbeat::test::all_transports;
using downbeat::test::find_room;
using downbeat::test::member_of;
using downbeat::test::participant_count;
using downbeat::test::room_of;
using downbeat::test::session_count;
using downbeat::test::socketio_client;
using downbeat::test::transcript;
using downbeat::test::transport_kind;
using downbeat::test::wire;

/// A musician, who is connected when the story begins.
struct musician : socketio_client {
  explicit musician(wire& line, transport_kind by = transport_kind::websocket,
                    std::string_view auth = {})
      : socketio_client(line, by) {
    connect("/", auth);
  }

  /// Creates a session; its answer, which is looked at elsewhere, is taken. Returns the code.
  std::string create(std::string_view name) {
    emit("session:create", "{\"name\":\"" + std::string(name) + "\"}");
    return member_of(last_message(), "roomCode");
  }
  void join(std::string_view code, std::string_view name, std::string_view instrument = {}) {
    std::string payload =
        "{\"roomCode\":\"" + std::string(code) + "\",\"name\":\"" + std::string(name) + '"';
    if (!instrument.empty()) payload += ",\"instrument\":\"" + std::string(instrument) + '"';
    emit("session:join", payload + '}');
  }
  void leave(std::string_view code) {
    emit("session:leave", "{\"roomCode\":\"" + std::string(code) + "\"}");
  }
};

/// Stories run on a server with one shard. With DOWNBEAT_TEST_SHARDS=3 they run on one with three,
/// and no client must notice.
inline shard_index usual_shards() {
  const char* const wish = std::getenv("DOWNBEAT_TEST_SHARDS");
  return wish == nullptr ? 1 : static_cast<shard_index>(std::strtoul(wish, nullptr, 10));
}

/// A jam server on virtual time, and what tests may look at behind its back.
struct jam_stage {
  explicit jam_stage(const options& options = {}, shard_index shards = usual_shards())
      : jam_stage(downbeat::test::jam_shards(options, shards)) {}

  std::vector<socketio::server*> servers;  ///< of each shard
  std::vector<application*> apps;
  socketio::server* server = nullptr;  ///< of the first shard
  application* app = nullptr;
  wire line;

 private:
  explicit jam_stage(downbeat::test::jam_shards made)
      : servers(std::move(made.servers)),
        apps(std::move(made.apps)),
        server(servers.front()),
        app(apps.front()),
        line(std::move(made.engines)) {}
};

/// A jam server for conversations with bystanders, who never join a namespace.
inline std::unique_ptr<engine> make_patient_engine() {
  options options;
  options.socketio.connect_timeout_ms = 1'000'000'000;
  return make_engine(options);
}

// What a client receives.

inline std::string person(std::string_view id, std::string_view name,
                          std::string_view instrument = "unknown") {
  std::string json = R"({"id":")";
  json.append(id).append(R"(","name":")").append(name).append(R"(","instrument":")");
  return json.append(instrument).append("\"}");
}

inline std::string created_json(std::string_view code, std::string_view id) {
  std::string json = R"({"roomCode":")";
  return json.append(code).append(R"(","userId":")").append(id).append("\"}");
}

inline std::string joined_json(std::string_view code, std::initializer_list<std::string> people,
                               std::string_view id, std::string_view host) {
  std::string json = R"({"roomCode":")";
  json.append(code).append(R"(","participants":[)");
  bool is_first = true;
  for (const std::string& who : people) {
    if (!is_first) json += ',';
    is_first = false;
    json += who;
  }
  json.append(R"(],"userId":")").append(id).append(R"(","hostId":")").append(host);
  return json.append("\"}");
}

inline std::string event(std::string_view name, std::string_view json) {
  std::string text = R"(42[")";
  return text.append(name).append("\",").append(json).append("]");
}

inline std::string created(std::string_view code, std::string_view id) {
  return event("session:created", created_json(code, id));
}
inline std::string joined(std::string_view code, std::initializer_list<std::string> people,
                          std::string_view id, std::string_view host) {
  return event("session:joined", joined_json(code, people, id, host));
}
inline std::string user_joined(const std::string& who) {
  return event("session:user-joined", R"({"user":)" + who + '}');
}
inline std::string user_left(const std::string& id) {
  return event("session:user-left", R"({"userId":")" + id + "\"}");
}
inline std::string host_changed(const std::string& id) {
  return event("session:host-changed", R"({"hostId":")" + id + "\"}");
}
inline std::string user_updated(const std::string& who) {
  return event("session:user-updated", R"({"user":)" + who + '}');
}
inline std::string relayed(const std::string& id, const std::string& type_and_data) {
  return event("session:event", R"({"userId":")" + id + "\"," + type_and_data + '}');
}
/// What a client shows to recover its socket.
inline std::string pid_auth(std::string_view pid) {
  return R"({"pid":")" + std::string(pid) + "\"}";
}
inline std::string user_away(const std::string& id, std::int64_t grace_ms) {
  return event("session:user-left", R"({"userId":")" + id + R"(","away":true,"graceMs":)" +
                                        std::to_string(grace_ms) + '}');
}
inline std::string user_back(const std::string& who, const std::string& after) {
  return event("session:user-joined", R"({"user":)" + who + R"(,"back":true,"after":)" +
                                          (after.empty() ? "null" : '"' + after + '"') + '}');
}
inline std::string user_gone(const std::string& id, const std::string& reason) {
  return event("session:user-gone", R"({"userId":")" + id + R"(","reason":")" + reason + "\"}");
}
inline std::string acting_host(const std::string& id) {
  return event("session:host-changed", R"({"hostId":")" + id + R"(","acting":true})");
}
/// `more` begins with a comma.
inline std::string joined_with(std::string_view code, std::initializer_list<std::string> people,
                               std::string_view id, std::string_view host,
                               const std::string& more) {
  std::string json = joined_json(code, people, id, host);
  json.pop_back();
  return event("session:joined", json + more + '}');
}
inline std::string away_person(std::string_view id, std::string_view name, std::int64_t grace_ms) {
  std::string json = person(id, name);
  json.pop_back();
  return json + R"(,"graceMs":)" + std::to_string(grace_ms) + '}';
}
inline std::string ended(std::string_view reason, std::string_view code = {}) {
  std::string json = "{";
  if (!code.empty()) json.append(R"("roomCode":")").append(code).append(R"(",)");
  return event("session:ended", json.append(R"("reason":")").append(reason).append("\"}"));
}
inline std::string error(const std::string& message, const std::string& code,
                         const std::string& cause) {
  return event("error", R"({"message":")" + message + R"(","code":")" + code + R"(","event":")" +
                            cause + "\"}");
}
inline std::string failed(std::uint64_t ack, const std::string& message, const std::string& code) {
  return "43" + std::to_string(ack) + R"([{"ok":false,"error":{"message":")" + message +
         R"(","code":")" + code + "\"}}]";
}
/// `members` are those of the success payload, without braces.
inline std::string acked(std::uint64_t ack, const std::string& members = {}) {
  return "43" + std::to_string(ack) + R"([{"ok":true)" + (members.empty() ? "" : ",") + members +
         "}]";
}

/// Why a request is refused that comes too soon.
inline const std::string too_many = "Too many requests, try again later";

/// A placeholder for the first attachment.
inline const std::string p0 = R"({"_placeholder":true,"num":0})";

/// Seats of lost clients are kept for so long, and nobody has to answer pings meanwhile.
inline constexpr std::int64_t grace_ms = 60'000;
inline options with_seats() {
  options of;
  of.reconnect_grace_s = grace_ms / 1'000;
  of.engineio.ping_interval_ms = 1'000'000'000;
  return of;
}
/// The same, with a journal that the host keeps.
inline options journaled() {
  options of = with_seats();
  of.journal = journal_kind::host;
  return of;
}

}  // namespace downbeat::jam::test
