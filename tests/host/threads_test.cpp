// Several event loops: sessions migrate to the loop of their room, with everything in flight.

#include "driver/recorder.hpp"
#include "host/comes_to.hpp"
#include "host/json_member_of.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "host/temporary_folder.hpp"
#include "jam/make_engine.hpp"
#include "replay/header.hpp"
#include "replay/run.hpp"
#include "session/canonical_code.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace downbeat::test {
namespace {

using host::opcode;

constexpr shard_index loops = 3;

std::vector<std::unique_ptr<engine>> jam_in_shards(const jam::options& options = {}) {
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < loops; ++i) cores.push_back(jam::make_engine(options, {i, loops}));
  return cores;
}

/// A musician on a WebSocket. Connections go to the loops in turn.
struct musician {
  explicit musician(const running_server& server) : line(peer::websocket(server.port())) {
    REQUIRE(line.read_frame().data.starts_with("0{"));
    say("40");
    id = json_member_of(hear(), "sid");
  }

  void say(const std::string& text) { line.send_frame(opcode::text, text); }
  std::string hear() { return line.read_frame().data; }
  void join(const std::string& code) {
    say(R"(42["session:join",{"roomCode":")" + code + R"(","name":"Bob"}])");
  }
  std::string create() {
    say(R"(42["session:create",{"name":"Ada"}])");
    return json_member_of(hear(), "roomCode");
  }
  void play(int note) {
    say(R"(42["session:event",{"type":"note","data":)" + std::to_string(note) + "}]");
  }

  peer line;
  std::string id;
};

std::string played(const musician& by, int note) {
  return R"(42["session:event",{"userId":")" + by.id + R"(","type":"note","data":)" +
         std::to_string(note) + "}]";
}

shard_index loop_of(const std::string& code) {
  return session::shard_of(*session::canonicalize(code), loops);
}

}  // namespace

TEST_CASE("musicians who connect to different loops play together") {
  running_server server({}, jam_in_shards());
  musician ada(server);
  const std::string code = ada.create();
  std::vector<std::unique_ptr<musician>> others;
  for (int i = 0; i < 8; ++i) {
    others.push_back(std::make_unique<musician>(server));
    others.back()->join(code);
    CHECK(others.back()->hear().starts_with(R"(42["session:joined",)"));
    for (int before = 0; before < i; ++before) {
      CHECK(others[static_cast<std::size_t>(before)]->hear().starts_with(
          R"(42["session:user-joined",)"));
    }
    CHECK(ada.hear().starts_with(R"(42["session:user-joined",)"));
  }
  for (int note = 0; note < 20; ++note) {
    ada.play(note);
    for (const auto& other : others) CHECK(other->hear() == played(ada, note));
  }
  CHECK(comes_to(server, "downbeat_sessions 1"));
  CHECK(comes_to(server, "downbeat_participants 9"));
  CHECK(comes_to(server, "downbeat_websockets 9"));
}

TEST_CASE("what is sent right behind a join arrives right behind it") {
  running_server server({}, jam_in_shards());
  musician ada(server);
  const std::string code = ada.create();
  for (int round = 0; round < 6; ++round) {
    musician bob(server);
    bob.join(code);
    for (int note = 0; note < 50; ++note) bob.play(note);
    CHECK(ada.hear().starts_with(R"(42["session:user-joined",)"));
    for (int note = 0; note < 50; ++note) REQUIRE(ada.hear() == played(bob, note));
    bob.line.reset();
    CHECK(ada.hear().starts_with(R"(42["session:user-left",)"));
  }
}

TEST_CASE("a musician goes from loop to loop and back") {
  running_server server({}, jam_in_shards());
  musician first(server);
  musician second(server);
  musician third(server);
  const std::vector<std::string> codes = {first.create(), second.create(), third.create()};
  REQUIRE(loop_of(codes[0]) != loop_of(codes[1]));
  REQUIRE(loop_of(codes[1]) != loop_of(codes[2]));
  musician* const hosts[] = {&first, &second, &third};

  musician wanderer(server);
  for (std::size_t i = 0; i < 30; ++i) {
    wanderer.join(codes[i % 3]);
    wanderer.play(static_cast<int>(i));
    CHECK(wanderer.hear().starts_with(R"(42["session:joined",)"));
    CHECK(hosts[i % 3]->hear().starts_with(R"(42["session:user-joined",)"));
    CHECK(hosts[i % 3]->hear() == played(wanderer, static_cast<int>(i)));
    if (i > 0) CHECK(hosts[(i - 1) % 3]->hear().starts_with(R"(42["session:user-left",)"));
  }
}

TEST_CASE("a musician on polling is found by requests on any loop") {
  running_server server({}, jam_in_shards());
  musician ada(server);
  const std::string code = ada.create();

  for (int round = 0; round < 3; ++round) {
    peer line(server.port());
    const std::string sid = json_member_of(line.ask(poll("EIO=4&transport=polling")).body, "sid");
    const std::string query = "EIO=4&transport=polling&sid=" + sid;
    const auto say = [&](const std::string& packet) {
      // Each of them on a connection of its own.
      CHECK(peer(server.port()).ask(post(query, packet)).body == "ok");
    };
    say("40");
    CHECK(peer(server.port()).ask(poll(query)).body.starts_with("40{"));
    // A GET waits while the session migrates.
    peer waiting(server.port());
    waiting.send(poll(query));
    say(R"(42["session:join",{"roomCode":")" + code + R"(","name":"Bob"}])" + "\x1e" +
        R"(42["session:event",{"type":"note","data":1}])");
    CHECK(waiting.read_reply().body.starts_with(R"(42["session:joined",)"));
    CHECK(ada.hear().starts_with(R"(42["session:user-joined",)"));
    CHECK(ada.hear().find(R"("type":"note","data":1)") != std::string::npos);
    ada.play(2);
    CHECK(peer(server.port()).ask(poll(query)).body == played(ada, 2));

    // Then with a WebSocket that upgrades the session.
    peer candidate = peer::websocket(server.port(), "EIO=4&transport=websocket&sid=" + sid);
    candidate.send_frame(opcode::text, "2probe");
    CHECK(candidate.read_frame().data == "3probe");
    candidate.send_frame(opcode::text, "5");
    ada.play(3);
    CHECK(candidate.read_frame().data == played(ada, 3));
    candidate.reset();
    CHECK(ada.hear().starts_with(R"(42["session:user-left",)"));
    CHECK(peer(server.port()).ask(poll(query)).status == 400);
  }
}

TEST_CASE("a large POST for a session on another loop is read there") {
  jam::options options;
  options.max_event_bytes = 0;
  options.engineio.max_payload_bytes = 1'000'000;
  running_server server({}, jam_in_shards(options));
  musician ada(server);
  const std::string code = ada.create();
  const std::string sid =
      json_member_of(peer(server.port()).ask(poll("EIO=4&transport=polling")).body, "sid");
  const std::string query = "EIO=4&transport=polling&sid=" + sid;
  CHECK(peer(server.port()).ask(post(query, "40")).body == "ok");
  CHECK(peer(server.port())
            .ask(post(query, R"(42["session:join",{"roomCode":")" + code + R"(","name":"Bob"}])"))
            .body == "ok");
  CHECK(ada.hear().starts_with(R"(42["session:user-joined",)"));
  const std::string much(400'000, 'x');
  for (int i = 0; i < 3; ++i) {
    peer line(server.port());
    CHECK(line.ask(post(query, R"(42["session:event",{"type":"t","data":")" + much + "\"}]",
                        "Expect: 100-continue\r\n"))
              .status == 100);
    CHECK(line.read_reply().body == "ok");
    CHECK(ada.hear().size() > much.size());
  }
}

TEST_CASE("limits of connections count those of all loops") {
  host::server_options options;
  options.max_connections = 4;
  running_server server(options, jam_in_shards());
  {
    std::vector<std::unique_ptr<peer>> peers;
    for (int i = 0; i < 4; ++i) {
      peers.push_back(std::make_unique<peer>(server.port()));
      peers.back()->send("G");
    }
    peer one_more(server.port());
    one_more.send("G");
    CHECK(one_more.read_reply().status == 503);
    CHECK(peers.back()->ask(get("/healthz").substr(1)).body.find(R"("connections":4)") !=
          std::string::npos);
  }
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}

TEST_CASE("a shutdown takes leave of everybody on all loops, also in the midst of moves") {
  for (int round = 0; round < 5; ++round) {
    running_server server({}, jam_in_shards());
    musician ada(server);
    const std::string code = ada.create();
    std::vector<std::unique_ptr<musician>> others;
    for (int i = 0; i < 6; ++i) others.push_back(std::make_unique<musician>(server));
    for (const auto& other : others) other->join(code);
    server.begin_stop();
    for (const auto& other : others) CHECK(other->line.is_closed_by_server());
    CHECK(ada.line.is_closed_by_server());
    server.stop();
  }
}

TEST_CASE("the recording of each loop replays by itself") {
  const temporary_folder folder;
  std::vector<std::unique_ptr<host::recorder>> recorders;
  const jam::options options;
  const auto file_of = [&](shard_index i) {
    return (folder.path() / ("jam." + std::to_string(i))).string();
  };
  for (shard_index i = 0; i < loops; ++i) {
    recorders.push_back(
        std::make_unique<host::recorder>(file_of(i), replay::write_header(options, {i, loops})));
  }
  std::size_t moved = 0;
  {
    running_server server({}, jam_in_shards(options), std::move(recorders));
    for (int round = 0; round < 6; ++round) {
      musician ada(server);
      const std::string code = ada.create();
      musician bob(server);
      bob.join(code);
      // Sent while Bob may be migrating.
      bob.play(round);
      while (ada.hear().find("session:event") == std::string::npos) {
      }
    }
  }
  std::string all;
  for (shard_index i = 0; i < loops; ++i) {
    std::ifstream file(file_of(i), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const auto found = replay::run(text.str());
    CHECK(found.difference == "");
    CHECK(found.cut_off_line == 0);
    CHECK(found.inputs > 5);
    all += text.str();
  }
  for (auto at = all.find(" > moved-in "); at != all.npos; at = all.find(" > moved-in ", at + 1)) {
    ++moved;
  }
  CHECK(moved > 0);
  const auto found = replay::run(all);
  CHECK(found.difference == "");
  CHECK(found.traces == loops);
}

}  // namespace downbeat::test
