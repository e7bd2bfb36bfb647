#include "tls/session.hpp"

#include "tls/context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

namespace downbeat::host {
namespace {

// How often one read asks the system. Records without data (handshakes, alerts, changes of keys)
// return nothing, so that without a bound one client that sends only these could hold the loop.
constexpr int most_receives = 2;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

tls_session::wire& wire_of(BIO* bio) {
  return *static_cast<tls_session::wire*>(BIO_get_data(bio));
}

int read_wire(BIO* bio, char* into, int size) {
  tls_session::wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  if (wire.receives_left == 0) {
    wire.is_cut = true;
    BIO_set_retry_read(bio);
    return -1;
  }
  --wire.receives_left;
  ssize_t got = 0;
  do {
    got = ::recv(wire.socket, into, static_cast<std::size_t>(size), 0);
  } while (got < 0 && errno == EINTR);
  wire.is_drained = got < size;
  if (got < 0) {
    if (would_block()) BIO_set_retry_read(bio);
    return -1;
  }
  if (got == 0) {
    wire.is_over = true;
    return 0;
  }
  // A record of TLS begins with a number below 32, a request of HTTP with a capital letter.
  if (std::exchange(wire.is_untouched, false) && into[0] >= 'A' && into[0] <= 'Z') {
    wire.is_plain_http = true;
    return -1;
  }
  return static_cast<int>(got);
}

int write_wire(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  ssize_t sent = 0;
  do {
    sent = ::send(wire_of(bio).socket, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control_wire(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return wire_of(bio).is_over ? 1 : 0;
    default: return 0;
  }
}

// OpenSSL's own socket BIO would raise SIGPIPE.
const BIO_METHOD* wire_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const one = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (one == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(one, read_wire);
    BIO_meth_set_write(one, write_wire);
    BIO_meth_set_ctrl(one, control_wire);
    return one;
  }();
  return method;
}

}  // namespace

void tls_session::free_ssl::operator()(ssl_st* one) const {
  SSL_free(one);
}

tls_session::tls_session(tls_context& context, int socket)
    : wire_{socket}, ssl_(SSL_new(context.native())) {
  BIO* const bio = ssl_ ? BIO_new(wire_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &wire_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

stream_result tls_session::read(std::span<char> into) {
  if (found_ != stream_status::ok) return {found_};
  // The queue of errors is the thread's, and another connection may have left something in it.
  ERR_clear_error();
  read_wants_write_ = false;
  wire_.receives_left = most_receives;
  wire_.is_cut = false;
  if (!has_pending()) wire_.is_drained = false;
  // Each message of a client is a record of its own, and one call of SSL_read returns one record.
  std::size_t size = 0;
  while (size < into.size()) {
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data() + size, into.size() - size, &got);
    if (result == 1) {
      size += got;
      if (wire_.is_drained && !has_pending()) return {stream_status::ok, size, false};
      continue;
    }
    const stream_result failed = after_failed_read(result);
    if (size == 0) return failed;
    if (failed.what == stream_status::blocked) return {stream_status::ok, size, false};
    found_ = failed.what;
    return {stream_status::ok, size, true};
  }
  return {stream_status::ok, size, true};
}

stream_result tls_session::after_failed_read(int result) {
  if (wire_.is_plain_http) {
    is_broken_ = true;
    return {stream_status::plain_http};
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      if (wire_.is_cut) return {stream_status::ok, 0, true};
      return {stream_status::blocked};
    case SSL_ERROR_WANT_WRITE: read_wants_write_ = true; return {stream_status::blocked};
    case SSL_ERROR_ZERO_RETURN: return {stream_status::end};
    default: note_failure(); return {stream_status::failed};
  }
}

void tls_session::note_failure() {
  is_broken_ = true;
  if (!is_handshaking()) return;
  handshake_error_ = ERR_reason_error_string(ERR_peek_last_error());
  if (handshake_error_ == nullptr) handshake_error_ = "the connection was lost";
}

stream_result tls_session::write(std::string_view bytes) {
  if (bytes.empty()) return {stream_status::ok};
  ERR_clear_error();
  write_wants_read_ = false;
  wire_.receives_left = most_receives;
  std::size_t sent = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
  if (result == 1) return {stream_status::ok, sent};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_WRITE: return {stream_status::blocked};
    case SSL_ERROR_WANT_READ: write_wants_read_ = true; return {stream_status::blocked};
    default: note_failure(); return {stream_status::failed};
  }
}

bool tls_session::send_end() {
  if (is_broken_ || is_handshaking()) return true;
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());
  return result >= 0 || SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_WRITE;
}

bool tls_session::is_handshaking() const {
  return SSL_is_init_finished(ssl_.get()) == 0;
}

bool tls_session::has_pending() const {
  // The system does not report again what a read has found behind its bytes.
  return found_ != stream_status::ok || SSL_has_pending(ssl_.get()) == 1;
}

}  // namespace downbeat::host
