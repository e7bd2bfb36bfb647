#include "io/byte_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <poll.h>
#include <sys/socket.h>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

byte_stream::status status_of(const error_code& error) {
  if (error == asio::error::eof) return byte_stream::status::end;
  return error == asio::error::would_block || error == asio::error::try_again
             ? byte_stream::status::blocked
             : byte_stream::status::failed;
}

}  // namespace

error_code byte_stream::attach(asio::io_context& loop) {
  error_code error;
  socket_.emplace(loop);
  // Asio only keeps the protocol; that of this socket is known to the system.
  socket_->assign(tcp::v6(), detached_.number(), error);
  if (error) {
    socket_.reset();
    return error;
  }
  detached_.release();
  socket_->non_blocking(true, error);
  if (error) detach();
  return error;
}

void byte_stream::detach() {
  error_code ignored;
  if (socket_ && socket_->is_open()) detached_ = file_descriptor(socket_->release(ignored));
  socket_.reset();
}

void byte_stream::start_tls(tls_context& context) {
  tls_ = std::make_unique<tls_session>(context, number());
}

byte_stream::result byte_stream::read(std::span<char> into) {
  if (tls_ && socket_) {
    const result got = tls_->read(into);
    if (got.what == status::plain_http) tls_.reset();
    return got;
  }
  while (socket_) {
    error_code error;
    const std::size_t size = socket_->receive(asio::buffer(into.data(), into.size()), 0, error);
    // A short read means that the socket is empty: another read would return EAGAIN.
    if (!error) return {status::ok, size, size == into.size()};
    if (error != asio::error::interrupted) return {status_of(error)};
  }
  return {status::blocked};
}

byte_stream::result byte_stream::write(std::string_view bytes) {
  if (tls_ && socket_) return tls_->write(bytes);
  while (socket_) {
    error_code error;
    const std::size_t size = socket_->send(asio::buffer(bytes.data(), bytes.size()), 0, error);
    if (!error) return {status::ok, size};
    if (error != asio::error::interrupted) return {status_of(error)};
  }
  return {status::blocked};
}

bool byte_stream::shut_down_writing() {
  if (!socket_) return true;
  if (tls_ && !tls_->send_end()) return false;
  tls_.reset();
  error_code ignored;
  socket_->shutdown(socket::shutdown_send, ignored);
  return true;
}

void byte_stream::reset_on_close() {
  tls_.reset();
  // Not through Asio, whose destructor would undo it.
  const linger at_once{1, 0};
  ::setsockopt(number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void byte_stream::close() {
  // If the end of TLS does not fit into the socket now, the client sees the connection end without.
  if (tls_ && socket_) static_cast<void>(tls_->send_end());
  tls_.reset();
  detached_.close();
  if (!socket_) return;
  error_code ignored;
  socket_->close(ignored);
}

bool byte_stream::is_lost() {
  pollfd one{number(), 0, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace downbeat::host
