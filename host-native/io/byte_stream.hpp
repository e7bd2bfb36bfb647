#pragma once

#include "io/file_descriptor.hpp"
#include "io/stream_result.hpp"
#include "tls/session.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace downbeat::host {

class tls_context;

/// A byte stream from and to one client, without blocking: plain TCP, or TLS on it. All data of
/// clients is read and written through it.
///
/// At first it is detached, as it is on its way from one loop to another: nothing can be read or
/// written, and it can be closed.
class byte_stream {
 public:
  using status = stream_status;
  using result = stream_result;
  using wait_type = boost::asio::socket_base::wait_type;

  /// Takes over a connected socket.
  explicit byte_stream(file_descriptor connected) : detached_(std::move(connected)) {}

  /// Makes this loop watch the socket. If the system refuses, the stream stays detached.
  [[nodiscard]] boost::system::error_code attach(boost::asio::io_context& loop);

  /// Releases the socket from its loop, so that another thread can attach it to its own. Pending
  /// waits end with `operation_aborted` in the old loop.
  void detach();

  /// From now on the stream is TLS. The first reads do the handshake.
  void start_tls(tls_context& context);
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
  /// The session of TLS; nullptr for a plain stream.
  [[nodiscard]] const tls_session* tls() const { return tls_.get(); }

  /// Reads what is available, at most the size of `into`.
  [[nodiscard]] result read(std::span<char> into);

  /// Writes as many bytes as the system accepts. After `blocked`, the next call must begin with the
  /// same bytes: TLS has encrypted some of them already.
  [[nodiscard]] result write(std::string_view bytes);

  /// Shuts down sending. The client may still send, but what it sends is not decrypted any more.
  /// Returns false if the end of TLS cannot be sent yet: call it again when the socket is writable.
  bool shut_down_writing();

  /// Makes closing the socket reset the connection (RST), so that the client sees an error.
  void reset_on_close();

  /// Whether the system reports an error or a full hang-up. For a stream that the host does not
  /// read at present.
  [[nodiscard]] bool is_lost();

  /// What the stream itself must wait for: TLS may have to read before it can write, and the other
  /// way round. Plain TCP never needs to.
  [[nodiscard]] bool wants_read() const { return tls_ && tls_->write_wants_read(); }
  [[nodiscard]] bool wants_write() const { return tls_ && tls_->read_wants_write(); }

  /// Whether bytes have been taken from the socket that `read` has not returned yet. The system
  /// does not report the socket for them.
  [[nodiscard]] bool has_pending() const { return tls_ && tls_->has_pending(); }

  /// Calls the handler once, with an error code, when the socket is readable, writable, or lost.
  /// Only while attached.
  template <class Handler>
  void async_wait(wait_type what, Handler handler) {
    socket_->async_wait(what, std::move(handler));
  }

  void close();

  /// The descriptor; -1 if it is closed.
  [[nodiscard]] int number() { return socket_ ? socket_->native_handle() : detached_.number(); }

 private:
  using tcp = boost::asio::ip::tcp;
  using socket = boost::asio::basic_stream_socket<tcp, boost::asio::io_context::executor_type>;

  file_descriptor detached_;
  std::optional<socket> socket_;      ///< while attached
  std::unique_ptr<tls_session> tls_;  ///< none: plain TCP
};

}  // namespace downbeat::host
