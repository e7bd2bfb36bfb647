// Twenty clients do whatever they like, and everybody sees the same.

#include "base/entropy.hpp"
#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "socketio/server.hpp"
#include "support/session_invariants.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam::test {
namespace {

using nlohmann::json;

/// A musician who keeps a list of who is there by nothing but what they receive.
struct listener : musician {
  using musician::musician;

  /// Asks for something, and remembers what for.
  void ask(const std::string& event, const json& payload) {
    asked[emit_with_ack(event, payload.dump())] = {event, payload};
  }

  void listen() {
    for (const std::string& message : messages()) {
      if (message.substr(0, 2) == "42") {
        const json event = json::parse(message.substr(2));
        hear(event[0].get<std::string>(), event[1]);
      } else if (message.substr(0, 2) == "43") {
        const auto bracket = message.find('[');
        const auto cause = asked.extract(std::stoull(message.substr(2, bracket - 2))).mapped();
        hear_answer(cause.first, cause.second, json::parse(message.substr(bracket))[0]);
      }
    }
  }

  void hear(const std::string& event, const json& what) {
    if (event == "session:created") {
      code = what["roomCode"].get<std::string>();
      host = id();
      people = json::array();
    } else if (event == "session:joined") {
      code = what["roomCode"].get<std::string>();
      host = what["hostId"].get<std::string>();
      people = what["participants"];
    } else if (event == "session:user-joined") {
      people.push_back(what["user"]);
    } else if (event == "session:user-left") {
      const auto gone = std::find_if(people.begin(), people.end(),
                                     [&](const json& who) { return who["id"] == what["userId"]; });
      REQUIRE(gone != people.end());
      people.erase(gone);
    } else if (event == "session:user-updated") {
      replace(what["user"]);
    } else if (event == "session:host-changed") {
      host = what["hostId"].get<std::string>();
    } else if (event == "session:event") {
      CHECK(what["data"] == code);  // nobody gets what is played elsewhere
    } else {
      CHECK(event == "error");
    }
  }

  void hear_answer(const std::string& event, const json& payload, const json& answer) {
    if (!answer["ok"].get<bool>()) return;
    if (event == "session:create") {
      people.push_back({{"id", id()}, {"name", payload["name"]}, {"instrument", "unknown"}});
    } else if (event == "session:leave") {
      code.clear();
      people = json::array();
    } else if (event == "session:update") {
      json self = *std::find_if(people.begin(), people.end(),
                                [&](const json& who) { return who["id"] == id(); });
      self.update(payload);
      replace(self);
    }
  }

  void replace(const json& person) {
    for (json& who : people) {
      if (who["id"] == person["id"]) who = person;
    }
  }

  std::map<std::uint64_t, std::pair<std::string, json>> asked;
  std::string code;  ///< of the session that they believe to be in
  std::string host;
  json people = json::array();
};

/// How the server is made, and how fast messages between its shards arrive.
struct setting {
  shard_index shards;
  bool are_messages_slow;
};

class simulation {
 public:
  simulation(std::uint64_t seed, const setting& how)
      : random_(seed), how_(how), s_({}, how.shards) {
    for (int i = 0; i < 20; ++i) clients_.push_back(newcomer());
    if (how_.are_messages_slow) s_.line.hold_messages();
  }

  void step() {
    if (how_.are_messages_slow) deliver_some();
    auto& who = clients_[static_cast<std::size_t>(random_.below(clients_.size()))];
    switch (random_.below(12)) {
      case 0:
      case 1: who->ask("session:create", {{"name", name()}}); break;
      case 2:
      case 3:
      case 4: who->ask("session:join", {{"roomCode", some_code()}, {"name", name()}}); break;
      case 5: who->ask("session:leave", {{"roomCode", who->code}}); break;
      case 6: who->ask("session:leave", {{"roomCode", some_code()}}); break;
      case 7: who->ask("session:update", {{"name", name()}, {"instrument", name()}}); break;
      case 8:
        // With another request pending, they may be elsewhere by the time that this arrives.
        if (who->asked.empty()) who->ask("session:event", {{"type", "t"}, {"data", who->code}});
        break;
      case 9: who->emit("session:join", R"({"roomCode":7})"); break;
      case 10:
        who->vanish();
        who = newcomer();
        break;
      default:
        switch (random_.below(3)) {
          case 0: who->send("42{}"); break;
          case 1: who->send("41"); break;
          default: s_.line.advance(static_cast<std::int64_t>(random_.below(5'000))); return;
        }
        who->vanish();
        who = newcomer();
    }
  }

  /// Once nothing is under way, everybody must be where they believe to be.
  void check() {
    if (how_.are_messages_slow) {
      s_.line.release_messages();
      s_.line.hold_messages();
    }
    std::uint64_t participants = 0;
    for (const auto& who : clients_) who->listen();
    for (const auto& who : clients_) {
      const session::room* const place = room_of(*who);
      const auto& rooms = socket_of(*who).rooms;
      if (place == nullptr) {
        REQUIRE(rooms.empty());
        REQUIRE(who->code.empty());
        continue;
      }
      ++participants;
      REQUIRE(rooms.size() == 1);
      REQUIRE(rooms.front()->name == place->code);
      REQUIRE(rooms.front()->members.size() == place->participants.size());
      REQUIRE(who->code == place->code);
      REQUIRE(who->host == place->host().str());
      json people = json::array();
      for (const session::participant& each : place->participants) {
        people.push_back({{"id", each.id}, {"name", each.name}, {"instrument", each.instrument}});
      }
      REQUIRE(who->people == people);
    }
    REQUIRE(s_.line.measure("participants") == participants);
    REQUIRE(s_.line.measure("rooms") == s_.line.measure("sessions"));
    REQUIRE(s_.line.measure("sockets") == clients_.size());
    check_directories();
  }

  void listen() {
    for (const auto& who : clients_) who->listen();
  }

  void end() {
    for (const auto& who : clients_) who->vanish();
    s_.line.release_messages();
    for (const auto* what : {"participants", "rooms", "sessions", "sockets"}) {
      CHECK(s_.line.measure(what) == 0);
    }
    if (how_.shards == 1) return;
    CHECK(s_.line.measure("connections_moved_total") > 0);
    // On polling, a closed one is remembered until it asks.
    if (how_.are_messages_slow) CHECK(s_.line.measure("connections_remembered") == 0);
  }

 private:
  void deliver_some() {
    const auto ways = s_.line.ways();
    if (ways.empty()) return;
    for (auto i = random_.below(3); i > 0; --i) {
      const auto& [from, to] = ways[static_cast<std::size_t>(random_.below(ways.size()))];
      s_.line.deliver(from, to);
    }
  }

  const session::room* room_of(const listener& who) {
    const session::room* found = nullptr;
    for (const application* app : s_.apps) {
      const session::room* const here = app->sessions().room_of(session::user_id(who.id()));
      REQUIRE((here == nullptr || found == nullptr));
      if (here != nullptr) found = here;
    }
    return found;
  }

  const socketio::socket& socket_of(const listener& who) {
    const socketio::socket* found = nullptr;
    for (const socketio::server* server : s_.servers) {
      const socketio::socket* const here = server->find("/", who.id());
      REQUIRE((here == nullptr || found == nullptr));
      if (here != nullptr) found = here;
    }
    REQUIRE(found != nullptr);
    return *found;
  }

  void check_directories() {
    std::vector<session::user_id> users;
    for (const auto& who : clients_) users.emplace_back(who->id());
    std::vector<const session::directory*> sessions;
    for (const application* app : s_.apps) {
      sessions.push_back(&app->sessions());
      for (const session::room* room : app->sessions().rooms()) REQUIRE(room->reservations == 0);
    }
    REQUIRE(session::test::broken_invariant(sessions, {}, users) == "");
  }

  std::unique_ptr<listener> newcomer() {
    // A POST that waits for slow messages is answered elsewhere.
    if (how_.are_messages_slow)
      return std::make_unique<listener>(s_.line, transport_kind::websocket);
    constexpr transport_kind transport_kinds[] = {transport_kind::websocket,
                                                  transport_kind::polling, transport_kind::upgrade};
    return std::make_unique<listener>(s_.line, transport_kinds[random_.below(3)]);
  }
  std::string name() { return "name " + std::to_string(random_.below(1'000)); }
  /// Most often that of a live session.
  std::string some_code() {
    const std::string& code =
        clients_[static_cast<std::size_t>(random_.below(clients_.size()))]->code;
    return code.empty() || random_.below(10) == 0 ? "INVALID-99" : code;
  }

  splitmix64 random_;
  setting how_;
  jam_stage s_;
  std::vector<std::unique_ptr<listener>> clients_;
};

}  // namespace

TEST_CASE("whatever twenty clients do, rooms mirror sessions and all members see the same list") {
  const auto seed = GENERATE(range(1, 6));
  const shard_index shards = GENERATE(1u, 3u);
  CAPTURE(seed, shards);
  simulation s(static_cast<std::uint64_t>(seed), {shards, false});
  for (int step = 0; step < 1'500; ++step) {
    CAPTURE(step);
    s.step();
    s.check();
  }
  s.end();
}

TEST_CASE("so they do when messages between shards come late, once all have come") {
  const auto seed = GENERATE(range(1, 21));
  const shard_index shards = GENERATE(2u, 4u);
  CAPTURE(seed, shards);
  simulation s(static_cast<std::uint64_t>(seed), {shards, true});
  for (int step = 1; step <= 2'000; ++step) {
    CAPTURE(step);
    s.step();
    s.listen();
    if (step % 25 == 0) s.check();
  }
  s.end();
}

}  // namespace downbeat::jam::test
