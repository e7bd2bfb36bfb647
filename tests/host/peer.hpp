#pragma once

#include "websocket/opcode.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace downbeat::test {

/// A client on a blocking socket, plain at first, which sends and receives bytes. If something does
/// not arrive within some seconds, the test fails.
class peer {
 public:
  explicit peer(std::uint16_t port, int receive_buffer_bytes = 0);
  peer(peer&& other) noexcept
      : socket_(other.socket_), tls_(std::move(other.tls_)), heard_(std::move(other.heard_)) {
    other.socket_ = -1;
  }
  peer& operator=(peer&&) = delete;
  ~peer();

  struct reply {
    int status = 0;
    std::string head;
    std::string body;

    /// The value of the header field of this name, in lower case; empty if there is none.
    [[nodiscard]] std::string field(std::string_view name) const;
  };

  void send(std::string_view bytes);
  /// Like `send`, but the server may have closed the connection.
  bool try_send(std::string_view bytes);

  /// Reads one response. `is_head`: the request was a HEAD.
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

  /// Receives up to the end of these bytes; nothing if the server closes before.
  std::optional<std::string> hear_until(std::string_view end);

  /// Waits until the server sends something. Returns false if it closes first.
  bool hears_something();
  /// Whether the server closes the connection, perhaps after more data.
  bool is_closed_by_server();
  /// Whether the server sends nothing for this time.
  bool is_silent(int milliseconds = 150);

  void half_close();
  void reset();

  /// Speaks TLS from now on. Trusts every certificate. Returns why the handshake failed; empty if
  /// it did not.
  std::string start_tls(const std::function<void(ssl_ctx_st*)>& configure = {});
  [[nodiscard]] ssl_st* tls() const { return tls_.get(); }
  /// Sends several pieces at once: each is a record, and all arrive together.
  void send_together(const std::vector<std::string>& records);

  /// The port of this end of the connection.
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct free_ssl {
    void operator()(ssl_st* one) const;
  };

  bool fill();
  std::string take(std::size_t size);

  int socket_;
  std::unique_ptr<ssl_st, free_ssl> tls_;  ///< none: plain TCP
  std::string heard_;
};

/// A GET request for this target, and one for Engine.IO's path with this query.
std::string get(std::string_view target, std::string_view fields = {});
std::string poll(std::string_view query, std::string_view fields = {});
std::string post(std::string_view query, std::string_view body, std::string_view fields = {});
std::string websocket_handshake(std::string_view query, std::string_view fields = {});

}  // namespace downbeat::test
