// Resume tokens: a page keeps one over a reload, and comes back into its seat without the pid.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

constexpr std::string_view asks_to_resume = R"({"resume":true})";

std::string token_auth(std::string_view token, std::string_view more = {}) {
  return R"({"resume":true,"resumeToken":")" + std::string(token) + '"' + std::string(more) + '}';
}

struct resume_stage : jam_stage {
  explicit resume_stage(shard_index shards = 1) : jam_stage(with_seats(), shards) {}

  /// A page that keeps tokens.
  musician page(std::string_view auth = asks_to_resume) {
    return musician(line, transport_kind::websocket, auth);
  }
};

/// Creates a session and returns the answer.
std::string created_by(musician& who, std::string_view name) {
  who.emit("session:create", R"({"name":")" + std::string(name) + "\"}");
  return who.last_message();
}

TEST_CASE("a token is for those who ask, in the event and in the acknowledgement") {
  resume_stage s;
  musician bob(s.line);
  CHECK(created_by(bob, "Bob").find("resumeToken") == std::string::npos);
  musician carol = s.page(R"({"resume":1})");
  CHECK(created_by(carol, "Carol").find("resumeToken") == std::string::npos);

  musician alice = s.page();
  alice.emit_with_ack("session:create", R"({"name":"Alice"})");
  const transcript heard = alice.messages();
  REQUIRE(heard.size() == 2);
  const std::string token = member_of(heard[0], "resumeToken");
  CHECK(token.size() == 32);
  CHECK(token != alice.pid());
  CHECK(member_of(heard[1], "resumeToken") == token);
  CHECK(s.line.core().snapshot().find(token) == std::string::npos);

  // Each room gives another.
  const std::string other = member_of(created_by(alice, "Alice"), "resumeToken");
  CHECK(other.size() == 32);
  CHECK(other != token);
}

TEST_CASE("without a grace nobody gets a token, and a token means nothing") {
  jam_stage s(options(), 1);
  musician alice(s.line, transport_kind::websocket, asks_to_resume);
  CHECK(created_by(alice, "Alice").find("resumeToken") == std::string::npos);
  musician bob(s.line, transport_kind::websocket, token_auth("0123456789012345678901"));
  CHECK(bob.messages().empty());
}

TEST_CASE("after a reload a page is in its seat again, with a new pid") {
  resume_stage s;
  musician bob(s.line);
  const std::string code = bob.create("Bob");
  musician alice = s.page();
  alice.join(code, "Alice");
  const std::string token = member_of(alice.last_message(), "resumeToken");
  bob.messages();
  SECTION("the server has noticed the end of the connection") {
    alice.vanish();
    CHECK(bob.messages() == transcript{user_away(alice.id(), grace_ms)});
  }
  SECTION("it has not") {}
  const bool was_connected = alice.is_open();

  musician again = s.page(token_auth(token));
  CHECK(again.id() == alice.id());
  CHECK(again.pid().size() == 32);
  CHECK(again.pid() != alice.pid());
  CHECK(again.messages() ==
        transcript{joined_with(code, {person(bob.id(), "Bob"), person(alice.id(), "Alice")},
                               alice.id(), bob.id(),
                               R"(,"resumed":true,"resumeToken":")" + token + '"')});
  if (was_connected) {
    CHECK(alice.messages() == transcript{ended("taken_over", code), "41", "<closed>"});
    CHECK(bob.messages().empty());
  } else {
    CHECK(bob.messages() == transcript{user_back(person(alice.id(), "Alice"), bob.id())});
  }

  // The pid from before the reload is nobody's; the new one and the token work, again and again.
  musician stranger(s.line, transport_kind::websocket, pid_auth(alice.pid()));
  CHECK(stranger.id() != alice.id());
  again.vanish();
  std::string pid = again.pid();
  for (int i = 0; i < 3; ++i) {
    musician next = s.page(i == 1 ? pid_auth(pid) : token_auth(token));
    CHECK(next.id() == alice.id());
    pid = next.pid();
    next.emit("session:event", R"({"type":"note"})");
    CHECK(bob.last_message() == relayed(alice.id(), R"("type":"note")"));
    next.vanish();
  }
}

TEST_CASE("a client shows both, and the pid is looked at first") {
  resume_stage s;
  musician bob = s.page();
  const std::string token_of_bob = member_of(created_by(bob, "Bob"), "resumeToken");
  musician alice = s.page();
  const std::string answer = created_by(alice, "Alice");
  const std::string code = member_of(answer, "roomCode");
  alice.vanish();
  bob.vanish();
  musician again = s.page(token_auth(token_of_bob, R"(,"pid":")" + alice.pid() + '"'));
  CHECK(again.id() == alice.id());
  CHECK(again.pid() == alice.pid());
  // What it has shown is not its token, so it gets a new one.
  const std::string heard = again.last_message();
  CHECK(member_of(heard, "roomCode") == code);
  CHECK(member_of(heard, "resumeToken").size() == 32);
  CHECK(member_of(heard, "resumeToken") != token_of_bob);
}

TEST_CASE("a token is valid until its owner has the next one, or the seat ends") {
  resume_stage s;
  musician alice = s.page();
  const std::string first = member_of(created_by(alice, "Alice"), "resumeToken");
  alice.vanish();
  // This client does not show its token, so it gets another. The answer is lost.
  musician lost = s.page(R"({"resume":true,"pid":")" + alice.pid() + "\"}");
  const std::string second = member_of(lost.last_message(), "resumeToken");
  CHECK(second != first);
  lost.vanish();
  musician again = s.page(token_auth(first));
  CHECK(again.id() == alice.id());
  CHECK(member_of(again.last_message(), "resumeToken") == first);
  again.vanish();
  musician third = s.page(token_auth(second));
  CHECK(third.id() == alice.id());
  CHECK(member_of(third.last_message(), "resumeToken") == second);
  // Another room ends both, also for one who asks for none by now.
  third.vanish();
  musician plain(s.line, transport_kind::websocket, pid_auth(third.pid()));
  created_by(plain, "Alice");
  for (const std::string& token : {first, second}) {
    musician stranger = s.page(token_auth(token));
    CHECK(stranger.id() != alice.id());
    CHECK(stranger.messages() == transcript{ended("unknown")});
  }
}

TEST_CASE("a token ends with its seat") {
  resume_stage s;
  musician bob(s.line);
  const std::string code = bob.create("Bob");
  musician alice = s.page();
  alice.join(code, "Alice");
  const std::string token = member_of(alice.last_message(), "resumeToken");
  bob.messages();
  std::string reason = "unknown";
  SECTION("by leaving") {
    alice.leave(code);
  }
  SECTION("by another room") {
    created_by(alice, "Alice");
  }
  SECTION("by its grace") {
    alice.vanish();
    s.line.advance(grace_ms);
    reason = "expired";
  }
  SECTION("by a DISCONNECT") {
    alice.send("41");
  }
  alice.messages();
  musician again = s.page(token_auth(token));
  CHECK(again.id() != alice.id());
  CHECK(again.messages() == transcript{ended(reason)});
  CHECK(bob.is_open());
}

TEST_CASE("what is no token is as if it were not there") {
  resume_stage s;
  static const std::string longer = "\"" + std::string(65, 'a') + "\"";
  static const std::string longest = "\"" + std::string(60'000, 'a') + "\"";
  const std::string value = GENERATE(values<std::string>(
      {"null", "1", "{}", "[]", R"("")", R"("short")", R"("\ud800")", longer, longest}));
  musician alice = s.page(R"({"resumeToken":)" + value + '}');
  CHECK(alice.messages().empty());
  CHECK(created_by(alice, "Alice").find("resumeToken") == std::string::npos);
}

TEST_CASE("a token finds its seat from any shard") {
  const shard_index arrives_at = GENERATE(0u, 1u, 2u);
  const bool has_pid = GENERATE(false, true);
  resume_stage s(3);
  s.line.connect_next_to(1);
  musician bob(s.line);
  const std::string code = bob.create("Bob");
  s.line.connect_next_to(2);
  musician alice = s.page();
  alice.join(code, "Alice");
  const std::string token = member_of(alice.last_message(), "resumeToken");
  bob.messages();
  // A pid of a client that has left says nothing of its shard.
  s.line.connect_next_to(0);
  musician carol(s.line);
  const std::string old_pid = carol.pid();
  carol.vanish();
  alice.vanish();
  bob.messages();
  s.line.connect_next_to(arrives_at);
  musician again =
      s.page(token_auth(token, has_pid ? R"(,"pid":")" + old_pid + '"' : std::string()));
  CHECK(again.id() == alice.id());
  CHECK(member_of(again.last_message(), "resumeToken") == token);
  CHECK(bob.messages() == transcript{user_back(person(alice.id(), "Alice"), bob.id())});
  again.vanish();
  bob.messages();
  s.line.advance(grace_ms);
  s.line.connect_next_to(arrives_at);
  musician late =
      s.page(token_auth(token, has_pid ? R"(,"pid":")" + again.pid() + '"' : std::string()));
  CHECK(late.messages() == transcript{ended("expired")});
}

TEST_CASE("a token is in the journal, and works after a restart") {
  options of = with_seats();
  of.journal = journal_kind::host;
  memory_journal kept;
  std::string token;
  std::string id;
  {
    jam_stage s(of, 1);
    musician alice(s.line, transport_kind::websocket, asks_to_resume);
    alice.emit("session:create", R"({"name":"Alice"})");
    s.line.answer_appends();
    token = member_of(alice.last_message(), "resumeToken");
    id = alice.id();
    kept = s.line.journal();
  }
  REQUIRE(kept.rooms().size() == 1);
  CHECK(kept.rooms().front().participants.front().token_hash != nullptr);
  wire line(make_engine(of));
  line.restore(kept);
  line.answer_appends();
  musician alice(line, transport_kind::websocket, token_auth(token));
  CHECK(alice.id() == id);
  CHECK(member_of(alice.last_message(), "resumeToken") == token);
}

}  // namespace
}  // namespace downbeat::jam::test
