#pragma once

#include "io/stream_result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

// OpenSSL's headers are large, and its macros reach far.
struct ssl_st;

namespace downbeat::host {

class tls_context;

/// TLS on the socket of one connection, as its server. Never waits: it reads what has arrived, and
/// writes what the socket takes. May move to another thread between two calls.
class tls_session {
 public:
  /// The socket stays the caller's. Throws std::bad_alloc.
  tls_session(tls_context& context, int socket);
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;
  ~tls_session() = default;

  /// Decrypts what has arrived, at most the size of `into`; at first this is the handshake.
  [[nodiscard]] stream_result read(std::span<char> into);

  /// Encrypts and writes. After `blocked`, the next call must begin with the same bytes and have no
  /// fewer: some of them are encrypted already, and wait for the socket.
  [[nodiscard]] stream_result write(std::string_view bytes);

  /// Sends the end of this direction (close_notify), if the connection is in order. Returns false
  /// if the socket does not take it yet.
  [[nodiscard]] bool send_end();

  [[nodiscard]] bool is_handshaking() const;
  /// Whether bytes from the socket wait for `read`. They may be only a part of a record.
  [[nodiscard]] bool has_pending() const;
  /// Whether the last read goes on only when the socket is writable.
  [[nodiscard]] bool read_wants_write() const { return read_wants_write_; }
  /// Whether the last write goes on only when the socket is readable.
  [[nodiscard]] bool write_wants_read() const { return write_wants_read_; }

  /// Why the handshake failed, as text for the operator; nullptr if it did not.
  [[nodiscard]] const char* handshake_error() const { return handshake_error_; }

  /// The socket, as OpenSSL reads and writes it.
  struct wire {
    int socket;
    int receives_left = 0;       ///< in this call of `read`
    bool is_untouched = true;    ///< nothing has been received yet
    bool is_plain_http = false;  ///< the first byte is that of a method
    bool is_cut = false;         ///< the last read was cut off by `receives_left`
    bool is_drained = false;     ///< the last call to the system took all that there was
    bool is_over = false;        ///< the client has shut down sending
  };

 private:
  struct free_ssl {
    void operator()(ssl_st* one) const;
  };

  stream_result after_failed_read(int result);
  void note_failure();

  wire wire_;
  std::unique_ptr<ssl_st, free_ssl> ssl_;
  const char* handshake_error_ = nullptr;
  /// What a read has found behind the bytes that it returned; the next one returns it.
  stream_status found_ = stream_status::ok;
  bool is_broken_ = false;  ///< after an error OpenSSL must not be asked for an end
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

}  // namespace downbeat::host
