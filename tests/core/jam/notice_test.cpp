// What is in the operator's log.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

using kind = notice::kind;
using notices = std::vector<notice>;

}  // namespace

TEST_CASE("the log says who connects and disconnects, from where and why") {
  jam_stage s;
  musician alice(s.line);
  CHECK(s.line.reports() == notices{{kind::client_connected, {}, alice.id(), {}, {}, "192.0.2.1"}});
  const std::string id = alice.id();
  alice.send("41");
  CHECK(s.line.reports() ==
        notices{{kind::client_disconnected, {}, id, {}, "client namespace disconnect", {}}});
}

TEST_CASE("the log has a session's events in the order in which they happen") {
  jam_stage s({}, 1);  // what two shards say of a move may change places
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  s.line.reports();

  const std::string code = alice.create("  Alice ");
  CHECK(s.line.reports() == notices{{kind::session_created, code, alice.id(), "Alice", {}, {}}});
  bob.join(code, "Bob");
  CHECK(s.line.reports() == notices{{kind::session_joined, code, bob.id(), "Bob", {}, {}}});
  bob.emit("session:update", R"({"name":"Bobby"})");
  CHECK(s.line.reports() == notices{{kind::participant_updated, code, bob.id(), "Bobby", {}, {}}});
  carol.join(" invalid-99\\n", "Carol");
  CHECK(s.line.reports() ==
        notices{{kind::join_failed, " invalid-99\n", carol.id(), {}, "Session not found", {}}});
  alice.leave(code);
  CHECK(s.line.reports() == notices{{kind::session_left, code, alice.id(), {}, {}, {}},
                                    {kind::host_changed, code, bob.id(), {}, {}, {}}});
  const std::string second = carol.create("Carol");
  s.line.reports();
  bob.join(second, "Bob");
  CHECK(s.line.reports() == notices{{kind::session_joined, second, bob.id(), "Bob", {}, {}},
                                    {kind::session_left, code, bob.id(), {}, {}, {}},
                                    {kind::session_closed, code, {}, {}, {}, {}}});
  carol.vanish();
  CHECK(s.line.reports() ==
        notices{{kind::client_disconnected, {}, carol.id(), {}, "transport close", {}},
                {kind::session_left, second, carol.id(), {}, {}, {}},
                {kind::host_changed, second, bob.id(), {}, {}, {}}});
}

TEST_CASE("the log has every failed join, and why") {
  options options;
  options.session.max_participants = 1;
  jam_stage s(options);
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  s.line.reports();
  bob.join(code, "Bob");
  CHECK(s.line.reports() ==
        notices{{kind::join_failed, code, bob.id(), {}, "Session is full", {}}});
  bob.join(code, "");
  CHECK(s.line.reports() == notices{{kind::request_refused,
                                     {},
                                     bob.id(),
                                     "session:join",
                                     "name must be 1 to 32 characters",
                                     {}}});
}

TEST_CASE("the log is silent about what is relayed") {
  jam_stage s;
  musician alice(s.line);
  alice.create("Alice");
  s.line.reports();
  alice.emit("session:event", R"({"type":"t","data":"secret"})");
  CHECK(s.line.reports().empty());
}

TEST_CASE("the counters count what has happened") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  bob.join(code, "Bob");
  bob.join("INVALID-99", "Bob");
  bob.emit("session:event", R"({"type":"t"})");
  bob.emit("session:event", "7");
  CHECK(s.line.measure("sockets") == 2);
  CHECK(s.line.measure("sessions") == 1);
  CHECK(s.line.measure("participants") == 2);
  CHECK(s.line.measure("rooms") == 1);
  CHECK(s.line.measure("sessions_created_total") == 1);
  CHECK(s.line.measure("joins_total") == 1);
  CHECK(s.line.measure("events_relayed_total") == 1);
  CHECK(s.line.measure("requests_failed_total") == 2);
}

}  // namespace downbeat::jam::test
