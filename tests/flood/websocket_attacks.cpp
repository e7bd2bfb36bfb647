#include "bench/load/websocket_text.hpp"
#include "flood/attacks.hpp"
#include "flood/websocket_peer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::flood {
namespace {

namespace websocket = bench::websocket;

constexpr std::size_t burst_bytes = 32'768;

/// As many copies of a frame as fit into a burst.
std::string burst_of(std::string_view frame) {
  std::string burst;
  while (burst.size() < burst_bytes) burst += frame;
  return burst;
}

std::string masked(websocket::opcode kind, std::string_view payload) {
  std::string frame;
  websocket::append_masked(frame, kind, payload, 0x12345678u);
  return frame;
}

/// Makes a frame the first fragment of a message.
std::string unfinished(std::string frame) {
  frame[0] = static_cast<char>(frame[0] & 0x7f);
  return frame;
}

/// The value of a string member in the received text.
std::string find_value(std::string_view text, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + key.size());
  const std::size_t end = rest.find('"');
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(0, end));
}

}  // namespace

attack one_socket(const attack_options& given) {
  static std::string burst;
  assailant scratch;
  for (int i = 0; i < 500; ++i)
    say(scratch, R"(42["session:event",{"type":"note","data":[64,1]}])");
  burst = scratch.outbox;
  attack kind{1, 1, 0};
  kind.on_event = [port = given.port](assailant& a) {
    if (!enter(a, port)) return;
    if (a.stage == 3) {
      say(a, create);
      a.stage = 4;
    }
    a.inbox.clear();
    if (a.outbox.size() < burst.size()) a.outbox += burst;
  };
  kind.on_time = [](assailant& a) -> std::int64_t {
    if (a.stage == 4 && a.outbox.size() < burst.size()) a.outbox += burst;
    return 0;
  };
  return kind;
}

// One connection sends pings, one pongs, and one empty fragments of a message that never ends.
attack pings(const attack_options& given) {
  static const std::vector<std::string> bursts = {
      burst_of(masked(websocket::opcode::ping, "")), burst_of(masked(websocket::opcode::pong, "")),
      burst_of(unfinished(masked(websocket::opcode::continuation, "")))};
  attack kind{static_cast<std::uint32_t>(bursts.size()), 1, 0};
  kind.on_event = [port = given.port](assailant& a) {
    if (!enter(a, port)) return;
    if (a.stage == 3) {
      if (a.number == 2) a.outbox += unfinished(masked(websocket::opcode::text, ""));
      a.stage = 5;
    }
    a.inbox.clear();
  };
  kind.on_time = [](assailant& a) -> std::int64_t {
    if (a.stage == 5 && a.outbox.size() < burst_bytes) a.outbox += bursts[a.number];
    return 0;
  };
  return kind;
}

attack connect_cycles(const attack_options& given) {
  static const std::string burst =
      burst_of(masked(websocket::opcode::text, "41") + masked(websocket::opcode::text, "40"));
  attack kind{4, 1, 0};
  kind.on_event = [port = given.port](assailant& a) {
    if (enter(a, port)) a.inbox.clear();
  };
  kind.on_time = [](assailant& a) -> std::int64_t {
    if (a.stage == 3 && a.outbox.size() < burst_bytes) a.outbox += burst;
    return 0;
  };
  return kind;
}

// Every other one sends the largest allowed attachments, the others small ones, as an event may
// have.
attack half_sent(const attack_options& given) {
  constexpr int attachments = 10;
  static const std::string large = masked(websocket::opcode::binary, std::string(65'000, 'z'));
  static const std::string small = masked(websocket::opcode::binary, std::string(1'600, 'z'));
  static std::string head;
  head = R"(4510-["session:event",{"type":"note","data":[)";
  for (int i = 0; i < attachments; ++i) {
    head.append(i == 0 ? "" : ",").append(R"({"_placeholder":true,"num":)");
    head.append(std::to_string(i)).append("}");
  }
  head += "]}]";
  // Several addresses, because one may not connect so often again in the next round.
  attack kind{given.count, 8, 0};
  kind.on_event = [port = given.port](assailant& a) {
    if (enter(a, port)) a.inbox.clear();
  };
  kind.on_time = [](assailant& a) -> std::int64_t {
    if (a.stage == 3) say(a, head);
    // All attachments but the last one.
    if (a.stage >= 3 && a.stage < 3 + attachments && a.outbox.size() < burst_bytes) {
      if (a.stage > 3) a.outbox += a.number % 2 == 0 ? large : small;
      ++a.stage;
    }
    return 200'000'000;
  };
  return kind;
}

// Of each ten connections, the first creates a room and plays for the others.
attack stalled(const attack_options& given) {
  constexpr std::uint32_t group = 10;
  static std::vector<std::string> rooms;
  rooms.assign(given.count / group + 1, {});
  static const std::string note =
      R"(42["session:event",{"type":"note","data":")" + std::string(12'000, 'z') + R"("}])";
  attack kind{given.count, 64, 4'096};
  kind.may_stall = true;
  kind.on_event = [port = given.port](assailant& a) {
    if (!enter(a, port)) return;
    const bool is_player = a.number % group == 0;
    std::string& room = rooms[a.number / group];
    if (a.stage == 3 && is_player) {
      room.clear();
      say(a, create);
      a.stage = 5;
    }
    if (a.stage == 5 && room.empty()) room = find_value(a.inbox, "roomCode");
    if (a.stage >= 4) a.inbox.clear();
  };
  kind.on_time = [note_ns = given.note_ns](assailant& a) -> std::int64_t {
    const std::string& room = rooms[a.number / group];
    if (a.stage == 3 && a.number % group != 0 && !room.empty()) {
      say(a, R"(42["session:join",{"name":"Eve","roomCode":")" + room + "\"}]");
      a.stage = 4;
    } else if (a.stage == 5 && a.outbox.size() < 100'000) {
      say(a, note);
    }
    return note_ns;
  };
  return kind;
}

}  // namespace downbeat::flood
