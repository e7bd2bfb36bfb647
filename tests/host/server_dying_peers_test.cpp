// Clients that die at each byte of what they send: the server must close their connections, and
// have the same state as before.
#include "host/client_frames.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

using namespace downbeat;
using namespace downbeat::test;
using host::opcode;

namespace {

// Short timeouts, so that the server soon notices a client that has vanished.
engineio::options quick() {
  engineio::options o;
  o.ping_interval_ms = 100;
  o.ping_timeout_ms = 100;
  o.upgrade_timeout_ms = 100;
  return o;
}

constexpr std::string_view polling = "EIO=4&transport=polling";

std::string open_polling(const running_server& server) {
  peer p(server.port());
  const std::string body = p.ask(poll(polling)).body;
  const std::size_t at = body.find("\"sid\":\"") + 7;
  return body.substr(at, body.find('"', at) - at);
}

/// Sends the first bytes, then dies, once for each length. Every other client shuts down TCP first.
void die_at_each_byte(const running_server& server, const std::string& said,
                      const std::function<std::string()>& fill_in) {
  for (std::size_t bytes = 0; bytes <= said.size(); ++bytes) {
    const std::string now = fill_in ? fill_in() : said;
    peer p(server.port());
    p.try_send(std::string_view(now).substr(0, bytes));
    if (bytes % 2 == 0) {
      p.half_close();
    } else {
      p.reset();
    }
  }
}

bool has_forgotten_all(const running_server& server) {
  peer p(server.port());
  const std::string metrics = p.ask(get("/metrics")).body;
  for (const std::string_view gauge : {"connections_polling 0\n", "connections_websocket 0\n"}) {
    if (metrics.find(gauge) == metrics.npos) return false;
  }
  return true;
}

/// The server has forgotten all of them, and works.
void check_unharmed(const running_server& server) {
  bool is_empty = false;
  for (int i = 0; i < 200 && !is_empty; ++i) {
    is_empty = has_forgotten_all(server);
    if (!is_empty) peer(server.port()).is_silent(50);
  }
  CHECK(is_empty);
  // In one piece: on a busy machine a ping, or even the end, may come before a second one.
  peer p(server.port());
  p.send(websocket_handshake("EIO=4&transport=websocket") +
         client_frame(opcode::text, "4still here?"));
  CHECK(p.read_reply().status == 101);
  CHECK(p.read_frame().data.substr(0, 2) == "0{");
  CHECK(p.read_frame().data == "4still here?");
}

}  // namespace

TEST_CASE("peers die at each byte of a handshake by polling") {
  const running_server server({}, quick());
  die_at_each_byte(server, poll(polling), nullptr);
  check_unharmed(server);
}

TEST_CASE("peers die at each byte of a poll, a post, and both in a row") {
  const running_server server({}, quick());
  const std::string same_length(20, 'x');
  const auto dying = [&](const std::function<std::string(const std::string&)>& says) {
    die_at_each_byte(server, says(std::string(polling) + "&sid=" + same_length),
                     [&] { return says(std::string(polling) + "&sid=" + open_polling(server)); });
    check_unharmed(server);
  };
  SECTION("a poll") {
    dying([](const std::string& query) { return poll(query); });
  }
  SECTION("a post") {
    dying([](const std::string& query) {
      return post(query,
                  "4one\x1e"
                  "4two");
    });
  }
  SECTION("both") {
    dying([](const std::string& query) { return post(query, "4one") + poll(query); });
  }
}

TEST_CASE("peers die at each byte of a WebSocket's life") {
  const running_server server({}, quick());
  const std::string life =
      websocket_handshake("EIO=4&transport=websocket") + client_frame(opcode::text, "4one") +
      client_frame(opcode::text, "4in", {.is_final = false}) + client_frame(opcode::ping, "?") +
      client_frame(opcode::continuation, " parts") +
      client_frame(opcode::binary, std::string(200, '\x01')) +
      client_frame(opcode::close, "\x03\xe8");
  die_at_each_byte(server, life, nullptr);
  check_unharmed(server);
}

TEST_CASE("peers die at each byte of an upgrade") {
  const running_server server({}, quick());
  const auto says = [](const std::string& sid) {
    return websocket_handshake("EIO=4&transport=websocket&sid=" + sid) +
           client_frame(opcode::text, "2probe") + client_frame(opcode::text, "5") +
           client_frame(opcode::text, "4moved");
  };
  die_at_each_byte(server, says(std::string(20, 'x')), [&] { return says(open_polling(server)); });
  check_unharmed(server);
}
