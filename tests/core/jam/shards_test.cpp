// A server in several shards: whoever joins a room of another shard moves there, and nobody
// notices.

#include "core/jam/jam_story.hpp"
#include "jam/settings.hpp"
#include "session/room_key.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam::test {
namespace {

using kind = notice::kind;

/// A musician at a shard of choice. One who upgrades makes two connections.
musician at(jam_stage& s, shard_index which, carrier by = carrier::websocket) {
  s.line.connect_next_to(which);
  return musician(s.line, by);
}

/// Delivers all mail that waits on one way; false if there is none.
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
      musician host = at(s, which);
      const std::string code = host.create("Ada");
      CHECK(session::shard_of(*session::fold(code), 3) == which);
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
    const musician one = at(s, i % 3);
    ids.insert(one.id());
    sids.insert(one.sid());
  }
  CHECK(ids.size() == 30);
  CHECK(sids.size() == 30);
}

TEST_CASE("who joins a room of another shard moves there") {
  const carrier by = GENERATE(values(all_carriers));
  CAPTURE(by);
  jam_stage s({}, 2);
  musician ada = at(s, 0, by);
  const std::string code = ada.create("Ada");
  const shard_index home = find_room(*s.apps[0], code) ? 0 : 1;
  musician bob = at(s, 1 - home, by);

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
    musician cleo = at(s, 1 - home, by);
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

TEST_CASE("what is said on the way is heard on arrival, in order") {
  const carrier by = GENERATE(values(all_carriers));
  CAPTURE(by);
  jam_stage s({}, 2);
  musician ada = at(s, 0, by);
  const std::string code = ada.create("Ada");
  musician bob = at(s, 1, by);
  bob.messages();
  s.line.connect_next_to(1);
  s.line.hold_mail();
  bob.join(code, "Bob");
  for (int i = 0; i < 3; ++i) {
    bob.emit("session:event", R"({"type":"note","data":)" + std::to_string(i) + "}");
  }
  bob.send(R"(451-["session:event",{"type":"sound","data":{"_placeholder":true,"num":0}}])",
           {"\x01\x02"});
  bob.leave(code);

  SECTION("by one who waits for the seat") {
    s.line.let_mail_go();
  }
  SECTION("by one who is under way") {
    CHECK(bring(s, 1, 0));
    CHECK(bring(s, 0, 1));
    // A POST would wait for its answer.
    if (by != carrier::polling) bob.emit("session:create", R"({"name":"Bob"})");
    s.line.let_mail_go();
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

TEST_CASE("until there is a seat, the old room is heard and kept") {
  jam_stage s({}, 2);
  musician ada = at(s, 0);
  musician cleo = at(s, 1);
  musician bob = at(s, 1);
  const std::string there = ada.create("Ada");
  const std::string here = cleo.create("Cleo");
  bob.join(here, "Bob");
  bob.messages();
  cleo.messages();

  s.line.hold_mail();
  bob.join(there, "Bob");
  cleo.emit("session:event", R"({"type":"note","data":1})");
  CHECK(bob.messages() == transcript{relayed(cleo.id(), R"("type":"note","data":1)")});
  CHECK(bring(s, 1, 0));  // the seat is wanted
  CHECK(s.line.measure("clients_waiting") == 1);
  CHECK(s.line.measure("seats_held") == 1);

  SECTION("it moves when the seat is held") {
    CHECK(find_room(*s.apps[0], there)->held_seats == 1);
    s.line.let_mail_go();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob"))});
    CHECK(find_room(*s.apps[0], there)->held_seats == 0);
  }
  SECTION("it is gone before it knows") {
    bob.vanish();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    s.line.let_mail_go();
    CHECK(ada.messages().empty());
    CHECK(find_room(*s.apps[0], there)->held_seats == 0);
    ada.vanish();
    CHECK_FALSE(find_room(*s.apps[0], there));
  }
  SECTION("the room is kept for it, also when the others leave") {
    ada.leave(there);
    REQUIRE(find_room(*s.apps[0], there));
    CHECK(s.line.core().snapshot().find(there) == std::string::npos);
    s.line.let_mail_go();
    CHECK(bob.messages() ==
          transcript{joined(there, {person(bob.id(), "Bob")}, bob.id(), bob.id())});
  }
  SECTION("a room that is kept for one who does not come is closed") {
    ada.leave(there);
    bob.vanish();
    s.line.let_mail_go();
    CHECK_FALSE(find_room(*s.apps[0], there));
    CHECK(everybody(s) == 1);
  }
  SECTION("it is gone while it moves") {
    CHECK(bring(s, 0, 1));
    bob.vanish();
    s.line.let_mail_go();
    CHECK(cleo.messages() == transcript{user_left(bob.id())});
    CHECK(ada.messages() == transcript{user_joined(person(bob.id(), "Bob")), user_left(bob.id())});
    CHECK(everybody(s) == 2);
  }
  s.line.let_mail_go();
  CHECK(s.line.measure("clients_waiting") == 0);
  CHECK(s.line.measure("seats_held") == 0);
}

TEST_CASE("without a seat, everything stays as it was") {
  options limits;
  limits.session.max_participants = 2;
  jam_stage s(limits, 2);
  musician ada = at(s, 0);
  const std::string there = ada.create("Ada");
  musician cleo = at(s, 1);
  const std::string here = cleo.create("Cleo");
  musician bob = at(s, 1);
  bob.join(here, "Bob");
  bob.messages();
  cleo.messages();

  SECTION("the room is full, with one who is on the way") {
    musician dan = at(s, 1);
    s.line.hold_mail();
    dan.join(there, "Dan");
    CHECK(bring(s, 1, 0));
    bob.join(there, "Bob");
    bob.emit("session:event", R"({"type":"note"})");
    s.line.let_mail_go();
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
    musician guesser = at(s, 0);
    guesser.join("NOWHERE-99", "Eve");
    CHECK(guesser.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
  }
  for (shard_index which = 0; which < 3; ++which) {
    musician guesser = at(s, which);
    guesser.join("NOWHERE-99", "Eve");
    CHECK(guesser.messages() ==
          transcript{error("Too many requests, try again later", "rate_limited", "session:join")});
  }
}

TEST_CASE("a neighbour is let in by the shard of the room, whoever guesses elsewhere") {
  options limits;
  limits.max_failed_joins_per_hour_by_address = 3;
  jam_stage s(limits, 3);
  musician ada = at(s, 0);
  const std::string code = ada.create("Ada");
  musician guesser = at(s, 1);
  for (int i = 0; i < 4; ++i) guesser.join("WRONG-2" + std::to_string(i + 2), "Eve");
  guesser.messages();
  for (shard_index which = 0; which < 3; ++which) {
    musician bob = at(s, which);
    bob.join("WRONG-77", "Bob");
    CHECK(bob.messages() ==
          transcript{error("Too many requests, try again later", "rate_limited", "session:join")});
    bob.join(code, "Bob");
    CHECK(bob.messages().size() == 1);
    CHECK(ada.messages().back() == user_joined(person(bob.id(), "Bob")));
  }
}

TEST_CASE("who comes in is counted by address on all shards") {
  options limits;
  limits.max_joins_per_minute_by_address = 3;
  jam_stage s(limits, 3);
  for (shard_index which = 0; which < 3; ++which) CHECK(!at(s, which).create("Ada").empty());
  musician late = at(s, 0);
  late.emit("session:create", R"({"name":"Late"})");
  CHECK(late.messages() ==
        transcript{error("Too many requests, try again later", "rate_limited", "session:create")});
}

TEST_CASE("the limit of sessions is one for all shards") {
  options limits;
  limits.session.max_sessions = 4;
  jam_stage s(limits, 3);
  std::vector<musician> hosts;
  // One shard borrows what the others do not need.
  for (int i = 0; i < 4; ++i) {
    hosts.push_back(at(s, 1));
    CHECK(!hosts.back().create("Ada").empty());
  }
  for (shard_index which = 0; which < 3; ++which) {
    musician late = at(s, which);
    late.emit("session:create", R"({"name":"Late"})");
    CHECK(late.messages() == transcript{error("Server is full", "server_full", "session:create")});
  }
  hosts.front().vanish();
  musician next = at(s, 2);
  CHECK(!next.create("Next").empty());
  musician late = at(s, 0);
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
    s.line.tell(input::options_changed{settings});
  };
  std::vector<musician> hosts;
  const auto may_create = [&](shard_index which) {
    hosts.push_back(at(s, which));
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
  musician ada = at(s, 0, carrier::polling);
  const std::string code = ada.create("Ada");
  musician bob = at(s, 1, carrier::polling);
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
    musician cleo = at(s, 2, carrier::polling);
    const std::string other = cleo.create("Cleo");
    s.line.connect_next_to(0);
    s.line.hold_mail();
    bob.join(other, "Bob");
    CHECK(bring(s, 0, 2));
    CHECK(bring(s, 2, 0));
    // The connection is on its way from the first shard to the third, and the request follows.
    const auto request = s.line.post(query, R"(42["session:event",{"type":"late"}])");
    CHECK(s.line.response(request) == "<pending>");
    s.line.let_mail_go();
    CHECK(s.line.response(request) == "200 ok");
    CHECK(cleo.messages() ==
          transcript{user_joined(person(bob.id(), "Bob")), relayed(bob.id(), R"("type":"late")")});
  }
}

TEST_CASE("what waits for the next GET is counted where its client is") {
  jam_stage s({}, 2);
  musician ada = at(s, 0);
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
  musician ada = at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = at(s, 1, carrier::polling);
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
  musician ada = at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = at(s, 1);
  s.line.hold_mail();
  bob.join(code, "Bob");
  CHECK(bring(s, 1, 0));
  CHECK(bring(s, 0, 1));
  s.line.shut_down();
  s.line.let_mail_go();
  CHECK_FALSE(ada.is_open());
  CHECK_FALSE(bob.is_open());
  CHECK(everybody(s) == 0);
  CHECK(s.line.measure("sessions") == 0);
  CHECK(s.line.measure("connections_websocket") == 0);
  CHECK_FALSE(s.line.wait_ms());
}

TEST_CASE("one who says too much on the way is dropped") {
  jam_stage s({}, 2);
  musician ada = at(s, 0);
  const std::string code = ada.create("Ada");
  musician bob = at(s, 1);
  s.line.hold_mail();
  bob.join(code, "Bob");
  const std::string much =
      R"(42["session:event",{"type":"t","data":")" + std::string(500'000, 'x') + "\"}]";
  for (int i = 0; i < 10 && bob.is_open(); ++i) bob.send(much);
  CHECK_FALSE(bob.is_open());
  s.line.let_mail_go();
  CHECK(find_room(*s.apps[0], code)->held_seats == 0);
  CHECK(ada.messages().empty());
}

}  // namespace downbeat::jam::test
