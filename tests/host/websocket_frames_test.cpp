// RFC 6455 on bytes: what a client sends means the same, however it is split.
#include "host/client_frames.hpp"
#include "websocket/close_payload.hpp"
#include "websocket/frame_reader.hpp"
#include "websocket/frame_writer.hpp"
#include "websocket/handshake.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <string>
#include <vector>

using namespace downbeat::host;
using downbeat::test::client_frame;
using downbeat::test::frame_options;
using kind = frame_event::kind;

namespace {

constexpr std::uint64_t limit = 1000;

struct seen {
  kind what;
  std::uint16_t code;
  std::string data;

  friend bool operator==(const seen&, const seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const seen& s) {
  return out << "{" << static_cast<int>(s.what) << ", " << s.code << ", \"" << s.data << "\"}";
}

// Feeds the pieces, and collects the events up to the first failure.
std::vector<seen> read(const std::vector<std::string>& pieces, std::uint64_t max = limit) {
  frame_reader reader;
  std::vector<seen> all;
  for (std::string piece : pieces) {
    std::span<char> rest(piece);
    for (;;) {
      const frame_event event = reader.next(rest, max);
      if (event.what == kind::need_more) {
        REQUIRE(rest.empty());
        break;
      }
      if (event.what == kind::fragment) continue;
      all.push_back({event.what, event.code, std::string(event.data)});
      if (event.what == kind::broken || event.what == kind::too_large) return all;
    }
  }
  return all;
}

// The same bytes must give the same events, split in two at each position, and byte by byte.
std::vector<seen> read_in_every_way(const std::string& bytes, std::uint64_t max = limit) {
  const auto whole = read({bytes}, max);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    REQUIRE(read({bytes.substr(0, cut), bytes.substr(cut)}, max) == whole);
  }
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  REQUIRE(read(single, max) == whole);
  return whole;
}

const std::vector<seen> protocol_error = {{kind::broken, 1002, ""}};

std::string raw(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes) out += static_cast<char>(byte);
  return out;
}

}  // namespace

TEST_CASE("whole messages come out as they were sent") {
  for (const std::size_t size : {0u, 1u, 3u, 7u, 8u, 9u, 125u, 126u, 127u, 300u, 1000u}) {
    std::string data;
    for (std::size_t i = 0; i < size; ++i) data += static_cast<char>('a' + i % 26);
    CHECK(read_in_every_way(client_frame(opcode::text, data)) ==
          std::vector<seen>{{kind::text, 0, data}});
    CHECK(read_in_every_way(client_frame(opcode::binary, data)) ==
          std::vector<seen>{{kind::binary, 0, data}});
  }
}

TEST_CASE("a long message has a length of eight bytes") {
  const std::string data(70'000, 'x');
  CHECK(read({client_frame(opcode::binary, data)}, 100'000) ==
        std::vector<seen>{{kind::binary, 0, data}});
}

TEST_CASE("several messages arrive together") {
  const std::string bytes = client_frame(opcode::text, "one") + client_frame(opcode::ping, "?") +
                            client_frame(opcode::binary, "two") + client_frame(opcode::pong, "!");
  CHECK(read_in_every_way(bytes) == std::vector<seen>{{kind::text, 0, "one"},
                                                      {kind::ping, 0, "?"},
                                                      {kind::binary, 0, "two"},
                                                      {kind::pong, 0, "!"}});
}

TEST_CASE("fragments are put together, with control frames between them") {
  const std::string bytes =
      client_frame(opcode::text, "do", {.is_final = false}) + client_frame(opcode::ping, "here?") +
      client_frame(opcode::continuation, "", {.is_final = false}) +
      client_frame(opcode::continuation, "wn", {.is_final = false}) +
      client_frame(opcode::pong, "") + client_frame(opcode::continuation, "beat") +
      client_frame(opcode::text, "next");
  CHECK(read_in_every_way(bytes) == std::vector<seen>{{kind::ping, 0, "here?"},
                                                      {kind::pong, 0, ""},
                                                      {kind::text, 0, "downbeat"},
                                                      {kind::text, 0, "next"}});
}

TEST_CASE("each fragment is an event when it is whole, also an empty one") {
  std::string bytes = client_frame(opcode::text, "", {.is_final = false}) +
                      client_frame(opcode::continuation, "", {.is_final = false}) +
                      client_frame(opcode::continuation, "x", {.is_final = false}) +
                      client_frame(opcode::continuation, "");
  frame_reader reader;
  std::span<char> rest(bytes);
  for (int i = 0; i < 3; ++i) {
    CHECK(reader.next(rest, limit).what == kind::fragment);
    CHECK_FALSE(rest.empty());
  }
  CHECK(reader.next(rest, limit).data == "x");
  CHECK(reader.next(rest, limit).what == kind::need_more);
}

TEST_CASE("a message may be as large as the limit, and no larger") {
  const std::string fits(limit, 'x');
  CHECK(read({client_frame(opcode::text, fits)}).front().what == kind::text);
  CHECK(read_in_every_way(client_frame(opcode::text, fits + 'x')) ==
        std::vector<seen>{{kind::too_large, 0, ""}});

  const auto parts = [](std::size_t first, std::size_t second) {
    return client_frame(opcode::binary, std::string(first, 'x'), {.is_final = false}) +
           client_frame(opcode::continuation, std::string(second, 'x'));
  };
  CHECK(read({parts(600, 400)}).front().what == kind::binary);
  CHECK(read({parts(600, 401)}) == std::vector<seen>{{kind::too_large, 0, ""}});
  CHECK(read({parts(1000, 0)}).front().what == kind::binary);
}

TEST_CASE("a length is judged before anything of the message has come") {
  // 2^62 bytes; after a fragment, adding up the sizes could overflow.
  const std::string huge = raw({0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4});
  CHECK(read_in_every_way(huge) == std::vector<seen>{{kind::too_large, 0, ""}});
  const std::string largest =
      client_frame(opcode::text, "x", {.is_final = false}) +
      raw({0x80, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4});
  CHECK(read_in_every_way(largest) == std::vector<seen>{{kind::too_large, 0, ""}});
}

TEST_CASE("what breaks a rule is a protocol error") {
  SECTION("no mask") {
    CHECK(read_in_every_way(raw({0x81, 0x01, 'x'})) == protocol_error);
  }
  SECTION("reserved bits") {
    for (const int bit : {0x40, 0x20, 0x10}) {
      CHECK(read_in_every_way(raw({0x81 | bit, 0x80, 1, 2, 3, 4})) == protocol_error);
    }
  }
  SECTION("reserved opcodes") {
    for (const int code : {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf}) {
      CHECK(read_in_every_way(raw({0x80 | code, 0x80, 1, 2, 3, 4})) == protocol_error);
    }
  }
  SECTION("fragmented control frames") {
    for (const int code : {8, 9, 0xa}) {
      CHECK(read_in_every_way(raw({code, 0x80, 1, 2, 3, 4})) == protocol_error);
    }
  }
  SECTION("long control frames") {
    CHECK(read_in_every_way(raw({0x89, 0xfe, 0, 126, 1, 2, 3, 4})) == protocol_error);
    CHECK(read({client_frame(opcode::ping, std::string(125, 'x'))}).front().what == kind::ping);
  }
  SECTION("a continuation of nothing") {
    CHECK(read_in_every_way(client_frame(opcode::continuation, "x")) == protocol_error);
  }
  SECTION("a message within a message") {
    for (const opcode code : {opcode::text, opcode::binary}) {
      CHECK(read_in_every_way(client_frame(opcode::text, "x", {.is_final = false}) +
                              client_frame(code, "y")) == protocol_error);
    }
  }
  SECTION("lengths in more bytes than they need") {
    CHECK(read_in_every_way(raw({0x82, 0xfe, 0, 125, 1, 2, 3, 4})) == protocol_error);
    CHECK(read_in_every_way(raw({0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4})) ==
          protocol_error);
  }
  SECTION("a length with its topmost bit") {
    CHECK(read_in_every_way(raw({0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})) ==
          protocol_error);
  }
}

TEST_CASE("a close frame has a code that may be sent, and a reason in UTF-8") {
  const auto closes = [](const std::string& payload) {
    return read_in_every_way(client_frame(opcode::close, payload)).front();
  };
  CHECK(closes("") == seen{kind::close, 1005, ""});
  CHECK(closes(raw({0x03, 0xe8})) == seen{kind::close, 1000, ""});
  CHECK(closes(raw({0x03, 0xe8}) + "bye") == seen{kind::close, 1000, ""});
  CHECK(closes(raw({0x0f, 0xa0})) == seen{kind::close, 4000, ""});
  CHECK(closes("x") == seen{kind::broken, 1002, ""});
  CHECK(closes(raw({0x03, 0xe8, 0xff})) == seen{kind::broken, 1007, ""});
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    CHECK_FALSE(is_valid_close_code(static_cast<std::uint16_t>(code)));
    CHECK(closes(raw({code >> 8, code & 0xff})) == seen{kind::broken, 1002, ""});
  }
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}) {
    CHECK(is_valid_close_code(static_cast<std::uint16_t>(code)));
  }
}

TEST_CASE("what the server writes is the shortest unmasked frame") {
  const auto written = [](opcode code, std::size_t size) {
    std::string out;
    append_frame(out, code, std::string(size, 'x'));
    CHECK(out.size() == framed_size(size));
    return out.substr(0, out.size() - size);
  };
  CHECK(written(opcode::text, 0) == raw({0x81, 0}));
  CHECK(written(opcode::binary, 125) == raw({0x82, 125}));
  CHECK(written(opcode::text, 126) == raw({0x81, 126, 0, 126}));
  CHECK(written(opcode::text, 65535) == raw({0x81, 126, 0xff, 0xff}));
  CHECK(written(opcode::text, 65536) == raw({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));

  std::string close;
  append_close_frame(close, 1009);
  append_close_frame(close, 1005);
  CHECK(close == raw({0x88, 2, 0x03, 0xf1, 0x88, 0}));
}

TEST_CASE("the handshake is answered as RFC 6455 shows it") {
  const std::string plain = switching_protocols("dGhlIHNhbXBsZSBub25jZQ==", "");
  CHECK(plain.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
        std::string::npos);
  CHECK(plain.find("Protocol:") == std::string::npos);
  const std::string chosen = switching_protocols("dGhlIHNhbXBsZSBub25jZQ==", "jam.v1");
  CHECK(chosen.ends_with("\r\nSec-WebSocket-Protocol: jam.v1\r\n\r\n"));
  CHECK(is_valid_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  CHECK_FALSE(is_valid_websocket_key(""));
  CHECK_FALSE(is_valid_websocket_key("dGhlIHNhbXBsZSBub25jZQ"));
  CHECK_FALSE(is_valid_websocket_key("dGhlIHNhbXBsZSBub25jZSE="));
  CHECK_FALSE(is_valid_websocket_key("dGhlIHNhbXBsZSBub25j!Q=="));
}

TEST_CASE("of the subprotocols that are offered, the first is chosen") {
  CHECK(first_subprotocol("jam.v1") == "jam.v1");
  CHECK(first_subprotocol("b, a") == "b");
  CHECK(first_subprotocol("\ta ,b") == "a");
  CHECK(first_subprotocol("a,A") == "a");
  for (const char* const broken : {"", " ", ",", "a,", ",a", "a,,b", "a b", "a;b", "\"a\"", "a, a",
                                   "a,b,a", "a/b", "\xc3\xa4"}) {
    INFO(broken);
    CHECK_FALSE(first_subprotocol(broken));
  }
}
