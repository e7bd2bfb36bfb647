// flood-attack KIND --port N --seconds S [--count N] [--note-ms N]
//
// Does one kind of harm to the server on 127.0.0.1:N for a while, and prints how much as a line of
// JSON. Whoever is thrown out comes back at once.
//
//   one-socket   one client plays without a pause
//   one-address  connections of one address connect, ask, guess room codes, and go
//   slow-loris   connections that send a byte of a request's head each half second
//   stalled      members of rooms in which much is played, who do not read; a note each --note-ms

#include "bench/load/arguments.hpp"
#include "bench/load/clock.hpp"
#include "bench/load/report.hpp"
#include "bench/load/websocket_text.hpp"
#include "flood/assailant.hpp"

#include <sys/epoll.h>

#include <array>
#include <cstdio>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace downbeat::bench;
using namespace downbeat::flood;

// In a millisecond: more would keep the core busy on which the jam is measured.
constexpr int most_connects = 4;
constexpr std::uint32_t loopback_addresses = 0x7f000200;  // 127.0.2.0 and on
constexpr std::string_view create = R"(42["session:create",{"name":"Mallory"}])";
constexpr std::string_view handshake = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n";

void say(assailant& a, std::string_view packet) {
  websocket::append_masked(a.outbox, websocket::opcode::text, packet, 0x1234567u + a.number);
}

/// The value of a text member in what was read.
std::string find_value(std::string_view text, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + key.size());
  const std::size_t end = rest.find('"');
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(0, end));
}

struct attack {
  std::uint32_t connections;
  std::uint32_t addresses;  ///< that they come from
  int receive_bytes;        ///< the size of their receive buffers, 0 for the usual one
  bool is_reading(const assailant& a) const { return !may_stall || a.stage != 4; }
  bool may_stall = false;
  /// Something has come, or the connection stands: what is done now?
  std::function<void(assailant&)> on_event = {};
  /// It is time for the next thing. The result is when it is again, in nanoseconds from now.
  std::function<std::int64_t(assailant&)> on_time = {};
};

class campaign {
 public:
  campaign(std::uint16_t port, attack kind)
      : port_(port), kind_(std::move(kind)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (std::uint32_t i = 0; i < kind_.connections; ++i) all_.emplace_back().number = i;
  }

  void run(std::int64_t end) {
    std::int64_t looked_at = 0;
    while (now_ns() < end) {
      std::array<epoll_event, 256> events;
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1);
      for (int i = 0; i < count; ++i) {
        handle(all_[events[static_cast<std::size_t>(i)].data.u32],
               events[static_cast<std::size_t>(i)].events);
      }
      if (now_ns() - looked_at < 1'000'000) continue;
      looked_at = now_ns();
      int left = most_connects;
      for (auto& a : all_) {
        if (a.descriptor < 0 && left-- > 0) begin(a);
        if (!a.is_connected || !kind_.on_time || a.next_at > looked_at) continue;
        // Not all at the same time: the first wait is another one for each.
        const std::int64_t wait = kind_.on_time(a);
        a.next_at = looked_at + (a.next_at == 0 ? wait * (a.number % 97) / 97 : wait);
        flush(a);
      }
    }
  }

  void report_to(report& found) const {
    found.add("connects", connects_);
    found.add("thrown_out", thrown_out_);
    found.add("sent_mb", static_cast<double>(sent_) / 1e6);
    std::int64_t standing = 0;
    for (const auto& a : all_) standing += a.is_connected ? 1 : 0;
    found.add("standing", standing);
  }

 private:
  void begin(assailant& a) {
    const std::uint32_t source = loopback_addresses + 1 + a.number % kind_.addresses;
    if (!connect_from(a, source, port_, kind_.receive_bytes)) return;
    ++connects_;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u32 = a.number;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, a.descriptor, &event);
  }

  void handle(assailant& a, std::uint32_t events) {
    if (a.descriptor < 0) return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(a);
    if (!a.is_connected && (events & EPOLLOUT) != 0) a.is_connected = true;
    if ((events & EPOLLIN) != 0 && kind_.is_reading(a)) {
      const std::size_t before = a.inbox.size();
      for (std::size_t had = before + 1; had != a.inbox.size();) {
        had = a.inbox.size();
        if (!pull(a)) return end(a);
      }
    }
    if (kind_.on_event) kind_.on_event(a);
    flush(a);
  }

  void flush(assailant& a) {
    if (a.descriptor < 0) return;
    const std::size_t before = a.outbox.size();
    if (!push(a)) return end(a);
    sent_ += before - a.outbox.size();
    if (a.stage < 0) abandon_and_count(a);
  }

  void end(assailant& a) {
    ++thrown_out_;
    abandon_and_count(a);
  }

  void abandon_and_count(assailant& a) {
    abandon(a);
    a.is_connected = false;
    a.next_at = 0;
  }

  std::uint16_t port_;
  attack kind_;
  int epoll_;
  std::deque<assailant> all_;
  std::uint64_t connects_ = 0;
  std::uint64_t thrown_out_ = 0;
  std::uint64_t sent_ = 0;
};

/// Brings a WebSocket into the namespace, step by step; true when it is there.
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

struct wish {
  std::uint16_t port;
  std::uint32_t count;
  std::int64_t note_ns;
};

attack one_socket(const wish& given) {
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

attack one_address(const wish& given) {
  attack kind{given.count, 1, 0};
  kind.on_event = [port = given.port](assailant& a) {
    switch (a.number % 4) {
      case 0:  // asks for something, and does not wait for it
        if (a.stage == 0) a.outbox = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        a.stage = -1;
        return;
      case 1:  // opens a session by polling, and forgets it
        if (a.stage == 0) {
          a.outbox = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
          a.stage = 1;
        } else if (!a.inbox.empty()) {
          a.stage = -1;
        }
        return;
      default:  // guesses codes, or makes sessions
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

attack slow_loris(const wish& given) {
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

// Of ten in a row, the first one makes a room and plays for the others.
attack stalled(const wish& given) {
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

}  // namespace

int main(int count, char** words) {
  constexpr std::array<std::pair<std::string_view, attack (*)(const wish&)>, 4> kinds = {
      {{"one-socket", &one_socket},
       {"one-address", &one_address},
       {"slow-loris", &slow_loris},
       {"stalled", &stalled}}};
  arguments given(count, words);
  for (const auto& [name, make] : kinds) {
    if (name != given.command()) continue;
    const double seconds = given.real("seconds", 10);
    const wish wanted{static_cast<std::uint16_t>(given.number("port", 0)),
                      static_cast<std::uint32_t>(given.number("count", 1'000)),
                      given.number("note-ms", 500) * 1'000'000};
    given.refuse_unknown();
    campaign against(wanted.port, make(wanted));
    against.run(now_ns() + static_cast<std::int64_t>(seconds * 1e9));
    report found;
    found.add("attack", name);
    against.report_to(found);
    found.print();
    return 0;
  }
  std::fprintf(stderr,
               "usage: flood-attack one-socket|one-address|slow-loris|stalled --port N …\n");
  return 2;
}
