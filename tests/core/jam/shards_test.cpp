// A server in several shards: whoever joins a room of another shard moves there, and nobody
// notices.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "jam/memory_journal.hpp"
#include "jam/settings.hpp"
#include "jam/shard_message.hpp"
#include "session/canonical_code.hpp"
#include "socketio/server.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam::test {
namespace {

using kind = notice::kind;

/// A musician at a shard of choice. One who upgrades makes two connections.
musician musician_at(jam_stage& s, shard_index which,
                     transport_kind by = transport_kind::websocket) {
  s.line.connect_next_to(which);
  return musician(s.line, by);
}

/// Delivers all messages that wait on one way; false if there is none.
bool bring(jam_stage& s, shard_index from, shard_index to) {
  bool is_any = false;
  while (s.line.deliver(from, to)) is_any = true;
  return is_any;
}

std::size_t everybody(const jam_stage& s) {
  std::size_t count = 0;
  for (const application* app : s.apps) count += participant_count(*app);
  return count;
}

}  // namespace

TEST_CASE("a room's code belongs to the shard that made it") {
  jam_stage s({}, 3);
  for (shard_index which = 0; which < 3; ++which) {
    for (int i = 0; i < 20; ++i) {
      musician host = musician_at(s, which);
      const std::string code = host.create("Ada");
      CHECK(session::shard_of(*session::canonicalize(code), 3) == which);
      host.vanish();
    }
  }
}

TEST_CASE("ids never repeat, on whichever shard they are given") {
  jam_stage s({}, 3);
  const entropy always_equal{};
  std::set<std::string> ids;
  std::set<std::string> sids;
  for (shard_index i = 0; i < 30; ++i) {
    s.line.draw_next(always_equal);
    const musician one = musician_at(s, i % 3);
    ids.insert(one.id());
    sids.insert(one.sid());
  }
  CHECK(ids.size() == 30);
  CHECK(sids.size() == 30);
}

TEST_CASE("a client that joins a room of another shard migrates there") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0, by);
  const std::string code = ada.create("Ada");
  const shard_index home = find_room(*s.apps[0], code) ? 0 : 1;
  musician bob = musician_at(s, 1 - home, by);

  bob.join(code, "Bob", "drums");
  CHECK(bob.messages() ==
        transcript{joined(code, {person(ada.id(), "Ada"), person(bob.id(), "Bob", "drums")},
                          bob.id(), ada.id())});
  CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob", "drums"))});
  REQUIRE(find_room(*s.apps[home], code)->participants.size() == 2);

  SECTION("and plays there") {
    bob.emit("session:event", R"({"type":"note","data":1})");
    ada.emit("session:event", R"({"type":"note","data":2})");
    CHECK(ada.messages() == transcript{relayed(bob.id(), R"("type":"note","data":1)")});
    CHECK(bob.messages() == transcript{relayed(ada.id(), R"("type":"note","data":2)")});
  }
  SECTION("and answers pings there") {
    for (int second = 0; second < 120; ++second) {
      s.line.advance(1'000);
      ada.messages();
      bob.messages();
    }
    CHECK(ada.is_open());
    CHECK(bob.is_open());
    CHECK(find_room(*s.apps[home], code)->participants.size() == 2);
  }
  SECTION("and is missed there") {
    bob.vanish();
    CHECK(ada.messages() == transcript{user_left(bob.id())});
  }
  SECTION("and goes back, and returns") {
    musician cleo = musician_at(s, 1 - home, by);
    const std::string other = cleo.create("Cleo");
    bob.join(other, "Bob");
    CHECK(ada.messages() == transcript{user_left(bob.id())});
    CHECK(cleo.messages() == transcript{user_joined(person(bob.id(), "Bob"))});
    bob.messages();
    bob.join(code, "Bob");
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob"))});
  }
  CHECK(everybody(s) >= 1);
}

TEST_CASE("events sent during a migration are relayed on arrival, in order") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0, by);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1, by);
  bob.messages();
  s.line.connect_next_to(1);
  s.line.hold_messages();
  bob.join(code, "Bob");
  for (int i = 0; i < 3; ++i) {
    bob.emit("session:event", R"({"type":"note","data":)" + std::to_string(i) + "}");
  }
  bob.send(R"(451-["session:event",{"type":"sound","data":{"_placeholder":true,"num":0}}])",
           {"\x01\x02"});
  bob.leave(code);

  SECTION("by a client that waits for the reservation") {
    s.line.release_messages();
  }
  SECTION("by a client that is migrating") {
    CHECK(bring(s, 1, 0));
    CHECK(bring(s, 0, 1));
    // A POST would wait for its answer.
    if (by != transport_kind::polling) bob.emit("session:create", R"({"name":"Bob"})");
    s.line.release_messages();
  }
  const transcript heard = ada.messages();
  REQUIRE(heard.size() == 7);
  CHECK(heard[0] == user_joined(person(bob.id(), "Bob")));
  CHECK(heard[1] == relayed(bob.id(), R"("type":"note","data":0)"));
  CHECK(heard[2] == relayed(bob.id(), R"("type":"note","data":1)"));
  CHECK(heard[3] == relayed(bob.id(), R"("type":"note","data":2)"));
  CHECK(heard[5] == "<binary 0102>");
  CHECK(heard[6] == user_left(bob.id()));
}

TEST_CASE("until the place is reserved, the client stays in its old room and gets its events") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  musician cleo = musician_at(s, 1);
  musician bob = musician_at(s, 1);
  const std::string there = ada.create("Ada");
  const std::string here = cleo.create("Cleo");
  bob.join(here, "Bob");
  bob.messages();
  cleo.messages();

  s.line.hold_messages();
  bob.join(there, "Bob");
  cleo.emit("session:event", R"({"type":"note","data":1})");
  CHECK(bob.messages() == transcript{relayed(cleo.id(), R"("type":"note","data":1)")});
  CHECK(bring(s, 1, 0));  // the reservation is requested
  CHECK(s.line.measure("clients_waiting") == 1);
  CHECK(s.line.measure("reservations") == 1);

  SECTION("it moves when the place is reserved") {
    CHECK(find_room(*s.apps[0], there)->reservations == 1);
    s.line.release_messages();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob"))});
    CHECK(find_room(*s.apps[0], there)->reservations == 0);
  }
  SECTION("it is gone before it knows") {
    bob.vanish();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    s.line.release_messages();
    CHECK(ada.messages().empty());
    CHECK(find_room(*s.apps[0], there)->reservations == 0);
    ada.vanish();
    CHECK_FALSE(find_room(*s.apps[0], there));
  }
  SECTION("the room is kept for it, also when the others leave") {
    ada.leave(there);
    REQUIRE(find_room(*s.apps[0], there));
    CHECK(s.line.core().snapshot().find(there) == std::string::npos);
    s.line.release_messages();
    CHECK(bob.messages() ==
          transcript{joined(there, {person(bob.id(), "Bob")}, bob.id(), bob.id())});
  }
  SECTION("a room that is kept for one who does not come is closed") {
    ada.leave(there);
    bob.vanish();
    s.line.release_messages();
    CHECK_FALSE(find_room(*s.apps[0], there));
    CHECK(everybody(s) == 1);
  }
  SECTION("it is gone while it moves") {
    CHECK(bring(s, 0, 1));
    bob.vanish();
    s.line.release_messages();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob")), user_left(bob.id())});
    CHECK(everybody(s) == 2);
  }
  s.line.release_messages();
  CHECK(s.line.measure("clients_waiting") == 0);
  CHECK(s.line.measure("reservations") == 0);
}

TEST_CASE("without a reservation, everything stays as it was") {
  options limits;
  limits.session.max_participants = 2;
  jam_stage s(limits, 2);
  musician ada = musician_at(s, 0);
  const std::string there = ada.create("Ada");
  musician cleo = musician_at(s, 1);
  const std::string here = cleo.create("Cleo");
  musician bob = musician_at(s, 1);
  bob.join(here, "Bob");
  bob.messages();
  cleo.messages();

  SECTION("the room is full, with one who is on the way") {
    musician dan = musician_at(s, 1);
    s.line.hold_messages();
    dan.join(there, "Dan");
    CHECK(bring(s, 1, 0));
    bob.join(there, "Bob");
    bob.emit("session:event", R"({"type":"note"})");
    s.line.release_messages();
    CHECK(bob.messages() == transcript{error("Session is full", "session_full", "session:join")});
    CHECK(dan.messages().size() == 1);
  }
  SECTION("the room is gone") {
    ada.vanish();
    bob.join(there, "Bob");
    bob.emit("session:event", R"({"type":"note"})");
    CHECK(bob.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
  }
  CHECK(cleo.messages() == transcript{relayed(bob.id(), R"("type":"note")")});
  CHECK(find_room(*s.apps[1], here)->participants.size() == 2);
}

TEST_CASE("joins that fail are counted by address on all shards") {
  options limits;
  limits.max_failed_joins_per_hour_by_address = 3;
  jam_stage s(limits, 3);
  for (int i = 0; i < 3; ++i) {
    musician guesser = musician_at(s, 0);
    guesser.join("NOWHERE-99", "Eve");
    CHECK(guesser.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
  }
  for (shard_index which = 0; which < 3; ++which) {
    musician guesser = musician_at(s, which);
    guesser.join("NOWHERE-99", "Eve");
    CHECK(guesser.messages() ==
          transcript{error("Too many requests, try again later", "rate_limited", "session:join")});
  }
}

TEST_CASE("an address with a participant in the room can join it, though others of it guess") {
  options limits;
  limits.max_failed_joins_per_hour_by_address = 3;
  jam_stage s(limits, 3);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician guesser = musician_at(s, 1);
  for (int i = 0; i < 4; ++i) guesser.join("WRONG-2" + std::to_string(i + 2), "Eve");
  guesser.messages();
  for (shard_index which = 0; which < 3; ++which) {
    musician bob = musician_at(s, which);
    bob.join("WRONG-77", "Bob");
    CHECK(bob.messages() ==
          transcript{error("Too many requests, try again later", "rate_limited", "session:join")});
    bob.join(code, "Bob");
    CHECK(bob.messages().size() == 1);
    CHECK(ada.messages().back() == user_joined(person(bob.id(), "Bob")));
  }
}

TEST_CASE("creates and joins are counted by address on all shards") {
  options limits;
  limits.max_joins_per_minute_by_address = 3;
  jam_stage s(limits, 3);
  for (shard_index which = 0; which < 3; ++which)
    CHECK(!musician_at(s, which).create("Ada").empty());
  musician late = musician_at(s, 0);
  late.emit("session:create", R"({"name":"Late"})");
  CHECK(late.messages() ==
        transcript{error("Too many requests, try again later", "rate_limited", "session:create")});
}

TEST_CASE("an answer to something else, or from somebody else, is no answer") {
  options limits;
  limits.session.max_sessions = 2;
  jam_stage s(limits, 3);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  ada.messages();
  using answer = shard_message::reservation_answer;
  s.line.hold_messages();

  // One shard has no session to give; who wants to create one there waits for another.
  musician bob = musician_at(s, 2);
  bob.emit("session:create", R"({"name":"Bob"})");
  REQUIRE(s.line.measure("clients_waiting") == 1);
  for (const shard_index from : {shard_index{0}, shard_index{1}}) {
    for (const auto how : {answer::outcome::not_found, answer::outcome::reserved}) {
      s.apps[2]->on_shard_message(0, from, shard_message::write(answer{bob.id(), how}));
    }
  }
  // Who wants to join waits for the room's shard.
  musician cleo = musician_at(s, 1);
  cleo.join(code, "Cleo");
  REQUIRE(s.line.measure("clients_waiting") == 2);
  s.apps[1]->on_shard_message(0, 0,
                              shard_message::write(shard_message::sessions_lent{cleo.id(), 0}));
  s.apps[1]->on_shard_message(
      0, 2, shard_message::write(answer{cleo.id(), answer::outcome::not_found, 0, 1}));
  CHECK(s.line.measure("clients_waiting") == 2);

  s.line.release_messages();
  const transcript created = bob.messages();
  REQUIRE(created.size() == 1);
  CHECK(created[0].find("session:created") != std::string::npos);
  CHECK(cleo.messages() ==
        transcript{joined(code, {person(ada.id(), "Ada"), person(cleo.id(), "Cleo")}, cleo.id(),
                          ada.id())});
  CHECK(s.line.measure("clients_waiting") == 0);
}

TEST_CASE("an answer to a question from before a lost connection is no answer to the next one") {
  options of;
  of.reconnect_grace_s = 60;
  of.engineio.ping_interval_ms = 1'000'000'000;
  jam_stage s(of, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1);
  bob.create("Bob");
  s.line.hold_messages();
  bob.join("NOWHERE-99", "Bob");
  bob.join("NOWHERE-98", "Bob");
  bob.vanish();
  s.line.connect_next_to(1);
  musician again(s.line, transport_kind::websocket, pid_auth(bob.pid()));
  again.messages();
  again.join(code, "Bob");
  s.line.release_messages();
  CHECK(again.last_message() ==
        joined(code, {person(ada.id(), "Ada"), person(bob.id(), "Bob")}, bob.id(), ada.id()));
  CHECK(s.line.measure("clients_waiting") == 0);
  CHECK(s.line.measure("reservations") == 0);
}

TEST_CASE("a session that an operator closes ends for those who are on the way, too") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1);
  ada.messages();
  bob.messages();
  s.line.connect_next_to(1);
  s.line.hold_messages();
  bob.join(code, "Bob");
  CHECK(bring(s, 1, 0));
  REQUIRE(find_room(*s.apps[0], code)->reservations == 1);
  const std::string close = R"({"command":"close_session","roomCode":")" + code + "\"}";
  int disconnected = 1;
  SECTION("while somebody is in") {}
  SECTION("while a reservation alone keeps its room") {
    ada.leave(code);
    disconnected = 0;
  }
  CHECK(s.line.operate(close) ==
        R"({"ok":true,"disconnected":)" + std::to_string(disconnected) + "}");
  CHECK_FALSE(find_room(*s.apps[0], code));
  s.line.release_messages();
  CHECK_FALSE(find_room(*s.apps[0], code));
  CHECK(s.line.measure("reservations") == 0);
  CHECK(bob.is_open());
  const transcript told = bob.messages();
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("session_not_found") != std::string::npos);
}

TEST_CASE("the limit of sessions is one for all shards") {
  options limits;
  limits.session.max_sessions = 4;
  jam_stage s(limits, 3);
  std::vector<musician> hosts;
  // One shard borrows what the others do not need.
  for (int i = 0; i < 4; ++i) {
    hosts.push_back(musician_at(s, 1));
    CHECK(!hosts.back().create("Ada").empty());
  }
  for (shard_index which = 0; which < 3; ++which) {
    musician late = musician_at(s, which);
    late.emit("session:create", R"({"name":"Late"})");
    CHECK(late.messages() == transcript{error("Server is full", "server_full", "session:create")});
  }
  hosts.front().vanish();
  musician next = musician_at(s, 2);
  CHECK(!next.create("Next").empty());
  musician late = musician_at(s, 0);
  late.emit("session:create", R"({"name":"Late"})");
  CHECK(late.messages() == transcript{error("Server is full", "server_full", "session:create")});
}

TEST_CASE(
    "a limit of sessions that is lowered while one shard has borrowed is one for all shards") {
  options limits;
  limits.session.max_sessions = 9;
  jam_stage s(limits, 3);
  const auto limit = [&](std::int64_t sessions) {
    limits.session.max_sessions = sessions;
    const std::string settings = write_options(limits);
    s.line.give(input::options_changed{settings});
  };
  std::vector<musician> hosts;
  const auto may_create = [&](shard_index which) {
    hosts.push_back(musician_at(s, which));
    hosts.back().emit("session:create", R"({"name":"Ada"})");
    return hosts.back().last_message().find("roomCode") != std::string::npos;
  };
  for (int i = 0; i < 9; ++i) CHECK(may_create(1));
  limit(3);
  CHECK_FALSE(may_create(0));
  for (musician& host : hosts) host.vanish();

  for (int i = 0; i < 3; ++i) CHECK(may_create(1));
  for (shard_index which = 0; which < 3; ++which) CHECK_FALSE(may_create(which));

  limit(6);
  for (int i = 0; i < 3; ++i) CHECK(may_create(0));
  for (shard_index which = 0; which < 3; ++which) CHECK_FALSE(may_create(which));
}

TEST_CASE("a request finds its session wherever that is") {
  jam_stage s({}, 3);
  musician ada = musician_at(s, 0, transport_kind::polling);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1, transport_kind::polling);
  bob.join(code, "Bob");
  bob.messages();
  const std::string query = "EIO=4&transport=polling&sid=" + bob.sid();

  SECTION("from every shard") {
    for (shard_index which = 0; which < 3; ++which) {
      s.line.connect_next_to(which);
      CHECK(s.line.response(s.line.post(query, R"(42["session:event",{"type":"t"}])")) == "200 ok");
      CHECK(ada.messages().size() == (which == 0 ? 2 : 1));
    }
  }
  SECTION("nobody finds it once it is closed") {
    CHECK(s.line.measure("connections_remembered") == 1);
    bob.vanish();
    CHECK(s.line.measure("connections_remembered") == 0);
    for (shard_index which = 0; which < 3; ++which) {
      s.line.connect_next_to(which);
      CHECK(s.line.response(s.line.get(query)) ==
            R"(400 {"code":1,"message":"Session ID unknown"})");
    }
  }
  SECTION("an id that nobody gave is unknown") {
    for (const std::string sid : {"nonsense", "AAAAAAAAAAAAAAAAAAAA", "!!!!!!!!!!!!!!!!!!!!"}) {
      for (shard_index which = 0; which < 3; ++which) {
        s.line.connect_next_to(which);
        CHECK(s.line.response(s.line.get("EIO=4&transport=polling&sid=" + sid)) ==
              R"(400 {"code":1,"message":"Session ID unknown"})");
      }
    }
  }
  SECTION("while it moves") {
    musician cleo = musician_at(s, 2, transport_kind::polling);
    const std::string other = cleo.create("Cleo");
    s.line.connect_next_to(0);
    s.line.hold_messages();
    bob.join(other, "Bob");
    CHECK(bring(s, 0, 2));
    CHECK(bring(s, 2, 0));
    // The connection is on its way from the first shard to the third, and the request follows.
    const auto request = s.line.post(query, R"(42["session:event",{"type":"late"}])");
    CHECK(s.line.response(request) == "<pending>");
    s.line.release_messages();
    CHECK(s.line.response(request) == "200 ok");
    CHECK(cleo.messages() ==
          transcript{user_joined(person(bob.id(), "Bob")), relayed(bob.id(), R"("type":"late")")});
  }
}

TEST_CASE("what waits for the next GET is counted where its client is") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  s.line.connect_next_to(1);
  const std::string opened = s.line.response(s.line.get("EIO=4&transport=polling"));
  const std::string query = "EIO=4&transport=polling&sid=" + member_of(opened, "sid");
  const auto say = [&](const std::string& packet) {
    s.line.connect_next_to(1);
    CHECK(s.line.response(s.line.post(query, packet)) == "200 ok");
  };
  const auto fetch = [&] {
    const std::string fetched = s.line.response(s.line.get(query));
    REQUIRE(fetched.starts_with("200 "));
    return fetched.substr(4);
  };
  say("40");
  fetch();
  say(R"(42["session:create",{"name":"Bob"}])");
  const auto before = s.line.measure("polling_queued_bytes");
  CHECK(before > 0);
  say(R"(42["session:join",{"name":"Bob","roomCode":")" + code + R"("}])");
  CHECK(ada.messages().size() == 1);
  const auto after = s.line.measure("polling_queued_bytes");
  CHECK(after > before);
  // A separator between the two is not what waits.
  CHECK(fetch().size() == after + 1);
  CHECK(s.line.measure("polling_queued_bytes") == 0);
}

TEST_CASE("an upgrade that is under way moves along") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1, transport_kind::polling);
  const transport_id candidate =
      s.line.open_websocket("EIO=4&transport=websocket&sid=" + bob.sid());
  s.line.receive(candidate, "2probe");
  CHECK(s.line.sent(candidate) == transcript{"<accepted>", "3probe"});
  CHECK(s.line.shard_of(candidate) == 1);

  bob.join(code, "Bob");
  CHECK(bob.messages().size() == 1);
  CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob"))});
  CHECK(s.line.shard_of(candidate) == 0);
  SECTION("and ends there") {
    s.line.receive(candidate, "5");
    ada.emit("session:event", R"({"type":"note"})");
    CHECK(s.line.sent(candidate) == transcript{relayed(ada.id(), R"("type":"note")")});
  }
  SECTION("and fails there") {
    s.line.lose(candidate);
    ada.emit("session:event", R"({"type":"note"})");
    CHECK(bob.messages() == transcript{relayed(ada.id(), R"("type":"note")")});
  }
}

TEST_CASE("a shutdown takes leave of those who are on the way, too") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1);
  s.line.hold_messages();
  bob.join(code, "Bob");
  CHECK(bring(s, 1, 0));
  CHECK(bring(s, 0, 1));
  s.line.shut_down();
  s.line.release_messages();
  CHECK_FALSE(ada.is_open());
  CHECK_FALSE(bob.is_open());
  CHECK(everybody(s) == 0);
  CHECK(s.line.measure("sessions") == 0);
  CHECK(s.line.measure("connections_websocket") == 0);
  CHECK_FALSE(s.line.wait_ms());
}

TEST_CASE("one who says too much on the way is dropped") {
  jam_stage s({}, 2);
  musician ada = musician_at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = musician_at(s, 1);
  s.line.hold_messages();
  bob.join(code, "Bob");
  const std::string much =
      R"(42["session:event",{"type":"t","data":")" + std::string(500'000, 'x') + "\"}]";
  for (int i = 0; i < 10 && bob.is_open(); ++i) bob.send(much);
  CHECK_FALSE(bob.is_open());
  s.line.release_messages();
  CHECK(find_room(*s.apps[0], code)->reservations == 0);
  CHECK(ada.messages().empty());
}

TEST_CASE("a client that is moved without having asked for it leaves its session, and goes on") {
  jam_stage s({}, 2);
  musician alice = musician_at(s, 0);
  musician bob = musician_at(s, 0);
  bob.join(alice.create("Alice"), "Bob");
  bob.messages();
  alice.messages();
  s.servers[0]->move(*s.servers[0]->find("/", alice.id()), 1);
  bob.emit("session:event", R"({"type":"a"})");
  CHECK(bob.messages() == transcript{user_left(alice.id()), host_changed(bob.id())});
  CHECK(everybody(s) == 1);
  CHECK_FALSE(alice.create("Alice").empty());
  CHECK(participant_count(*s.apps[1]) == 1);
}

TEST_CASE("a client that is moved while its command waits for the journal gets try_again") {
  options of;
  of.journal = journal_kind::host;
  jam_stage s(of, 2);
  musician alice = musician_at(s, 0);
  musician bob = musician_at(s, 0);
  alice.emit("session:create", R"({"name":"Alice"})");
  s.line.answer_appends();
  const std::string code = member_of(alice.last_message(), "roomCode");
  const auto move_bob = [&] {
    s.servers[0]->move(*s.servers[0]->find("/", bob.id()), 1);
    alice.emit("session:event", R"({"type":"a"})");  // connections move at the end of a step
    CHECK(bob.messages() == transcript{error("This could not be saved, please try again",
                                             "try_again", "session:join")});
  };
  SECTION("and what had not gone out is given up") {
    alice.emit("session:update", R"({"name":"Alicia"})");
    bob.join(code, "Bob");
    move_bob();
    s.line.answer_appends();
    CHECK(s.line.journal(0).log_of(code)->size() == 2);
  }
  SECTION("and what had gone out takes effect, and is taken back") {
    bob.join(code, "Bob");
    move_bob();
    s.line.answer_appends();
    CHECK(s.line.journal(0).log_of(code)->size() == 3);
  }
  CHECK(find_room(*s.apps[0], code)->participants.size() == 1);
  CHECK(find_room(*s.apps[0], code)->reservations == 0);
  CHECK(s.apps[0]->queues().empty());
  // Its requests are handled again, and it may enter another one.
  bob.emit("session:create", R"({"name":"Bob"})");
  s.line.answer_appends();
  CHECK(participant_count(*s.apps[1]) == 1);
}

}  // namespace downbeat::jam::test
