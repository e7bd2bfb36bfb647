#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the server keeps on behalf of its clients has bounds that follow from its options, in bytes
// and in time.

namespace downbeat::jam::test {
namespace {

/// A `session:event`, with the digit of Engine.IO in front, that announces so many attachments.
std::string announcing(std::int64_t attachments, std::string_view data = "") {
  return "45" + std::to_string(attachments) + R"(-["session:event",{"type":"a","data":[)" + p0 +
         ",\"" + std::string(data) + "\"]}]";
}

std::int64_t retained_in_all(jam_stage& s) {
  const auto all = s.line.core().retained_bytes();
  const auto count = static_cast<std::int64_t>(all.size());
  std::int64_t sum = 0;
  for (const auto& [bytes, limit] : all) {
    CHECK(bytes <= limit.value());
    sum += bytes;
  }
  CHECK(sum <= s.line.core().retained_bytes_limit_in_all(count).value());
  return sum;
}

}  // namespace

TEST_CASE("what is kept for a client is counted, and given back") {
  jam_stage s({}, 1);
  musician alice(s.line);
  const std::int64_t before = retained_in_all(s);
  CHECK(before > 0);
  alice.send(announcing(2));
  const auto text = static_cast<std::int64_t>(announcing(2).size()) - 1;
  CHECK(retained_in_all(s) == before + text);
  CHECK(s.line.measure("buffered_bytes") == static_cast<std::uint64_t>(text));
  alice.send_binary(std::string(100, 'x'));
  CHECK(retained_in_all(s) == before + text + 100);
  alice.send_binary("");
  CHECK(retained_in_all(s) == before);
  CHECK(s.line.measure("buffered_bytes") == 0);
  alice.send(announcing(2));
  alice.vanish();
  CHECK(s.line.core().retained_bytes().empty());
  CHECK(s.line.measure("buffered_bytes") == 0);
}

TEST_CASE("a packet that grows past the limit while its attachments come ends its client") {
  const transport_kind by = GENERATE(values(all_transports));
  options o;
  o.engineio.max_payload_bytes = 20'000;
  jam_stage s(o, 1);
  musician alice(s.line, by);
  musician bob(s.line);
  bob.create("Bob");
  alice.send(announcing(10));
  s.line.reports();
  const auto text = static_cast<std::int64_t>(announcing(10).size()) - 1;
  alice.send_binary(std::string(10'000, 'x'));
  alice.send_binary(std::string(static_cast<std::size_t>(10'000 - text - 1), 'x'));
  CHECK(alice.is_open());
  alice.send_binary("x");
  CHECK(alice.is_open());
  retained_in_all(s);
  alice.send_binary("x");
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.limited("packet_bytes") == 1);
  CHECK(s.line.reports().at(0).reason == "too many bytes in one packet");
  CHECK(s.line.measure("buffered_bytes") == 0);
  bob.emit_with_ack("session:event", R"({"type":"a"})");
  CHECK(bob.messages() == transcript{acked(0)});
}

TEST_CASE("the largest event with attachments may be larger than the largest message") {
  options o;
  o.engineio.max_payload_bytes = 1'000;
  o.max_event_bytes = 5'000;
  jam_stage s(o, 1);
  musician alice(s.line);
  alice.create("Alice");
  alice.send(announcing(5), std::vector<std::string>(5, std::string(900, 'x')));
  alice.emit_with_ack("session:event", R"({"type":"a"})");
  CHECK(alice.messages() == transcript{acked(0)});
}

TEST_CASE("without a limit for events, what is kept of one still has a bound") {
  options o;
  o.engineio.max_payload_bytes = 1'000;
  o.max_event_bytes = 0;
  o.socketio.max_attachments = 3;
  CHECK(max_packet_bytes(o) == 4'000);
  jam_stage s(o, 1);
  musician alice(s.line);
  alice.send(announcing(3));
  for (int i = 0; i != 2; ++i) alice.send_binary(std::string(1'000, 'x'));
  CHECK(alice.is_open());
  retained_in_all(s);
}

TEST_CASE("attachments that do not come in time end their client") {
  const transport_kind by = GENERATE(values(all_transports));
  jam_stage s({}, 1);
  musician alice(s.line, by);
  alice.create("Alice");
  alice.send(announcing(2));
  s.line.advance(6'000);
  alice.send_binary("x");
  s.line.advance(3'999);
  CHECK(alice.is_open());
  s.line.reports();
  s.line.advance(1);
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.limited("attachment_time") == 1);
  CHECK(s.line.reports().at(0).reason == "attachments did not come in time");
}

TEST_CASE("a packet that is complete in time leaves no deadline behind") {
  jam_stage s({}, 1);
  musician alice(s.line);
  alice.create("Alice");
  alice.send(announcing(1), {"x"});
  s.line.advance(10'000);
  CHECK(alice.is_open());
}

TEST_CASE("what is kept of all clients' packets has a limit, and the largest go first") {
  options o;
  o.engineio.max_queued_bytes_in_all = 10'000;
  jam_stage s(o, 1);
  musician small(s.line);
  musician large(s.line);
  small.send(announcing(3));
  small.send_binary(std::string(3'000, 'x'));
  large.send(announcing(3));
  large.send_binary(std::string(6'000, 'x'));
  CHECK(large.is_open());
  retained_in_all(s);
  small.send_binary(std::string(1'000, 'x'));
  CHECK_FALSE(large.is_open());
  CHECK(small.is_open());
  CHECK(s.line.limited("buffered_bytes_in_all") == 1);
  retained_in_all(s);
}

TEST_CASE("fewer attachments are allowed while some are under way") {
  // The packet that was announced is completed, and the next one judged by the new limit.
  jam_stage s({}, 1);
  musician alice(s.line);
  musician bob(s.line);
  bob.join(alice.create("Alice"), "Bob");
  bob.messages();
  alice.messages();
  const int lowered_after = GENERATE(0, 1, 2);
  alice.send(
      "453-"
      R"(["session:event",{"type":"a","data":)" +
      p0 + "}]");
  for (int i = 0; i != 3; ++i) {
    if (i == lowered_after) {
      s.line.give(input::options_changed{R"({"maxAttachments":1})"});
    }
    alice.send_binary("x");
  }
  CHECK(alice.messages().empty());
  CHECK(bob.messages() ==
        transcript{"451-" + relayed(alice.id(), R"("type":"a","data":)" + p0).substr(2),
                   "<binary 78>"});
  alice.send(announcing(2));
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.limited("attachments") == 1);
}

TEST_CASE("an event that names more attachments than are allowed by now is refused") {
  jam_stage s({}, 1);
  musician alice(s.line);
  alice.create("Alice");
  alice.send(
      "452-"
      R"(["session:event",{"type":"a","data":[)" +
      p0 + R"(,{"_placeholder":true,"num":1}]}])");
  s.line.give(input::options_changed{R"({"maxAttachments":1})"});
  alice.send_binary("x");
  alice.send_binary("x");
  CHECK(alice.messages() == transcript{error("data must not refer to more than 1 attachments",
                                             "invalid_payload", "session:event")});
}

TEST_CASE("a packet that is too large by new limits is dropped at once") {
  options o;
  o.max_event_bytes = 0;
  jam_stage s(o, 1);
  musician alice(s.line);
  musician bob(s.line);
  for (musician* who : {&alice, &bob}) who->send(announcing(10));
  for (int i = 0; i != 9; ++i) alice.send_binary(std::string(60'000, 'x'));
  CHECK(retained_in_all(s) > 540'000);
  s.line.give(input::options_changed{R"({"maxEventBytes":16384})"});
  CHECK_FALSE(alice.is_open());
  CHECK(bob.is_open());
  retained_in_all(s);
}

TEST_CASE("a queue that is too long by new limits is dropped at once") {
  jam_stage s({}, 1);
  musician alice(s.line);
  musician bob(s.line, transport_kind::polling);
  bob.join(alice.create("Alice"), "Bob");
  bob.messages();
  // What comes now waits for a GET that does not come.
  const std::string event = R"({"type":"a","data":")" + std::string(9'000, 'x') + "\"}";
  for (int i = 0; i != 5; ++i) alice.emit("session:event", event);
  CHECK(retained_in_all(s) > 36'000);
  s.line.give(input::options_changed{R"({"maxQueuedBytes":20000})"});
  CHECK(s.line.limited("polling_queued_bytes") == 1);
  CHECK(s.line.core().retained_bytes().size() == 1);
  retained_in_all(s);
}

TEST_CASE("an address of any length is kept as far as an address can go") {
  jam_stage s({}, 1);
  const std::string address(10'000, 'a');
  const std::string query = "EIO=4&transport=websocket&x=" + std::string(10'000, 'q');
  s.line.core().handle(0, input::websocket_requested{1, {query, {}, {}, address}, {}});
  CHECK(s.line.core().retained_bytes().size() == 1);
  CHECK(retained_in_all(s) < 200);
}

TEST_CASE("no bound is reported where the options lift one") {
  options o;
  o.engineio.max_queued_bytes = 0;
  for (const std::int64_t in_all : {1'000'000, 0}) {
    o.engineio.max_queued_bytes_in_all = in_all;
    jam_stage s(o, 1);
    musician on_websocket(s.line);
    s.line.core().handle(0, input::request_received{
                                9, http_method::get, {"EIO=4&transport=polling", {}, {}, {}}, {}});
    const auto all = s.line.core().retained_bytes();
    REQUIRE(all.size() == 2);
    // Nothing is queued for a WebSocket here.
    CHECK(all[0].limit.has_value());
    CHECK(all[1].limit.has_value() == (in_all != 0));
    CHECK(s.line.core().retained_bytes_limit_in_all(2).has_value() == (in_all != 0));
  }
}

}  // namespace downbeat::jam::test
