#pragma once

#include "load/client.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::bench {

/// The callbacks of a scenario.
class audience {
 public:
  virtual ~audience() = default;

  /// The client is connected and has joined the main namespace.
  virtual void ready(client& who) = 0;
  /// The client has received a Socket.IO packet such as `42["note",64]`.
  virtual void heard(client& who, std::string_view packet) = 0;
  /// The client has closed after `close`. If the server closes a client, the program ends.
  virtual void gone(client& who) = 0;
};

/// Many clients of one server, or of several nodes in turn, on one thread that never sleeps: with a
/// sleeping load generator each send of the server would also have to wake another core.
class crowd {
 public:
  /// One port for each node.
  explicit crowd(std::vector<std::uint16_t> ports);
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd();

  /// Adds a client, which begins to connect.
  client& add();

  /// Queues a Socket.IO packet; all packets of a client are sent together at the end of the
  /// iteration.
  void send(client& from, std::string_view packet);

  /// Closes the client's WebSocket. `gone` is called when the server has answered.
  void close(client& who);

  /// Closes the client's TCP connection at once, as if its process died.
  void cut(client& who);

  /// From now on the client neither reads nor answers. Its connection stays open until `cut`.
  void silence(client& who);

  /// Handles everything that has been received, waiting at most `wait_ns` for it. Returns whether
  /// there was anything.
  bool turn(audience& scenario, std::int64_t wait_ns = 0);

  /// Sends what is queued; the end of an iteration.
  void flush();

  /// Iterates until the condition holds; ends the program if that takes too long.
  void turn_until(audience& scenario, std::string_view what, const std::function<bool()>& is_so);

  /// Iterates for this time.
  void turn_for(audience& scenario, std::int64_t ns);

  client& operator[](std::uint32_t number) { return clients_[number]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(clients_.size()); }

  [[nodiscard]] std::uint32_t nodes() const { return static_cast<std::uint32_t>(ports_.size()); }
  /// The node that a client is connected to.
  [[nodiscard]] std::uint32_t node_of(std::uint32_t number) const { return number % nodes(); }

  /// When the bytes that are handled now were read.
  [[nodiscard]] std::int64_t read_at() const { return read_at_; }

 private:
  void on_writable(client& c);
  void on_readable(client& c, audience& scenario);
  void on_frame(client& c, audience& scenario, std::uint8_t kind, std::string_view payload);
  void on_message(client& c, audience& scenario, std::string_view message);
  void on_end(client& c, audience& scenario);
  static void finish(client& who);
  void flush(client& c);
  void watch(client& c, int operation, bool is_for_writing);
  void mark_to_flush(client& c);

  [[nodiscard]] std::uint16_t port_of(const client& who) const {
    return ports_[node_of(who.number)];
  }

  std::vector<std::uint16_t> ports_;
  int epoll_;
  std::deque<client> clients_;
  std::vector<std::uint32_t> to_flush_;
  std::vector<char> buffer_;
  std::int64_t read_at_ = 0;
};

}  // namespace downbeat::bench
