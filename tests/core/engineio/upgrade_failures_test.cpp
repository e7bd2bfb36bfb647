#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace downbeat::test;

namespace {

constexpr std::int64_t upgrade_timeout = 10'000;

/// The session answers over polling, and another WebSocket may take it over.
void check_unharmed(wire& line, const std::string& sid) {
  const auto get = line.get(polling(sid));
  CHECK(line.response(get) == "<pending>");
  line.advance(200);
  CHECK(line.response(get) == "<pending>");
  CHECK(line.response(line.post(polling(sid), "4still here")) == "200 ok");
  CHECK(line.response(get) == "200 4still here");
  const auto peer = upgrade(line, sid);
  line.receive(peer, "4on the other");
  CHECK(line.sent(peer) == transcript{"4on the other"});
}

}  // namespace

TEST_CASE("an upgrade that does not begin with the probe ends its WebSocket alone") {
  for (const std::string text :
       {"", "2", "2prob", "2probe ", "3probe", "4hello", "5", "1", "x", "bAQID", "0", "6"}) {
    CAPTURE(text);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    const auto peer = line.open_websocket(websocket(sid));
    line.receive(peer, text);
    CHECK(line.sent(peer) == transcript{"<accepted>", "<closed 1005>"});
    check_unharmed(line, sid);
  }
}

TEST_CASE("an upgrade that goes on with anything but the upgrade packet ends its WebSocket alone") {
  for (const std::string text : {"", "2", "3", "4hello", "1", "x", "bAQID", "6"}) {
    CAPTURE(text);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    const auto peer = line.open_websocket(websocket(sid));
    line.receive(peer, "2probe");
    line.receive(peer, text);
    CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "<closed 1005>"});
    check_unharmed(line, sid);
  }
}

TEST_CASE("every other fault of an upgrading WebSocket ends it alone") {
  using fault = std::pair<std::string, std::function<void(wire&, downbeat::transport_id)>>;
  const std::vector<fault> faults = {
      {"<closed 1005>", [](wire& line, auto peer) { line.receive_binary(peer, "2probe"); }},
      {"<closed 1007>", [](wire& line, auto peer) { line.receive(peer, "\xff"); }},
      {"<closed 1009>", [](wire& line, auto peer) { line.receive_too_large(peer); }},
      {"", [](wire& line, auto peer) { line.lose(peer); }},
  };
  for (const auto& [ending, act] : faults) {
    for (const bool is_probed : {false, true}) {
      CAPTURE(ending, is_probed);
      transcript log;
      wire line(make_echo_with({}, &log));
      const std::string sid = open_polling(line);
      const auto peer = line.open_websocket(websocket(sid));
      if (is_probed) line.receive(peer, "2probe");
      line.sent(peer);
      act(line, peer);
      CHECK(line.sent(peer) == (ending.empty() ? transcript{} : transcript{ending}));
      CHECK(log == transcript{"1 opened"});
      check_unharmed(line, sid);
    }
  }
}

TEST_CASE("an upgrade is given up exactly after its time-out, counted from the opening") {
  for (const std::int64_t probed_at : {-1, 0, 1, 5'000, 9'999}) {
    CAPTURE(probed_at);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    const auto peer = line.open_websocket(websocket(sid));
    line.sent(peer);
    if (probed_at >= 0) {
      line.advance(probed_at);
      line.receive(peer, "2probe");
      CHECK(line.sent(peer) == transcript{"3probe"});
    }
    line.advance(upgrade_timeout - 1 - std::max<std::int64_t>(probed_at, 0));
    CHECK(line.is_open(peer));
    line.advance(1);
    CHECK(line.sent(peer) == transcript{"<closed 1005>"});
    check_unharmed(line, sid);
  }
}

TEST_CASE("when an upgrade is given up no GET is released any more") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(upgrade_timeout - 1);
  const auto get = line.get(polling(sid));
  line.advance(1);
  CHECK_FALSE(line.is_open(peer));
  CHECK(line.response(get) == "<pending>");
}

TEST_CASE("an upgrade that finished in time is not given up later") {
  wire line(make_echo());
  const auto peer = upgrade(line, open_polling(line));
  line.advance(upgrade_timeout + 1);
  CHECK(line.is_open(peer));
}

TEST_CASE("a second WebSocket during an upgrade is closed, and the first goes on") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .expects_messages({"<accepted>", "<closed 1005>"})
      .sends("2probe", 1)
      .expects_messages({"<accepted>", "3probe"}, 1)
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .expects_messages({"<accepted>", "<closed 1005>"})
      .sends("5", 2)
      .sends("4hello", 2)
      .expects_messages({"4hello"}, 2)
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .expects_messages({"<accepted>", "<closed 1005>"})
      .sends("4still here", 3)
      .expects_messages({"4still here"}, 3);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a session on a WebSocket, a closed one and an unknown one cannot be upgraded") {
  wire line(make_echo());
  const auto peer = line.open_websocket();
  const std::string native = member_of(line.last_sent(peer), "sid");
  CHECK(line.sent(line.open_websocket(websocket(native))) ==
        transcript{"<accepted>", "<closed 1005>"});
  CHECK(line.is_open(peer));

  const std::string lingering = open_polling(line);
  line.post(polling(lingering), "4close");
  CHECK(line.sent(line.open_websocket(websocket(lingering))) ==
        transcript{"<accepted>", "<closed 1005>"});
  CHECK(line.response(line.get(polling(lingering))) == "200 1");

  CHECK(line.sent(line.open_websocket(websocket(lingering))) ==
        transcript{"<refused 400 Session ID unknown>"});
}

TEST_CASE("an upgrade may be tried again and again") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling").expects_response("200 0{\"sid\":\"*");
  for (int i = 0; i != 3; ++i) {
    talk.opens_websocket("EIO=4&transport=websocket&sid={sid}").sends("2probe").loses_websocket();
    talk.opens_websocket("EIO=4&transport=websocket&sid={sid}").sends("4no probe");
    talk.expects_messages({"<accepted>", "<closed 1005>"});
  }
  talk.opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .sends("2probe")
      .sends("5")
      .expects_messages({"<accepted>", "3probe"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("when the session closes, so does the WebSocket that wanted to take it over") {
  for (const bool is_probed : {false, true}) {
    for (const std::string_view body : {"1", "4close", "x", "2"}) {
      CAPTURE(is_probed, body);
      wire line(make_echo());
      const std::string sid = open_polling(line);
      const auto peer = line.open_websocket(websocket(sid));
      if (is_probed) line.receive(peer, "2probe");
      line.sent(peer);
      line.post(polling(sid), body);
      CHECK(line.sent(peer) == transcript{"<closed 1005>"});
      line.advance(30'000);
      CHECK_FALSE(line.wait_ms().has_value());
    }
  }
}

TEST_CASE("a session whose heartbeat ends during an upgrade takes the WebSocket with it") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(44'000);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.sent(peer);
  line.advance(1'000);
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
  CHECK_FALSE(line.wait_ms().has_value());
}
