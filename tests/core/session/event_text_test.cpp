#include "session/event_text.hpp"

#include "support/session_events.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace downbeat::session {
namespace {

std::shared_ptr<const carried_out_requests> two_requests() {
  using kind = carried_out_request::kind;
  return std::make_shared<const carried_out_requests>(
      carried_out_requests{{kind::join, "j"}, {kind::update, "\xc3\xb6"}});
}

/// Bob's join, of whom the journal has these requests.
std::string joined_with(const std::string& requests) {
  return R"([{"v":1,"type":"joined","room":"MUSIC-42","who":{"id":"bob","name":"","instrument":"",)"
         R"("move":1,"requests":)" +
         requests + R"(},"host":false}])";
}

const std::vector<any_event> one_of_each = {
    event::created{"MUSIC-42", 3, 1, {"alice", "Al \"ice\"\n", "piano", 7}},
    event::joined{"MUSIC-42", {"bob", "B\xc3\xb6", "", 1}, false},
    event::joined{"MUSIC-42", {"bob", "Bob", "bass", 4294967295u}, true},
    event::updated{"MUSIC-42", "bob", "Bob", "drums"},
    event::updated{"MUSIC-42", "bob", "Bob", "drums", "u-\"1\""},
    event::joined{
        "MUSIC-42", {"bob", "Bob", "bass", 1, false, 0, nullptr, nullptr, two_requests()}, true},
    event::left{"MUSIC-42", "bob", departure::left},
    event::left{"MUSIC-42", "bob", departure::disconnected},
    event::left{"MUSIC-42", "bob", departure::moved},
    event::host_changed{"MUSIC-42", "bob"},
    event::closed{"MUSIC-42"},
};

TEST_CASE("events are written as JSON with a version, and read back", "[event text]") {
  CHECK(write_event(event::joined{"MUSIC-42", {"bob", "Bob", "bass", 2}, false}) ==
        R"({"v":1,"type":"joined","room":"MUSIC-42",)"
        R"("who":{"id":"bob","name":"Bob","instrument":"bass","move":2},"host":false})");
  for (const any_event& event : one_of_each) {
    const std::string text = write_event(event);
    const auto read = read_events('[' + text + ']');
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 1);
    CHECK(write_event(read->front()) == text);
    CHECK((read->front() == event));
  }
  const auto all = read_events(write_events(one_of_each));
  REQUIRE(all.has_value());
  CHECK((*all == one_of_each));
  CHECK(read_events(" [ ] ")->empty());
}

TEST_CASE("the requests of a participant are written and read back", "[event text]") {
  const std::string text = joined_with("[[\"join\",\"j\"],[\"update\",\"\xc3\xb6\"]]");
  const auto read = read_events(text);
  REQUIRE(read.has_value());
  const auto& requests = *std::get<event::joined>(read->front()).who.requests;
  REQUIRE(requests.size() == 2);
  CHECK(requests[1].what == carried_out_request::kind::update);
  CHECK(requests[1].id == "\xc3\xb6");
  CHECK(write_events(*read) == text);
}

TEST_CASE("what is not exactly an event is refused", "[event text]") {
  const std::string text = GENERATE(
      as<std::string>(), "", "null", "{}", "[1]", "[{}]", "[\xff]",
      R"([{"v":1,"type":"closed","room":"MUSIC-42"})",
      R"([{"v":2,"type":"closed","room":"MUSIC-42"}])", R"([{"type":"closed","room":"MUSIC-42"}])",
      R"([{"v":1,"type":"opened","room":"MUSIC-42"}])", R"([{"v":1,"type":"closed","room":""}])",
      R"([{"v":1,"type":"closed","room":7}])",
      R"([{"v":1,"type":"closed","room":"MUSIC-42","more":1}])",
      R"([{"v":1,"type":"closed","room":"MUSIC-42","room":"MUSIC-42"}])",
      R"([{"v":1,"room":"MUSIC-42","type":"closed"}])",
      R"([{"v":1,"type":"clos\u0065d","room":"MUSIC-42"}])",
      R"([{"v":1,"type":"left","room":"MUSIC-42","user":"bob","why":"bored"}])",
      R"([{"v":1,"type":"updated","room":"MUSIC-42","user":"bob","name":"","instrument":"","request":""}])",
      joined_with(R"([])"), joined_with(R"(["join","j"])"), joined_with(R"([["join","j",1]])"),
      joined_with(R"([["leave","j"]])"), joined_with(R"([["join",""]])"),
      joined_with(R"([["join",7]])"), joined_with(R"({"join":"j"})"),
      joined_with(R"([["join","1"],["update","2"],["update","3"],["update","4"],["update","5"],)"
                  R"(["update","6"],["update","7"],["update","8"],["update","9"]])"),
      R"([{"v":1,"type":"left","room":"MUSIC-42","user":"","why":"left"}])",
      R"([{"v":1,"type":"host_changed","room":"MUSIC-42","host":"more than 23 bytes of text"}])",
      R"([{"v":1,"type":"host_changed","room":"MUSIC-42","host":"\ud800"}])",
      R"([{"v":1,"type":"joined","room":"MUSIC-42","who":{"id":"a","name":"","instrument":"","move":-1},"host":false}])",
      R"([{"v":1,"type":"joined","room":"MUSIC-42","who":{"id":"a","name":"","instrument":"","move":4294967296},"host":false}])",
      R"([{"v":1,"type":"joined","room":"MUSIC-42","who":{"id":"a","name":"","instrument":"","move":1},"host":1}])",
      R"([{"v":1,"type":"created","room":"MUSIC-42","number":0,"format":0,"who":{"id":"a","name":"","instrument":"","move":1}}])",
      R"([{"v":1,"type":"created","room":"MUSIC-42","number":9223372036854775807,"format":0,"who":{"id":"a","name":"","instrument":"","move":1}}])",
      R"([{"v":1,"type":"created","room":"MUSIC-42","number":1,"format":4,"who":{"id":"a","name":"","instrument":"","move":1}}])");
  CAPTURE(text);
  CHECK_FALSE(read_events(text).has_value());
}

TEST_CASE("a snapshot is read back, and nothing else is", "[event text]") {
  const room state{
      "MUSIC-42", 5,   1, 3, {{"alice", "Alice", "piano", 2}, {"bob", "Bob", "bass", 9}},
      "bob",      {12}};
  const std::string text = write_snapshot(state);
  CHECK(text ==
        R"({"v":1,"room":"MUSIC-42","number":5,"format":1,"seq":12,"host":"bob","participants":)"
        R"([{"id":"alice","name":"Alice","instrument":"piano","move":2},)"
        R"({"id":"bob","name":"Bob","instrument":"bass","move":9}]})");
  const auto read = read_snapshot(text);
  REQUIRE(read);
  CHECK(digest_of(*read) == digest_of(state));
  CHECK(read->reservations == 0);
  CHECK(read->participants.back().move == 9);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string broken = text;
    broken.erase(at, 1);
    const auto other = read_snapshot(broken);
    // What can still be read says something else.
    if (other) CHECK(digest_of(*other) != digest_of(state));
  }
  CHECK_FALSE(read_snapshot(R"({"v":1,"room":"MUSIC-42","number":5,"format":1,"seq":12,"host":"a",)"
                            R"("participants":[{"id":"a","name":"","instrument":"","move":1},)"
                            R"({"id":"a","name":"","instrument":"","move":1}]})"));
}

TEST_CASE("a snapshot whose numbers leave nothing to count on is refused", "[event text]") {
  const auto snapshot = [](const std::string& number, const std::string& seq) {
    return R"({"v":1,"room":"MUSIC-42","number":)" + number + R"(,"format":1,"seq":)" + seq +
           R"(,"host":"a","participants":[{"id":"a","name":"","instrument":"","move":1}]})";
  };
  CHECK(read_snapshot(snapshot("9007199254740991", "9007199254740991")));
  CHECK_FALSE(read_snapshot(snapshot("9007199254740992", "1")));
  CHECK_FALSE(read_snapshot(snapshot("9223372036854775807", "1")));
  CHECK_FALSE(read_snapshot(snapshot("1", "9007199254740992")));
}

TEST_CASE("the digest of a room distinguishes all that its log has made of it", "[event text]") {
  const room state{"MUSIC-42", 5, 1, 0, {{"alice", "Alice", "piano", 2}}, "alice", {12}};
  CHECK(digest_of(std::optional<room>()) == 0);
  room other = state;
  other.reservations = 4;
  CHECK(digest_of(other) == digest_of(state));
  other.head.seq = 13;
  CHECK(digest_of(other) != digest_of(state));
  other = state;
  other.host_id = "bob";
  CHECK(digest_of(other) != digest_of(state));
  other = state;
  other.participants.front().move = 3;
  CHECK(digest_of(other) != digest_of(state));
}

}  // namespace
}  // namespace downbeat::session
