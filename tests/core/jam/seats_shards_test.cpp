// Seats with several shards: a client that comes back may arrive at any of them.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace downbeat::jam::test {
namespace {

constexpr shard_index shards = 3;

struct shards_stage : jam_stage {
  shards_stage() : jam_stage(with_seats(), shards) {}

  musician comes_to(shard_index where, const musician& as,
                    transport_kind by = transport_kind::websocket) {
    line.connect_next_to(where);
    return musician(line, by, pid_auth(as.pid()));
  }
  std::uint64_t away() { return line.measure("participants_away"); }
};

TEST_CASE("who is lost comes back at any shard") {
  const transport_kind by = GENERATE(values(all_transports));
  const shard_index home = GENERATE(0u, 1u, 2u);
  const shard_index drawn_at = GENERATE(0u, 1u, 2u);
  const shard_index arrives_at = GENERATE(0u, 1u, 2u);
  CAPTURE(home, drawn_at, arrives_at);
  shards_stage s;
  s.line.connect_next_to(home);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  // Bob moves to the shard of Alice's room, and his seat is there.
  s.line.connect_next_to(drawn_at);
  musician bob(s.line, by);
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();
  bob.vanish();
  CHECK(alice.messages() == transcript{user_away(bob.id(), grace_ms)});

  musician again = s.comes_to(arrives_at, bob, by);
  CHECK(again.id() == bob.id());
  CHECK(again.pid() == bob.pid());
  CHECK(again.messages() ==
        transcript{joined_with(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")},
                               bob.id(), alice.id(), R"(,"resumed":true)")});
  CHECK(alice.messages() == transcript{user_back(person(bob.id(), "Bob"), alice.id())});

  // And again, after a move to a room of another shard.
  s.line.connect_next_to((home + 1) % shards);
  musician carol(s.line);
  const std::string other = carol.create("Carol");
  again.join(other, "Bob");
  again.messages();
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  again.vanish();
  carol.messages();
  musician third = s.comes_to(arrives_at, bob, by);
  CHECK(third.id() == bob.id());
  CHECK(member_of(third.messages().front(), "roomCode") == other);
  CHECK(carol.messages() == transcript{user_back(person(bob.id(), "Bob"), carol.id())});
  third.emit("session:event", R"({"type":"t"})");
  CHECK(carol.messages() == transcript{relayed(bob.id(), R"("type":"t")")});
}

TEST_CASE("a connection at another shard is taken over") {
  const shard_index drawn_at = GENERATE(0u, 1u, 2u);
  const shard_index arrives_at = GENERATE(0u, 1u, 2u);
  shards_stage s;
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(drawn_at);
  musician bob(s.line);
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();
  musician again = s.comes_to(arrives_at, bob);
  CHECK(again.id() == bob.id());
  CHECK(bob.messages() == transcript{ended("taken_over", code), "41", "<closed>"});
  CHECK(alice.messages().empty());
}

TEST_CASE(
    "a client whose seat has ended gets session:ended at any shard, and nothing is left of the "
    "pid") {
  const shard_index drawn_at = GENERATE(0u, 1u, 2u);
  const shard_index arrives_at = GENERATE(0u, 1u, 2u);
  shards_stage s;
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(drawn_at);
  musician bob(s.line);
  bob.join(code, "Bob");
  bob.vanish();
  s.line.advance(grace_ms);
  musician again = s.comes_to(arrives_at, bob);
  CHECK(again.id() != bob.id());
  CHECK(again.messages() == transcript{ended("expired")});
}

TEST_CASE("a pid that nobody has drawn, or of a shard that there is not, is unknown") {
  shards_stage s;
  for (shard_index i = 0; i < shards; ++i) {
    s.line.connect_next_to(i);
    musician other(s.line, transport_kind::websocket, pid_auth(std::string(32, 'x')));
    CHECK(other.messages() == transcript{ended("unknown")});
    // A hint of shard 1.
    s.line.connect_next_to(i);
    musician more(s.line, transport_kind::websocket,
                  pid_auth(std::string(20, 'A') + "AAEA" + std::string(8, 'A')));
    CHECK(more.messages() == transcript{ended("unknown")});
  }
}

TEST_CASE("a client that was in no session gets nothing at any shard") {
  shards_stage s;
  s.line.connect_next_to(1);
  musician alice(s.line);
  alice.vanish();
  for (shard_index i = 0; i < shards; ++i) {
    musician again = s.comes_to(i, alice);
    CHECK(again.id() != alice.id());
    CHECK(again.messages().empty());
  }
}

TEST_CASE("what a client sends right behind its CONNECT goes with it") {
  shards_stage s;
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(0);
  musician bob(s.line);
  bob.join(code, "Bob");
  bob.vanish();
  alice.messages();
  s.line.connect_next_to(2);
  s.line.hold_messages();
  socketio_client again(s.line);
  again.send("40" + pid_auth(bob.pid()));
  again.emit("session:event", R"({"type":"a"})");
  again.emit("session:event", R"({"type":"b"})");
  s.line.release_messages();
  CHECK(alice.messages() == transcript{user_back(person(bob.id(), "Bob"), alice.id()),
                                       relayed(bob.id(), R"("type":"a")"),
                                       relayed(bob.id(), R"("type":"b")")});
  CHECK(again.messages().size() == 2);
}

TEST_CASE("a newcomer from another shard takes the seat of one who is away in a full room") {
  options of = with_seats();
  of.session.max_participants = 2;
  jam_stage s(of, shards);
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(1);
  musician bob(s.line);
  bob.join(code, "Bob");
  bob.vanish();
  alice.messages();
  s.line.connect_next_to(2);
  musician carol(s.line);
  carol.join(code, "Carol");
  CHECK(alice.messages() ==
        transcript{user_gone(bob.id(), "seat_taken"), user_joined(person(carol.id(), "Carol"))});
  s.line.connect_next_to(0);
  musician again(s.line, transport_kind::websocket, pid_auth(bob.pid()));
  CHECK(again.messages() == transcript{ended("seat_taken")});
}

}  // namespace
}  // namespace downbeat::jam::test
