#pragma once

#include "relay/fault.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::bench {

/// When the relay calls `send`.
enum class relay_mode {
  each,   ///< for each delivery
  batch,  ///< once for each socket and loop iteration
};

/// The lower bound: the least that a server must do to relay a room's events over WebSockets. It
/// compares fixed texts instead of parsing, has no checks and no limits, and never pings.
class relay {
 public:
  relay(std::uint16_t port, relay_mode mode, fault_plan faults);
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;
  ~relay();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[noreturn]] void run();

 private:
  struct room;

  struct connection {
    int descriptor;
    bool is_upgraded = false;
    bool is_to_flush = false;
    bool is_blocked = false;
    std::string id;
    room* in = nullptr;
    std::string outbox;
    std::string half_a_frame;
    // For a swap: held back until another event is sent before it.
    std::string held;
    const connection* held_of = nullptr;
    std::chrono::steady_clock::time_point held_since;
  };

  struct room {
    std::string code;
    std::vector<connection*> members;
  };

  void accept_all();
  void on_readable(connection& c);
  void on_message(connection& c, std::string_view message);
  void create(connection& c);
  void join(connection& c, std::string_view message);
  void leave(connection& c);
  void pass_on(connection& from, std::string_view message);
  void deliver(connection& to, const connection& from, std::string_view frame);
  void release_held();
  void put(connection& to, std::string_view frame);
  void say(connection& to, std::string_view message);
  void mark_to_flush(connection& c);
  void flush(connection& c);
  void watch(connection& c, bool is_for_writing);
  void drop(connection& c);

  std::uint16_t port_;
  relay_mode mode_;
  fault_plan faults_;
  int listener_;
  int epoll_;
  std::vector<std::unique_ptr<connection>> connections_;  ///< by descriptor
  std::unordered_map<std::string, room> rooms_;
  std::vector<int> to_flush_;
  std::vector<int> holding_;  ///< connections with an event held back
  std::vector<char> buffer_;
  std::string message_;  ///< being built
  std::string frame_;    ///< being built
  std::uint64_t last_id_ = 0;
};

}  // namespace downbeat::bench
