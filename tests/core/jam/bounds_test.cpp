// Each limit of a payload at its bound, and one past it.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>

namespace downbeat::jam::test {
namespace {

std::string refused(const std::string& why, const std::string& cause) {
  return error(why, "invalid_payload", cause);
}

/// An object that nests so deep.
std::string nested(int levels) {
  std::string json;
  for (int i = 1; i < levels; ++i) json += R"({"a":)";
  json += "{}";
  return json + std::string(static_cast<std::size_t>(levels - 1), '}');
}

/// An event with so many attachments, each of which its data refers to.
std::string with_attachments(int count) {
  std::string text = "45" + std::to_string(count) + R"(-["session:event",{"type":"t","data":[)";
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ",");
    text += R"({"_placeholder":true,"num":)" + std::to_string(i) + '}';
  }
  return text + "]}]";
}

}  // namespace

TEST_CASE("a payload nests 32 levels, and not 33") {
  jam_stage s;
  musician alice(s.line);
  alice.create("Alice");
  alice.messages();
  // The payload is the first level, its data the second.
  alice.emit("session:event", R"({"type":"t","data":)" + nested(31) + '}');
  CHECK(alice.messages().empty());
  CHECK(s.line.limited("depth") == 0);
  alice.emit("session:event", R"({"type":"t","data":)" + nested(32) + '}');
  CHECK(alice.messages() ==
        transcript{refused("payload must not nest deeper than 32 levels", "session:event")});
  CHECK(s.line.limited("depth") == 1);
}

TEST_CASE("a name has 32 characters, and not 33, or as many as the option says") {
  const int limit = GENERATE(32, 5);
  options options;
  options.max_name_length = limit;
  jam_stage s(options);
  musician alice(s.line);
  const auto size = static_cast<std::size_t>(limit);
  CHECK_FALSE(alice.create(std::string(size, 'x')).empty());
  CHECK(s.line.limited("name_length") == 0);
  alice.messages();
  alice.emit("session:create", R"({"name":")" + std::string(size + 1, 'x') + "\"}");
  CHECK(alice.messages() ==
        transcript{refused("name must be 1 to " + std::to_string(limit) + " characters",
                           "session:create")});
  CHECK(s.line.limited("name_length") == 1);
}

TEST_CASE("without its limit a name has any length, but not none") {
  options options;
  options.max_name_length = 0;
  jam_stage s(options);
  musician alice(s.line);
  CHECK_FALSE(alice.create(std::string(10'000, 'x')).empty());
  alice.messages();
  alice.emit("session:create", R"({"name":" "})");
  CHECK(alice.messages() == transcript{refused("name must not be empty", "session:create")});
}

TEST_CASE("an event is as large as the limit, and not a byte larger") {
  options options;
  options.max_event_bytes = 100;
  jam_stage s(options);
  musician alice(s.line);
  alice.create("Alice");
  alice.messages();
  const std::string around = R"(["session:event",{"type":""}])";
  const auto type_of = [&](std::size_t size) {
    return R"({"type":")" + std::string(60, 't') + R"(","x":")" +
           std::string(size - around.size() - 60 - 7, 'x') + "\"}";
  };
  alice.emit("session:event", type_of(100));
  CHECK(alice.messages().empty());
  alice.emit("session:event", type_of(101));
  CHECK(alice.messages() ==
        transcript{refused("event must not be larger than 100 bytes", "session:event")});
  CHECK(s.line.limited("event_bytes") == 1);
}

TEST_CASE("an event has ten attachments; one that announces eleven ends the connection") {
  jam_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  musician bob(s.line);
  bob.join(code, "Bob");
  bob.messages();
  alice.send(with_attachments(10), std::vector<std::string>(10, "wave"));
  CHECK(bob.messages().size() == 11);
  CHECK(s.line.limited("attachments") == 0);
  alice.send(with_attachments(11));
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.limited("attachments") == 1);
}

TEST_CASE("the sessions and their places have their bounds, which are counted") {
  options options;
  options.session.max_participants = 2;
  options.session.max_sessions = 1;
  jam_stage s(options);
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  CHECK(s.line.limited("participants") == 0);
  carol.join(code, "Carol");
  CHECK(carol.messages() == transcript{error("Session is full", "session_full", "session:join")});
  CHECK(s.line.limited("participants") == 1);
  carol.emit("session:create", R"({"name":"Carol"})");
  CHECK(carol.messages() == transcript{error("Server is full", "server_full", "session:create")});
  CHECK(s.line.limited("sessions") == 1);
}

}  // namespace downbeat::jam::test
