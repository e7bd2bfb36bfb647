// What is wrong with a payload is said precisely, and the next valid request works.

#include "core/jam/jam_story.hpp"
#include "support/repeat.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

using downbeat::test::repeat;

/// The events, and a payload of each that is valid but for one field.
struct field_of_event {
  std::string event;
  std::string others;  ///< the other members, each with a comma behind it
  std::string field;
  bool is_required;
};

const std::vector<field_of_event>& all_fields() {
  static const std::vector<field_of_event> all = {
      {"session:create", "", "name", true},
      {"session:create", R"("name":"n",)", "instrument", false},
      {"session:join", R"("name":"n",)", "roomCode", true},
      {"session:join", R"("roomCode":"X",)", "name", true},
      {"session:join", R"("roomCode":"X","name":"n",)", "instrument", false},
      {"session:leave", "", "roomCode", true},
      {"session:update", R"("instrument":"i",)", "name", false},
      {"session:update", R"("name":"n",)", "instrument", false},
      {"session:event", R"("data":1,)", "type", true},
  };
  return all;
}

/// Somebody who errs, and somebody who shares a session with them.
struct trial : jam_stage {
  trial() {
    code = alice.create("Alice");
    bob.join(code, "Bob");
    bob.messages();
    alice.messages();
    line.reports();
  }

  /// Bob sends a payload, and must get an error that says what is wrong with it, with an
  /// acknowledgement and without. Nobody else gets anything, and nothing changes.
  void expect_refusal(const std::string& event, const std::string& payload,
                      const std::string& message) {
    CAPTURE(event, payload.substr(0, 200));
    // So that the log has room for his lines.
    line.advance(2'000);
    alice.messages();
    bob.messages();
    bob.emit(event, payload);
    CHECK(bob.messages() == transcript{error(message, "invalid_payload", event)});
    const auto ack = bob.emit_with_ack(event, payload);
    CHECK(bob.messages() == transcript{error(message, "invalid_payload", event),
                                       failed(ack, message, "invalid_payload")});
    CHECK(alice.messages().empty());
    const auto reports = line.reports();
    REQUIRE(reports.size() == 2);
    CHECK(reports[0] == notice{notice::kind::request_refused, {}, bob.id(), event, message, {}});

    // The next valid request works.
    bob.emit_with_ack("session:event", R"({"type":"t"})");
    CHECK(bob.messages() == transcript{acked(ack + 1)});
    CHECK(alice.messages() == transcript{relayed(bob.id(), R"("type":"t")")});
    CHECK(room_of(*app, bob.id())->participants ==
          std::vector<session::participant>{{session::user_id(alice.id()), "Alice", "unknown"},
                                            {session::user_id(bob.id()), "Bob", "unknown"}});
  }

  musician alice{line};
  musician bob{line};
  std::string code;
};

const std::vector<std::string> all_events = {"session:create", "session:join", "session:leave",
                                             "session:update", "session:event"};

}  // namespace

TEST_CASE("a payload that is no object is refused") {
  trial t;
  for (const std::string& event : all_events) {
    for (const auto* payload : {"", "null", "true", "0", R"("name")", "[]", R"([{"name":"n"}])",
                                R"("x",{"name":"n"})", "null,{}"}) {
      t.expect_refusal(event, payload, "payload must be an object");
    }
  }
}

TEST_CASE("a field of the wrong type is refused by its name") {
  trial t;
  for (const field_of_event& f : all_fields()) {
    for (const auto* value : {"null", "true", "false", "0", "1.5", "[]", R"(["n"])", "{}",
                              R"({"toString":"n"})", R"({"_placeholder":true,"num":0})"}) {
      t.expect_refusal(f.event, '{' + f.others + '"' + f.field + "\":" + value + '}',
                       f.field + " must be a string");
    }
  }
}

TEST_CASE("a missing field is refused by its name, the first one first") {
  trial t;
  for (const field_of_event& f : all_fields()) {
    if (!f.is_required) continue;
    const std::string others = f.others.empty() ? "" : f.others.substr(0, f.others.size() - 1);
    t.expect_refusal(f.event, '{' + others + '}', f.field + " is required");
    // The spelling of a field matters.
    std::string shouted = f.field;
    shouted[0] = static_cast<char>(shouted[0] - 'a' + 'A');
    t.expect_refusal(f.event, '{' + f.others + '"' + shouted + R"(":"n"})",
                     f.field + " is required");
  }
  t.expect_refusal("session:join", "{}", "roomCode is required");
}

TEST_CASE("names and instruments have 1 to 32 characters that can be seen") {
  trial t;
  for (const field_of_event& f : all_fields()) {
    if (f.field != "name" && f.field != "instrument") continue;
    const auto with = [&](const std::string& value) {
      return '{' + f.others + '"' + f.field + "\":\"" + value + "\"}";
    };
    for (const std::string& value :
         {std::string(), std::string("   "), std::string("\\n\\t\\u00a0\\ufeff\\u2029"),
          repeat("x", 33), repeat("é", 33), repeat("🎵", 33), repeat("\\ud83c\\udfb5", 33),
          std::string(900'000, 'n')}) {
      t.expect_refusal(f.event, with(value), f.field + " must be 1 to 32 characters");
    }
    for (const auto* value : {"a\\u0000b", "a\\nb", "a\\u007fb", "a\\u0085b", "a\\u2028b"}) {
      t.expect_refusal(f.event, with(value), f.field + " must not contain control characters");
    }
  }
}

TEST_CASE("a lone surrogate is refused by its field") {
  trial t;
  for (const field_of_event& f : all_fields()) {
    for (const auto* value : {"\\ud800", "\\udc00", "a\\udfb5\\ud83c", "\\ud83c\\ud83c\\udfb5"}) {
      const std::string message = f.field == "type" ? "type must be 1 to 64 characters"
                                                    : f.field + " must be valid Unicode";
      t.expect_refusal(f.event, '{' + f.others + '"' + f.field + "\":\"" + value + "\"}", message);
    }
  }
}

TEST_CASE("a room code has 1 to 64 bytes; one that is nobody's is not found") {
  trial t;
  for (const auto& value :
       {std::string(), repeat("x", 65), repeat("🎵", 17), std::string(900'000, 'x')}) {
    t.expect_refusal("session:join", R"({"name":"n","roomCode":")" + value + "\"}",
                     "roomCode must be 1 to 64 bytes");
    t.expect_refusal("session:leave", R"({"roomCode":")" + value + "\"}",
                     "roomCode must be 1 to 64 bytes");
  }
  for (const auto& value : {std::string(" "), repeat("x", 64), repeat("🎵", 16),
                            std::string("\\u0000"), std::string("INVALID-99")}) {
    t.bob.join(value, "Bob");
    CHECK(t.bob.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
    t.bob.leave(value);
    CHECK(t.bob.messages() ==
          transcript{error("Not in this session", "not_in_session", "session:leave")});
  }
}

TEST_CASE("a payload of any event nests 32 levels deep at most") {
  trial t;
  for (const std::string& event : all_events) {
    t.expect_refusal(event, R"({"x":)" + repeat("[", 32) + repeat("]", 32) + '}',
                     "payload must not nest deeper than 32 levels");
    t.expect_refusal(event, repeat(R"({"a":)", 50'000) + "1" + repeat("}", 50'000),
                     "payload must not nest deeper than 32 levels");
  }
  musician carol(t.line);
  carol.emit("session:create", R"({"name":"Carol","x":)" + repeat("[", 31) + repeat("]", 31) + '}');
  CHECK_FALSE(member_of(carol.last_message(), "roomCode").empty());
}

TEST_CASE("names are trimmed, and otherwise as they were given") {
  const std::string longest = repeat("🎵", 32);
  const auto [given, kept] = GENERATE_COPY(table<std::string, std::string>({
      {"  Bob\\t", "Bob"},
      {"\\u00a0\\u3000Bob\\ufeff", "Bob"},
      {"B  o  b", "B  o  b"},
      {longest, longest},
      {" " + longest + " ", longest},
      {"\\ud83c\\udfb5", "🎵"},
      {R"(\"\\\/<b>&amp;'${x}%s)", R"(\"\\/<b>&amp;'${x}%s)"},
      {"Ñandú Å 한국어 العربية", "Ñandú Å 한국어 العربية"},
      {"__proto__", "__proto__"},
  }));
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  alice.messages();
  bob.join(code, given, given);
  CHECK(alice.messages() == transcript{user_joined(person(bob.id(), kept, kept))});
}

TEST_CASE("a name may be taken twice") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Alice");
  CHECK(bob.messages() ==
        transcript{joined(code, {person(alice.id(), "Alice"), person(bob.id(), "Alice")}, bob.id(),
                          alice.id())});
}

TEST_CASE("text that is not UTF-8 ends the connection, and nobody else notices") {
  const transport_kind by = GENERATE(values(all_transports));
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();
  bob.emit("session:update", "{\"name\":\"\xff\"}");
  CHECK(bob.messages() == transcript{"<closed>"});
  CHECK(alice.messages() == transcript{user_left(bob.id())});
}

}  // namespace downbeat::jam::test
