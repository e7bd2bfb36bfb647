// `session:event`: what one musician plays reaches the others as it was written.

#include "core/jam/jam_story.hpp"
#include "support/repeat.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

using downbeat::test::repeat;

/// Alice and Bob share a session; Carol is elsewhere, and Dave nowhere.
struct band : jam_stage {
  explicit band(const options& options = {}, transport_kind by = transport_kind::websocket)
      : jam_stage(options), alice(line, by), bob(line, by), carol(line, by), dave(line, by) {
    const std::string code = alice.create("Alice");
    bob.join(code, "Bob");
    carol.create("Carol");
    alice.messages();
    bob.messages();
    line.reports();
  }

  musician alice;
  musician bob;
  musician carol;
  musician dave;
};

const std::string p1 = R"({"_placeholder":true,"num":1})";
const std::string p2 = R"({"_placeholder":true,"num":2})";

std::string refused_to_play(const std::string& message) {
  return error(message, "invalid_payload", "session:event");
}

}  // namespace

TEST_CASE("data of any kind is relayed as it was written, or left out as it was") {
  const auto* data =
      GENERATE("null", "true", "false", "0", "-0", "1.0", "1E400", "123456789012345678901234567890",
               "0.1000000000000000055511151231257827", R"("")", R"("\u0041\/\ud83c\udfb5é🎵")",
               R"("\ud800")", "[]", "{}", R"([1,[2,{"b":[],"a":{}}],null])",
               R"({"z":1,"a":2,"z":3,"":"","__proto__":{"x":1},"userId":"forged"})",
               R"({"_placeholder":false,"num":0})");
  band s({}, GENERATE(values(all_transports)));
  s.bob.emit("session:event", R"({"type":"x","data":)" + std::string(data) + '}');
  CHECK(s.alice.messages() ==
        transcript{relayed(s.bob.id(), R"("type":"x","data":)" + std::string(data))});
  CHECK(s.bob.messages().empty());
  CHECK(s.carol.messages().empty());
  s.bob.emit("session:event", R"({"type":"x"})");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"x")")});
}

TEST_CASE("what is relayed is compact, whatever came, and the last of doubled fields counts") {
  band s;
  s.bob.emit("session:event", " { \"data\" : [ 1 , \" \" ] , \"type\" : 7 , \"type\" : \"x\" } ");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"x","data":[1," "])")});
}

TEST_CASE("only the first argument of an event counts") {
  band s;
  for (const char* more : {R"({"type":"other","data":2})", R"("type")", "[]", "null", "7"}) {
    s.bob.emit("session:event", R"({"type":"x","data":{"n":1}},)" + std::string(more));
    CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"x","data":{"n":1})")});
    s.bob.emit("session:event", "{}," + std::string(more));
    CHECK(s.bob.messages() == transcript{refused_to_play("type is required")});
  }
}

TEST_CASE("events arrive in the order in which they were sent") {
  band s({}, GENERATE(values(all_transports)));
  transcript expected;
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    s.bob.emit("session:event", R"({"type":"n","data":)" + n + '}');
    expected.push_back(relayed(s.bob.id(), R"("type":"n","data":)" + n));
  }
  CHECK(s.alice.messages() == expected);
}

TEST_CASE("a client in no session can relay nothing") {
  band s;
  s.dave.emit("session:event", R"({"type":"x"})");
  s.dave.emit_with_ack("session:event", R"({"type":"x"})");
  const std::string why = error("Not in this session", "not_in_session", "session:event");
  CHECK(s.dave.messages() ==
        transcript{why, why, failed(0, "Not in this session", "not_in_session")});
  for (auto* who : {&s.alice, &s.bob, &s.carol}) CHECK(who->messages().empty());
}

TEST_CASE("a participant alone in a session relays to nobody, and gets ok") {
  band s;
  s.carol.emit_with_ack("session:event", R"({"type":"x"})");
  CHECK(s.carol.messages() == transcript{acked(0)});
}

TEST_CASE("data may be binary, and have binary in it") {
  band s({}, GENERATE(values(all_transports)));
  s.bob.send(R"(451-["session:event",{"type":"x","data":)" + p0 + "}]", {"\x01\xff"});
  CHECK(s.alice.messages() == transcript{R"(451-["session:event",{"userId":")" + s.bob.id() +
                                             R"(","type":"x","data":)" + p0 + "}]",
                                         "<binary 01ff>"});
  s.bob.send(
      R"(452-9["session:event",{"data":{"a":[)" + p0 + R"(],"b":)" + p1 + R"(},"type":"x"}])",
      {"A", "B"});
  CHECK(s.alice.messages() ==
        transcript{R"(452-["session:event",{"userId":")" + s.bob.id() +
                       R"(","type":"x","data":{"a":[)" + p0 + R"(],"b":)" + p1 + "}}]",
                   "<binary 41>", "<binary 42>"});
  CHECK(s.bob.messages() == transcript{acked(9)});
}

TEST_CASE("attachments that the data does not name stay behind, and the rest is numbered anew") {
  band s({}, GENERATE(values(all_transports)));
  s.bob.send(
      R"(453-["session:event",{"extra":)" + p0 + R"(,"type":"x","data":[)" + p2 + "]}," + p1 + ']',
      {"A", "B", "C"});
  CHECK(s.alice.messages() == transcript{R"(451-["session:event",{"userId":")" + s.bob.id() +
                                             R"(","type":"x","data":[)" + p0 + "]}]",
                                         "<binary 43>"});
  s.bob.send(R"(451-["session:event",{"extra":)" + p0 + R"(,"type":"x","data":1}])", {"A"});
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"x","data":1)")});
}

TEST_CASE("an attachment that the data names twice is relayed twice, ten times at most") {
  band s;
  s.bob.send(R"(451-["session:event",{"type":"x","data":[)" + p0 + ',' + p0 + "]}]", {"A"});
  CHECK(s.alice.messages() == transcript{R"(452-["session:event",{"userId":")" + s.bob.id() +
                                             R"(","type":"x","data":[)" + p0 + ',' + p1 + "]}]",
                                         "<binary 41>", "<binary 41>"});
  s.bob.send(R"(451-["session:event",{"type":"x","data":[)" + p0 + repeat("," + p0, 9) + "]}]",
             {"A"});
  CHECK(s.alice.messages().size() == 11);
  s.bob.send(R"(451-["session:event",{"type":"x","data":[)" + p0 + repeat("," + p0, 10) + "]}]",
             {"A"});
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.messages() ==
        transcript{refused_to_play("data must not refer to more than 10 attachments")});
}

TEST_CASE("binary where JSON is due is refused by its field") {
  band s;
  s.bob.send(R"(451-["session:event",{"type":)" + p0 + "}]", {"A"});
  s.bob.send(R"(451-["session:event",)" + p0 + ']', {"A"});
  s.bob.send(R"(451-["session:update",{"name":)" + p0 + "}]", {"A"});
  CHECK(s.bob.messages() ==
        transcript{refused_to_play("type must be a string"),
                   refused_to_play("payload must be an object"),
                   error("name must be a string", "invalid_payload", "session:update")});
  CHECK(s.alice.messages().empty());
}

TEST_CASE("a type has 1 to 64 characters, and is relayed as it was written") {
  band s;
  const auto refuses = [&](const std::string& type, const std::string& why) {
    CAPTURE(type);
    s.bob.emit("session:event", R"({"type":)" + type + '}');
    CHECK(s.bob.messages() == transcript{refused_to_play(why)});
    CHECK(s.alice.messages().empty());
  };
  const auto relays = [&](const std::string& type) {
    CAPTURE(type);
    s.bob.emit("session:event", R"({"type":)" + type + '}');
    CHECK(s.bob.messages().empty());
    CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":)" + type)});
  };
  relays(R"("x")");
  relays(R"(" ")");
  relays('"' + repeat("x", 64) + '"');
  relays('"' + repeat("🎵", 64) + '"');
  relays('"' + repeat("\\ud83c\\udfb5", 64) + '"');
  relays(R"("\u0041\n")");
  refuses(R"("")", "type must be 1 to 64 characters");
  refuses('"' + repeat("x", 65) + '"', "type must be 1 to 64 characters");
  refuses('"' + repeat("🎵", 65) + '"', "type must be 1 to 64 characters");
  refuses("null", "type must be a string");
}

TEST_CASE("an event is as large as its JSON and its attachments together, 16 KiB at most") {
  band s({}, GENERATE(values(all_transports)));
  constexpr std::size_t limit = 16 * 1024;
  const std::string head = R"(["session:event",{"type":"x","data":")";
  const std::string tail = "\"}]";
  const std::string longest(limit - head.size() - tail.size(), 'a');
  s.bob.send("42" + head + longest + tail);
  CHECK(s.alice.messages().size() == 1);
  s.bob.send("42" + head + longest + 'a' + tail);
  CHECK(s.bob.messages() ==
        transcript{refused_to_play("event must not be larger than 16384 bytes")});

  const std::string json = R"(["session:event",{"type":"x","data":[)" + p0 + ',' + p1 + "]}]";
  const std::string rest(limit - json.size() - 1, 'b');
  s.bob.send("452-" + json, {"a", rest});
  CHECK(s.alice.messages().size() == 3);
  s.bob.send("452-" + json, {"aa", rest});
  CHECK(s.bob.messages() ==
        transcript{refused_to_play("event must not be larger than 16384 bytes")});
  CHECK(s.alice.messages().empty());
}

TEST_CASE("whitespace does not count towards the size of an event") {
  band s;
  s.bob.send(R"(42["session:event",)" + std::string(20'000, ' ') + R"({"type":"x"}])");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"x")")});
}

TEST_CASE("the limits of an event can be set, or lifted") {
  options options;
  options.max_event_bytes = 0;
  options.max_depth = 0;
  band s(options);
  s.bob.emit("session:event", R"({"type":"x","data":")" + std::string(100'000, 'a') + "\"}");
  CHECK(s.alice.messages().size() == 1);
  s.bob.emit("session:event",
             R"({"type":"x","data":)" + repeat("[", 100'000) + repeat("]", 100'000) + '}');
  CHECK(s.alice.messages().size() == 1);
  CHECK(s.bob.messages().empty());
}

TEST_CASE("an event nests 32 levels deep at most, of which the payload is the first") {
  band s;
  s.bob.emit("session:event", R"({"type":"x","data":)" + repeat("[", 31) + repeat("]", 31) + '}');
  CHECK(s.alice.messages().size() == 1);
  s.bob.emit("session:event", R"({"type":"x","data":)" + repeat("[", 32) + repeat("]", 32) + '}');
  CHECK(s.alice.messages().empty());
  s.bob.emit("session:event",
             R"({"type":"x","data":)" + repeat(R"({"a":)", 100) + "1" + repeat("}", 100) + '}');
  const std::string why = refused_to_play("payload must not nest deeper than 32 levels");
  CHECK(s.bob.messages() == transcript{why, why});
}

TEST_CASE("a relay is encoded once: all who get it share the same bytes") {
  const auto core = make_engine({});
  std::vector<frame> relays;
  std::string code;
  const auto handle = [&](const input::any& input) {
    core->handle(0, input);
    for (;;) {
      output::any output = core->poll_output();
      if (std::holds_alternative<output::wait_until>(output)) return;
      const auto* send = std::get_if<output::send_frame>(&output);
      if (send == nullptr) continue;
      const std::string& bytes = send->data.bytes();
      if (bytes.find("session:created") != std::string::npos) code = member_of(bytes, "roomCode");
      if (bytes.find("session:event") != std::string::npos) relays.push_back(send->data);
    }
  };
  for (transport_id id = 1; id <= 10; ++id) {
    const request_head head{"EIO=4&transport=websocket", {}, {}, {}};
    handle(input::websocket_requested{id, head, {}});
    handle(input::frame_received{id, false, "40"});
    const std::string packet =
        id == 1 ? R"(42["session:create",{"name":"n"}])"
                : R"(42["session:join",{"name":"n","roomCode":")" + code + "\"}]";
    handle(input::frame_received{id, false, packet});
  }
  handle(input::frame_received{5, false, R"(42["session:event",{"type":"x"}])"});
  REQUIRE(relays.size() == 9);
  for (const frame& each : relays) CHECK(&each.bytes() == &relays[0].bytes());
}

}  // namespace downbeat::jam::test
