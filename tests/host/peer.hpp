#pragma once

#include "websocket/opcode.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::test {

/// A client on a plain blocking socket, which says and hears bytes. Whatever is waited for in vain
/// for some seconds fails the test.
class peer {
 public:
  explicit peer(std::uint16_t port, int receive_buffer_bytes = 0);
  peer(peer&& other) noexcept : socket_(other.socket_), heard_(std::move(other.heard_)) {
    other.socket_ = -1;
  }
  peer& operator=(peer&&) = delete;
  ~peer();

  struct reply {
    int status = 0;
    std::string head;
    std::string body;

    /// The header field of this name, in lower case; empty without one.
    [[nodiscard]] std::string field(std::string_view name) const;
  };

  void send(std::string_view bytes);
  /// Like `send`, but the other side may have hung up.
  bool try_send(std::string_view bytes);

  /// Reads one response. `is_head` if a HEAD was asked.
  reply read_reply(bool is_head = false);
  reply ask(std::string_view request) {
    send(request);
    return read_reply();
  }

  /// Completes a WebSocket handshake, with these extra header fields.
  static peer websocket(std::uint16_t port, std::string_view query = "EIO=4&transport=websocket",
                        int receive_buffer_bytes = 0);

  struct message {
    host::opcode code;
    std::string data;

    friend bool operator==(const message&, const message&) = default;
  };

  /// Reads one WebSocket frame.
  message read_frame();
  void send_frame(host::opcode code, std::string_view payload);

  /// Waits for the server to say something; whether it did before it hung up.
  bool hears_something();
  /// Whether the server closes the connection, after whatever it still says.
  bool is_closed_by_server();
  /// Whether nothing comes for a while.
  bool is_silent(int milliseconds = 150);

  void half_close();
  void reset();

 private:
  bool fill();
  std::string take(std::size_t size);

  int socket_;
  std::string heard_;
};

/// A GET of this target, and of Engine.IO's path with this query.
std::string get(std::string_view target, std::string_view fields = {});
std::string poll(std::string_view query, std::string_view fields = {});
std::string post(std::string_view query, std::string_view body, std::string_view fields = {});
std::string websocket_handshake(std::string_view query, std::string_view fields = {});

}  // namespace downbeat::test
