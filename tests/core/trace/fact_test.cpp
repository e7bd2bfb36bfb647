// Every kind of fact, written and read again.

#include "trace/fact.hpp"

#include "input.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::trace {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t largest_id = std::numeric_limits<std::uint64_t>::max();

entropy some_entropy() {
  entropy fresh{};
  for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i] = static_cast<std::uint8_t>(i * 37 + 200);
  return fresh;
}

bool same(const request_head& a, const request_head& b) {
  return a.query == b.query && a.origin == b.origin && a.content_type == b.content_type &&
         a.remote_address == b.remote_address;
}

/// Whether two facts of one kind are equal.
struct equal {
  bool operator()(const input::websocket_requested& a, const input::websocket_requested& b) const {
    return a.transport == b.transport && same(a.head, b.head) && a.fresh == b.fresh;
  }
  bool operator()(const input::frame_received& a, const input::frame_received& b) const {
    return a.transport == b.transport && a.is_binary == b.is_binary && a.data == b.data;
  }
  bool operator()(const input::frame_too_large& a, const input::frame_too_large& b) const {
    return a.transport == b.transport;
  }
  bool operator()(const input::transport_closed& a, const input::transport_closed& b) const {
    return a.transport == b.transport;
  }
  bool operator()(const input::request_received& a, const input::request_received& b) const {
    return a.request == b.request && a.method == b.method && same(a.head, b.head) &&
           a.fresh == b.fresh;
  }
  bool operator()(const input::body_received& a, const input::body_received& b) const {
    return a.request == b.request && a.body == b.body;
  }
  bool operator()(const input::body_too_large& a, const input::body_too_large& b) const {
    return a.request == b.request;
  }
  bool operator()(const input::request_aborted& a, const input::request_aborted& b) const {
    return a.request == b.request;
  }
  bool operator()(const input::deadline_reached&, const input::deadline_reached&) const {
    return true;
  }
  bool operator()(const input::drain_requested& a, const input::drain_requested& b) const {
    return a.within_ms == b.within_ms;
  }
  bool operator()(const input::options_changed& a, const input::options_changed& b) const {
    return a.json == b.json;
  }
  bool operator()(const input::shutdown_requested&, const input::shutdown_requested&) const {
    return true;
  }
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

/// What texts of peers may be, byte for byte.
const std::string_view awkward[] = {
    ""sv,
    "plain"sv,
    "with \"quotes\", \\ and /"sv,
    "line\nand\ttab and \x1e and \x7f"sv,
    "\0nul"sv,
    "Béla 🎺 \u2028"sv,
    "\xff\xfe not UTF-8"sv,
    "\xed\xa0\x80 a surrogate"sv,
    "{\"base64\":\"AAAA\"}"sv,
    "5 > text 3 \"x\""sv,
};

void check_round_trip(instant_ms now, const input::any& fact) {
  const std::string line = write_fact(now, fact);
  CAPTURE(line);
  CHECK(line.find('\n') == std::string::npos);
  auto read = read_fact(line);
  REQUIRE(std::holds_alternative<recorded_fact>(read));
  // What a fact's views refer to goes with it.
  const recorded_fact moved = std::get<recorded_fact>(std::move(read));
  CHECK(moved.now == now);
  CHECK(std::visit(equal(), moved.fact, fact));
  CHECK(write_fact(now, moved.fact) == line);
}

}  // namespace

TEST_CASE("facts without an argument are read as they were written") {
  const std::uint64_t id = GENERATE(std::uint64_t(0), std::uint64_t(7), largest_id);
  check_round_trip(0, input::frame_too_large{id});
  check_round_trip(1, input::transport_closed{id});
  check_round_trip(2, input::body_too_large{id});
  check_round_trip(4'398'046'511'103, input::request_aborted{id});
  check_round_trip(4, input::deadline_reached{});
  check_round_trip(5, input::shutdown_requested{});
  check_round_trip(6, input::drain_requested{id});
  check_round_trip(7, input::options_changed{R"({"maxSessions":7,"maxParticipants":3})"});
}

TEST_CASE("bytes of peers are read as they were written") {
  for (const std::string_view bytes : awkward) {
    check_round_trip(6, input::frame_received{1, false, bytes});
    check_round_trip(7, input::frame_received{largest_id, true, bytes});
    check_round_trip(8, input::body_received{3, bytes});
  }
}

TEST_CASE("every byte is read as it was written, alone and among others") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string alone(1, static_cast<char>(byte));
    check_round_trip(0, input::frame_received{1, true, alone});
    const std::string among = "aé" + alone + "é";
    check_round_trip(0, input::body_received{1, among});
  }
}

TEST_CASE("heads of requests are read as they were written") {
  for (const std::string_view bytes : awkward) {
    check_round_trip(
        9, input::websocket_requested{largest_id, {bytes, "http://a", {}, "::1"}, some_entropy()});
    check_round_trip(9, input::websocket_requested{1, {"EIO=4", bytes, bytes, bytes}, {}});
    for (const http_method method :
         {http_method::get, http_method::post, http_method::options, http_method::other}) {
      check_round_trip(10, input::request_received{
                               2, method, {"sid=x", {}, bytes, "192.0.2.1"}, some_entropy()});
    }
  }
}

TEST_CASE("a fact is written for people to read") {
  CHECK(write_fact(1510, input::frame_received{3, false, "42[\"a\"]"}) ==
        R"(1510 > text 3 "42[\"a\"]")");
  CHECK(write_fact(1510, input::frame_received{3, true, "\xff"}) ==
        R"(1510 > binary 3 {"base64":"/w=="})");
  CHECK(write_fact(0,
                   input::request_received{
                       4, http_method::other, {"a=b", "o", "c", "::1"}, entropy{1, 255}}) ==
        R"(0 > request 4 {"method":"other","query":"a=b","origin":"o","contentType":"c",)"
        R"("address":"::1","entropy":"01ff)" +
            std::string(60, '0') + "\"}");
}

TEST_CASE(
    "a fact may be written by hand, with space, in another order, and left out what is empty") {
  const std::string zeros(64, '0');
  auto read = read_fact("5 > request 2 { \"entropy\" : \"" + zeros +
                        "\", \"more\": [1, {}], \"method\" : \"GET\" }");
  REQUIRE(std::holds_alternative<recorded_fact>(read));
  const auto& fact = std::get<input::request_received>(std::get<recorded_fact>(read).fact);
  CHECK(fact.method == http_method::get);
  CHECK(fact.head.query.empty());
  CHECK(fact.head.remote_address.empty());
  CHECK(fact.fresh == entropy{});

  read = read_fact(R"(5 > text 2 "\u0034\u00e9")");
  REQUIRE(std::holds_alternative<recorded_fact>(read));
  CHECK(std::get<input::frame_received>(std::get<recorded_fact>(read).fact).data == "4é");
}

}  // namespace downbeat::trace
