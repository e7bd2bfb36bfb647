// Twenty clients do whatever they like, and everybody sees the same.

#include "core/jam/jam_story.hpp"
#include "entropy.hpp"

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

/// A musician who keeps a list of who is there by nothing but what they hear.
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
      CHECK(what["data"] == code);  // nobody hears what is played elsewhere
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

class simulation {
 public:
  explicit simulation(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 20; ++i) clients_.push_back(newcomer());
  }

  void step() {
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
      case 8: who->ask("session:event", {{"type", "t"}, {"data", who->code}}); break;
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

  void check() {
    std::uint64_t seated = 0;
    for (const auto& who : clients_) who->listen();
    for (const auto& who : clients_) {
      const session::room* const place = s_.app->sessions().room_of(who->id());
      const auto& rooms = s_.server->find("/", who->id())->rooms;
      if (place == nullptr) {
        REQUIRE(rooms.empty());
        REQUIRE(who->code.empty());
        continue;
      }
      ++seated;
      REQUIRE(rooms.size() == 1);
      REQUIRE(rooms[0]->name == place->code);
      REQUIRE(rooms[0]->members.size() == place->participants.size());
      REQUIRE(who->code == place->code);
      REQUIRE(who->host == place->host());
      json people = json::array();
      for (const session::participant& each : place->participants) {
        people.push_back({{"id", each.id}, {"name", each.name}, {"instrument", each.instrument}});
      }
      REQUIRE(who->people == people);
    }
    REQUIRE(s_.line.measure("participants") == seated);
    REQUIRE(s_.line.measure("rooms") == s_.line.measure("sessions"));
    REQUIRE(s_.line.measure("sockets") == clients_.size());
  }

  void end() {
    for (const auto& who : clients_) who->vanish();
    for (const auto* what : {"participants", "rooms", "sessions", "sockets"}) {
      CHECK(s_.line.measure(what) == 0);
    }
  }

 private:
  std::unique_ptr<listener> newcomer() {
    constexpr carrier carriers[] = {carrier::websocket, carrier::polling, carrier::upgrade};
    return std::make_unique<listener>(s_.line, carriers[random_.below(3)]);
  }
  std::string name() { return "name " + std::to_string(random_.below(1'000)); }
  /// Most often that of a live session.
  std::string some_code() {
    const std::string& code =
        clients_[static_cast<std::size_t>(random_.below(clients_.size()))]->code;
    return code.empty() || random_.below(10) == 0 ? "INVALID-99" : code;
  }

  splitmix64 random_;
  jam_stage s_;
  std::vector<std::unique_ptr<listener>> clients_;
};

}  // namespace

TEST_CASE("whatever twenty clients do, rooms mirror sessions and all members see the same list") {
  const auto seed = GENERATE(range(1, 6));
  CAPTURE(seed);
  simulation s(static_cast<std::uint64_t>(seed));
  for (int step = 0; step < 1'500; ++step) {
    CAPTURE(step);
    s.step();
    s.check();
  }
  s.end();
}

}  // namespace downbeat::jam::test
