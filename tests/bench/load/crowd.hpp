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

/// What a scenario learns of the clients.
class audience {
 public:
  virtual ~audience() = default;

  /// It is connected and has joined the main namespace.
  virtual void ready(client& who) = 0;
  /// A Socket.IO packet such as `42["note",64]`.
  virtual void heard(client& who, std::string_view packet) = 0;
  /// It has closed, as it was told to. A client that is closed by the server ends the program.
  virtual void gone(client& who) = 0;
};

/// Any number of clients of one server, on one thread that never sleeps: a sleeping load generator
/// would make each of the server's sends pay for waking another core.
class crowd {
 public:
  explicit crowd(std::uint16_t port);
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd();

  /// A new client, which begins to connect.
  client& add();

  /// Sends a Socket.IO packet at the end of the turn, together with others of this client.
  void send(client& from, std::string_view packet);

  /// Closes the client's WebSocket. `gone` follows when the server has answered.
  void close(client& who);

  /// Ends the client's connection at once, as when a process dies. Nobody is told.
  void cut(client& who);

  /// From now on the client neither reads nor answers. Its connection stays until it is cut.
  void silence(client& who);

  /// Takes in all that has come, waiting so long if it is nothing; answers whether there was
  /// anything.
  bool turn(audience& scenario, std::int64_t wait_ns = 0);

  /// Sends what there is to send. A turn ends with it.
  void flush();

  /// Turns until it is so; ends the program if that takes too long.
  void turn_until(audience& scenario, std::string_view what, const std::function<bool()>& is_so);

  /// Turns for a while.
  void turn_for(audience& scenario, std::int64_t ns);

  client& operator[](std::uint32_t number) { return clients_[number]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(clients_.size()); }

  /// When the bytes that are being heard were read.
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

  std::uint16_t port_;
  int epoll_;
  std::deque<client> clients_;
  std::vector<std::uint32_t> to_flush_;
  std::vector<char> buffer_;
  std::int64_t read_at_ = 0;
};

}  // namespace downbeat::bench
