#include "flood/websocket_peer.hpp"

#include "bench/load/websocket_text.hpp"

#include <string>

namespace downbeat::flood {

namespace websocket = bench::websocket;

void say(assailant& a, std::string_view packet) {
  websocket::append_masked(a.outbox, websocket::opcode::text, packet, 0x1234567u + a.number);
}

bool enter(assailant& a, std::uint16_t port) {
  if (a.stage == 0) {
    a.outbox = websocket::handshake_request("127.0.0.1:" + std::to_string(port));
    a.stage = 1;
  } else if (a.stage == 1 && a.inbox.find("0{\"sid\"") != std::string::npos) {
    a.inbox.clear();
    say(a, "40");
    a.stage = 2;
  } else if (a.stage == 2 && a.inbox.find("40{\"sid\"") != std::string::npos) {
    a.inbox.clear();
    a.stage = 3;
  }
  return a.stage >= 3;
}

}  // namespace downbeat::flood
