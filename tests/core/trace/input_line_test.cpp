// Every kind of input, written and read again.

#include "trace/input_line.hpp"

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

// The highest number names nothing.
constexpr std::uint64_t largest_id = std::numeric_limits<std::uint64_t>::max() - 1;

entropy some_entropy() {
  entropy fresh{};
  for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i] = static_cast<std::uint8_t>(i * 37 + 200);
  return fresh;
}

bool same(const request_head& a, const request_head& b) {
  return a.query == b.query && a.origin == b.origin && a.content_type == b.content_type &&
         a.remote_address == b.remote_address;
}

/// Whether two inputs of one kind are equal.
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
  bool operator()(const input::clock& a, const input::clock& b) const {
    return a.wall_ms == b.wall_ms;
  }
  bool operator()(const input::operator_command& a, const input::operator_command& b) const {
    return a.id == b.id && a.json == b.json;
  }
  bool operator()(const input::query& a, const input::query& b) const {
    return a.id == b.id && a.json == b.json;
  }
  bool operator()(const input::append_answered& a, const input::append_answered& b) const {
    return a.append_id == b.append_id && a.how == b.how && a.events == b.events;
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

void check_round_trip(instant_ms now, const input::any& input) {
  const std::string line = write_input(now, input);
  CAPTURE(line);
  CHECK(line.find('\n') == std::string::npos);
  auto read = read_input(line);
  REQUIRE(std::holds_alternative<recorded_input>(read));
  // What an input's views refer to goes with it.
  const recorded_input moved = std::get<recorded_input>(std::move(read));
  CHECK(moved.now == now);
  CHECK(std::visit(equal(), moved.input, input));
  CHECK(write_input(now, moved.input) == line);
}

}  // namespace

TEST_CASE("inputs without an argument are read as they were written") {
  const std::uint64_t id = GENERATE(std::uint64_t(0), std::uint64_t(7), largest_id);
  check_round_trip(0, input::frame_too_large{id});
  check_round_trip(1, input::transport_closed{id});
  check_round_trip(2, input::body_too_large{id});
  check_round_trip(4'398'046'511'103, input::request_aborted{id});
  check_round_trip(4, input::deadline_reached{});
  check_round_trip(5, input::shutdown_requested{});
  check_round_trip(6, input::drain_requested{id});
  using outcome = input::append_answered::outcome;
  for (const auto how : {outcome::appended, outcome::failed, outcome::unknown}) {
    check_round_trip(6, input::append_answered{id, how});
  }
  check_round_trip(8, input::clock{0});
  check_round_trip(8, input::clock{1'764'357'640'123});
  check_round_trip(8, input::clock{9'007'199'254'740'991});
  check_round_trip(7, input::options_changed{R"({"maxSessions":7,"maxParticipants":3})"});
}

TEST_CASE("bytes of peers are read as they were written") {
  for (const std::string_view bytes : awkward) {
    check_round_trip(6, input::frame_received{1, false, bytes});
    check_round_trip(7, input::frame_received{largest_id, true, bytes});
    check_round_trip(8, input::body_received{3, bytes});
    check_round_trip(9, input::operator_command{4, bytes});
    check_round_trip(9, input::query{largest_id, bytes});
    check_round_trip(
        9, input::append_answered{largest_id, input::append_answered::outcome::conflict, bytes});
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

TEST_CASE("an input is written for people to read") {
  CHECK(write_input(1510, input::frame_received{3, false, "42[\"a\"]"}) ==
        R"(1510 > text 3 "42[\"a\"]")");
  CHECK(write_input(1510, input::frame_received{3, true, "\xff"}) ==
        R"(1510 > binary 3 {"base64":"/w=="})");
  CHECK(write_input(1510, input::clock{1'764'357'640'123}) == "1510 > clock 1764357640123");
  CHECK(write_input(1510, input::query{4, R"({"query":"sessions"})"}) ==
        R"(1510 > query 4 "{\"query\":\"sessions\"}")");
  using outcome = input::append_answered::outcome;
  CHECK(write_input(1510, input::append_answered{6, outcome::appended}) == "1510 > appended 6");
  CHECK(write_input(1510, input::append_answered{6, outcome::failed}) == "1510 > append-failed 6");
  CHECK(write_input(1510, input::append_answered{6, outcome::unknown}) ==
        "1510 > append-unknown 6");
  CHECK(write_input(1510, input::append_answered{6, outcome::conflict, R"([{"v":1}])"}) ==
        R"(1510 > append-conflict 6 "[{\"v\":1}]")");
  CHECK(write_input(1510, input::operator_command{5, "\xff"}) ==
        R"(1510 > command 5 {"base64":"/w=="})");
  CHECK(write_input(0,
                    input::request_received{
                        4, http_method::other, {"a=b", "o", "c", "::1"}, entropy{1, 255}}) ==
        R"(0 > request 4 {"method":"other","query":"a=b","origin":"o","contentType":"c",)"
        R"("address":"::1","entropy":"01ff)" +
            std::string(124, '0') + "\"}");
}

TEST_CASE(
    "an input may be written by hand, with space, in another order, and left out what is empty") {
  const std::string zeros(128, '0');
  auto read = read_input("5 > request 2 { \"entropy\" : \"" + zeros +
                         "\", \"more\": [1, {}], \"method\" : \"GET\" }");
  REQUIRE(std::holds_alternative<recorded_input>(read));
  const auto& input = std::get<input::request_received>(std::get<recorded_input>(read).input);
  CHECK(input.method == http_method::get);
  CHECK(input.head.query.empty());
  CHECK(input.head.remote_address.empty());
  CHECK(input.fresh == entropy{});

  read = read_input(R"(5 > text 2 "\u0034\u00e9")");
  REQUIRE(std::holds_alternative<recorded_input>(read));
  CHECK(std::get<input::frame_received>(std::get<recorded_input>(read).input).data == "4é");
}

}  // namespace downbeat::trace
