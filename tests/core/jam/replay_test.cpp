// Replay: who asks by `recovery` gets an offset with each event of the room, and what
// was played while the connection was lost.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "jam/replay_ring.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

constexpr std::string_view asks_for_replay = R"({"recovery":true})";

options with_replay() {
  options of;
  of.reconnect_grace_s = 120;
  of.engineio.ping_interval_ms = 1'000'000'000;
  of.max_events_per_second = 0;
  return of;
}

/// The last argument of an event, if that is a string.
std::string offset_of(const std::string& packet) {
  const std::size_t end = packet.rfind("\"]");
  if (end == std::string::npos || end + 2 != packet.size()) return {};
  const std::size_t start = packet.rfind('"', end - 1);
  return packet.substr(start + 1, end - start - 1);
}

std::string without_offset(std::string packet) {
  const std::string offset = offset_of(packet);
  if (offset.empty()) return packet;
  packet.erase(packet.size() - offset.size() - 4, offset.size() + 3);
  return packet;
}

struct replay_stage : jam_stage {
  explicit replay_stage(shard_index shards = 1) : jam_stage(with_replay(), shards) {}

  musician asking() { return musician(line, transport_kind::websocket, asks_for_replay); }
  musician back_with(const musician& as, const std::string& offset) {
    std::string auth = R"({"recovery":true,"pid":")" + as.pid() + '"';
    if (!offset.empty()) auth += R"(,"offset":")" + offset + '"';
    return musician(line, transport_kind::websocket, auth + '}');
  }
};

void play(musician& who, int note) {
  who.emit("session:event", R"({"type":"note","data":)" + std::to_string(note) + '}');
}
std::string heard_note(const musician& from, int note) {
  return relayed(from.id(), R"("type":"note","data":)" + std::to_string(note));
}
std::string missed(const std::string& joined) {
  const std::size_t at = joined.find(R"("missed")");
  return at == std::string::npos ? std::string() : joined.substr(at, joined.find('}', at) - at);
}

TEST_CASE("offsets come to those who ask, and nobody else's bytes change") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  musician carol = s.asking();
  bob.join(code, "Bob");
  const std::string joined_bob = bob.last_message();
  CHECK(!offset_of(joined_bob).empty());
  carol.join(code, "Carol");
  CHECK(alice.messages() ==
        transcript{user_joined(person(bob.id(), "Bob")), user_joined(person(carol.id(), "Carol"))});
  const std::string told = bob.last_message();
  CHECK(without_offset(told) == user_joined(person(carol.id(), "Carol")));
  CHECK(offset_of(told) == offset_of(joined_bob));
  carol.messages();

  play(alice, 1);
  const transcript of_bob = bob.messages();
  REQUIRE(of_bob.size() == 1);
  CHECK(without_offset(of_bob[0]) == heard_note(alice, 1));
  CHECK(offset_of(of_bob[0]) != offset_of(told));
  CHECK(carol.messages() == of_bob);
  play(bob, 2);
  CHECK(alice.messages() == transcript{heard_note(bob, 2)});
}

TEST_CASE("who comes back gets what was played meanwhile, once and in order") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  bob.messages();
  play(alice, 1);
  const std::string offset = offset_of(bob.last_message());
  play(bob, 100);
  SECTION("the loss was noticed") {
    bob.vanish();
  }
  SECTION("it was not: what went to the old connection is sent again") {}
  play(alice, 2);
  play(alice, 3);
  musician again = s.back_with(bob, offset);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 3);
  CHECK(missed(heard[0]) == R"("missed":2,"complete":true)");
  // If it loses the connection now, it has heard nothing of them.
  CHECK(offset_of(heard[0]) == offset);
  CHECK(without_offset(heard[1]) == heard_note(alice, 2));
  CHECK(without_offset(heard[2]) == heard_note(alice, 3));
  play(alice, 4);
  const std::string last = again.last_message();
  CHECK(without_offset(last) == heard_note(alice, 4));

  // And once more, from where it is by now.
  again.vanish();
  play(alice, 5);
  musician third = s.back_with(bob, offset_of(last));
  const transcript more = third.messages();
  REQUIRE(more.size() == 2);
  CHECK(missed(more[0]) == R"("missed":1,"complete":true)");
}

TEST_CASE("what somebody played who has left since is not complete, and comes from no stranger") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string offset = offset_of(bob.last_message());
  bob.vanish();
  musician carol(s.line);
  carol.join(code, "Carol");
  play(carol, 1);
  play(alice, 2);
  carol.leave(code);
  musician again = s.back_with(bob, offset);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(missed(heard[0]) == R"("missed":1,"complete":false)");
  CHECK(without_offset(heard[1]) == heard_note(alice, 2));
}

TEST_CASE("attachments are replayed, too") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string offset = offset_of(bob.last_message());
  bob.vanish();
  alice.send(R"(451-["session:event",{"type":"midi","data":{"_placeholder":true,"num":0}}])",
             {"\x01\x02"});
  musician again = s.back_with(bob, offset);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 3);
  CHECK(heard[1].substr(0, 4) == "451-");
  CHECK(heard[2] == "<binary 0102>");
}

TEST_CASE("an offset that is none of this room is not complete, and recovers all the same") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string offset = offset_of(bob.last_message());
  bob.vanish();
  play(alice, 1);
  const std::string shown = GENERATE_COPY(
      values<std::string>({"", "x", offset + "0", offset.substr(1), offset + "x", "-",
                           offset.substr(0, offset.size() - 1) + "18446744073709551616"}));
  musician again = s.back_with(bob, shown);
  CHECK(again.id() == bob.id());
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 1);
  CHECK(missed(heard[0]) == R"("missed":0,"complete":false)");
}

TEST_CASE("what is older than half a minute is forgotten") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string offset = offset_of(bob.last_message());
  bob.vanish();
  play(alice, 1);
  s.line.advance(10'000);
  play(alice, 2);
  s.line.advance(20'000);
  musician again = s.back_with(bob, offset);
  transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(missed(heard[0]) == R"("missed":1,"complete":false)");
  // Nobody misses their own.
  again.vanish();
  musician third = s.back_with(bob, offset_of(heard[1]));
  heard = third.messages();
  const std::string here = offset_of(heard[0]);
  play(third, 3);
  s.line.advance(60'000);
  third.vanish();
  musician fourth = s.back_with(bob, here);
  CHECK(missed(fourth.messages().front()) == R"("missed":0,"complete":true)");
}

TEST_CASE("nobody gets what was played before they came") {
  replay_stage s;
  musician alice = s.asking();
  const std::string code = alice.create("Alice");
  alice.messages();
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string first = offset_of(bob.last_message());
  play(alice, 1);
  play(alice, 2);
  const std::string second = offset_of(bob.last_message());
  musician mallory = s.asking();
  mallory.join(code, "Mallory");
  mallory.messages();
  play(alice, 3);
  mallory.vanish();
  musician again = s.back_with(mallory, first);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(without_offset(heard[1]) == heard_note(alice, 3));
  // Nor what was played between a leave and the next join.
  bob.leave(code);
  play(alice, 4);
  bob.join(code, "Bob");
  bob.messages();
  bob.vanish();
  musician bob_again = s.back_with(bob, second);
  CHECK(bob_again.messages().size() == 1);
}

TEST_CASE("what is relayed in a room without offsets is relayed with them as well") {
  replay_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob = s.asking();
  bob.join(code, "Bob");
  bob.messages();
  alice.messages();
  const std::string odd = R"("type":"a","data":{"_placeholder":true,"num":0})";
  alice.emit("session:event", '{' + odd + '}');
  CHECK(alice.messages().empty());
  CHECK(without_offset(bob.last_message()) == relayed(alice.id(), odd));
}

TEST_CASE("offsets say nothing about the generator that room codes are drawn from") {
  CHECK(replay_ring(0x0123456789abcdef).offset().find("0123456789abcdef") == std::string::npos);
  CHECK(replay_ring(1).offset() == replay_ring(1).offset());
  CHECK(replay_ring(1).offset() != replay_ring(2).offset());
}

TEST_CASE("a ring has a bound") {
  replay_ring ring(7);
  const session::participant_id alice("alice");
  const std::string before = ring.offset();
  for (int i = 0; i < 1'000; ++i) ring.add(0, alice, frame::text(std::string(1'000, 'x')), {});
  CHECK(ring.bytes() <= replay_ring::max_bytes);
  const auto of_bob = ring.after(before, session::participant_id("bob"), 0);
  CHECK(!of_bob.is_complete);
  CHECK(of_bob.events.size() > 10);
  CHECK(of_bob.events.back()->position == 1'000);
  // They are all her own.
  CHECK(ring.after(before, alice, 0).is_complete);
  CHECK(ring.after(before, alice, 0).events.empty());
  // One that is larger than the ring is not kept.
  ring.add(0, alice, frame::text(std::string(100'000, 'x')), {});
  CHECK(ring.bytes() == 0);
  CHECK(!ring.oldest());
}

TEST_CASE("replay works at any shard, and a ring ends with its room") {
  replay_stage s(3);
  s.line.connect_next_to(1);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(0);
  musician bob = s.asking();
  bob.join(code, "Bob");
  const std::string offset = offset_of(bob.last_message());
  REQUIRE(!offset.empty());
  bob.vanish();
  play(alice, 1);
  s.line.connect_next_to(2);
  musician again = s.back_with(bob, offset);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(without_offset(heard[1]) == heard_note(alice, 1));
  alice.leave(code);
  again.leave(code);
  again.messages();
  const std::string other = again.create("Bob");
  musician carol = s.asking();
  carol.join(other, "Carol");
  CHECK(!offset_of(carol.last_message()).empty());
}

}  // namespace
}  // namespace downbeat::jam::test
