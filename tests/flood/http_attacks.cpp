#include "flood/attacks.hpp"
#include "flood/websocket_peer.hpp"

#include <array>
#include <string>
#include <string_view>

namespace downbeat::flood {
namespace {

constexpr std::string_view handshake = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n";
constexpr std::string_view open_polling =
    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The session id in a handshake response.
std::string session_of(std::string_view answer) {
  constexpr std::string_view key = R"("sid":")";
  const std::size_t at = answer.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = answer.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::string post(std::string_view sid, std::string_view body) {
  std::string request = "POST /socket.io/?EIO=4&transport=polling&sid=";
  request.append(sid).append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ");
  return request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

/// As many copies of a packet as a POST may contain.
std::string body_of(std::string_view packet) {
  std::string body(packet);
  while (body.size() + 1 + packet.size() <= 65'536) body.append("\x1e").append(packet);
  return body;
}

}  // namespace

attack one_address(const attack_options& given) {
  attack kind{given.count, 1, 0};
  kind.on_event = [port = given.port](assailant& a) {
    switch (a.number % 4) {
      case 0:  // sends a request, and does not wait for the response
        if (a.stage == 0) a.outbox = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        a.stage = -1;
        return;
      case 1:  // opens a session by polling, and abandons it
        if (a.stage == 0) {
          a.outbox = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
          a.stage = 1;
        } else if (!a.inbox.empty()) {
          a.stage = -1;
        }
        return;
      default:  // guesses codes, or creates sessions
        if (!enter(a, port)) return;
        for (int i = 0; i < 20; ++i) {
          say(a, a.number % 4 == 2
                     ? R"(42["session:join",{"roomCode":"MUSIC-42","name":"Mallory"}])"
                     : std::string(create));
        }
        a.stage = a.inbox.size() > 10'000 ? -1 : 4;
    }
  };
  return kind;
}

attack slow_loris(const attack_options& given) {
  attack kind{given.count, 64, 0};
  kind.on_time = [](assailant& a) -> std::int64_t {
    if (a.stage == 0) {
      a.outbox = handshake;
      a.stage = 1;
    } else {
      a.outbox += a.stage++ % 20 == 0 ? "\r\nX" : (a.stage % 20 == 3 ? ":" : "x");
    }
    return 500'000'000;
  };
  return kind;
}

// Each connection pipelines as many requests as one loop iteration may read, and repeats that
// when all are answered. Half of the connections read no response.
attack pipelined_gets(const attack_options&) {
  constexpr int requests = 1'200;
  constexpr std::uint64_t file_bytes = 200'000;  // at least
  static std::string burst;
  for (int i = 0; i < requests; ++i) {
    burst += "GET /large.wasm HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  attack kind{4, 1, 0};
  kind.may_stall = true;
  kind.on_event = [](assailant& a) {
    a.inbox.clear();
    if (a.stage == 0 || (a.outbox.empty() && a.received >= requests * file_bytes)) {
      a.outbox += burst;
      a.received = 0;
      a.stage = a.number % 2 == 0 ? 4 : 5;
    }
  };
  return kind;
}

// Bodies full of pongs, of CONNECT and DISCONNECT, of packets that get an error, and of events.
attack full_posts(const attack_options&) {
  static const std::array<std::string, 4> bodies = {body_of("3"),
                                                    body_of("41\x1e"
                                                            "40"),
                                                    body_of(R"(42["session:leave",0])"),
                                                    body_of(R"(42["session:event",{"type":"n"}])")};
  attack kind{static_cast<std::uint32_t>(bodies.size()), 1, 0};
  kind.on_event = [](assailant& a) {
    if (a.stage == 0) {
      a.outbox = open_polling;
      a.stage = 1;
      return;
    }
    if (a.inbox.find("\r\n\r\n") == std::string::npos) return;
    if (a.stage == 1) {
      a.room = session_of(a.inbox);
      a.outbox = post(a.room, "40");
      a.stage = a.room.empty() ? -1 : 2;
    } else if (a.inbox.starts_with("HTTP/1.1 200")) {
      a.outbox += post(a.room, a.stage == 2 && a.number == 3 ? create : bodies[a.number]);
      a.stage = 3;
    } else {
      a.stage = -1;  // The session has ended: open another one.
    }
    a.inbox.clear();
  };
  return kind;
}

}  // namespace downbeat::flood
