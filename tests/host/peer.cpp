#include "host/peer.hpp"

#include "host/client_frames.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace downbeat::test {
namespace {

// Under a sanitizer, on a busy machine; a test that passes never waits this long.
constexpr int patience_seconds = 60;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

}  // namespace

peer::peer(std::uint16_t port, int receive_buffer_bytes)
    : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  REQUIRE(socket_ >= 0);
  const timeval patience{patience_seconds, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (receive_buffer_bytes > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int status = connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
  // A rejected client may be notified before this call returns.
  REQUIRE((status == 0 || errno == ECONNRESET));
}

peer::~peer() {
  if (socket_ >= 0) close(socket_);
}

void peer::free_ssl::operator()(ssl_st* one) const {
  SSL_free(one);
}

std::string peer::start_tls(const std::function<void(ssl_ctx_st*)>& configure) {
  // OpenSSL writes without MSG_NOSIGNAL.
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(ignored);
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
  if (configure) configure(context.get());
  tls_.reset(SSL_new(context.get()));
  REQUIRE(SSL_set_fd(tls_.get(), socket_) == 1);
  ERR_clear_error();
  if (SSL_connect(tls_.get()) == 1) return {};
  const char* const why = ERR_reason_error_string(ERR_peek_last_error());
  return why != nullptr ? why : "closed";
}

void peer::send_together(const std::vector<std::string>& records) {
  int is_held = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &is_held, sizeof is_held);
  for (const std::string& one : records) send(one);
  is_held = 0;
  setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &is_held, sizeof is_held);
}

bool peer::try_send(std::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    return bytes.empty() || SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void peer::send(std::string_view bytes) {
  REQUIRE(try_send(bytes));
}

bool peer::fill() {
  std::array<char, 65536> buffer;
  if (tls_) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0 && SSL_get_error(tls_.get(), got) == SSL_ERROR_WANT_READ) {
      FAIL("waited in vain for the server");
    }
    if (got > 0) heard_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) FAIL("waited in vain for the server");
  if (got <= 0) return false;
  heard_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string peer::take(std::size_t size) {
  while (heard_.size() < size) {
    if (!fill()) FAIL("the server hung up after: " << heard_);
  }
  const std::string bytes = heard_.substr(0, size);
  heard_.erase(0, size);
  return bytes;
}

std::string peer::reply::field(std::string_view name) const {
  const std::string key = "\r\n" + std::string(name) + ": ";
  const auto at = lower(head).find(key);
  if (at == std::string::npos) return {};
  const auto from = at + key.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

peer::reply peer::read_reply(bool is_head) {
  reply result;
  while (heard_.find("\r\n\r\n") == std::string::npos) {
    if (!fill()) FAIL("the server hung up after: " << heard_);
  }
  result.head = take(heard_.find("\r\n\r\n") + 4);
  REQUIRE(result.head.starts_with("HTTP/1.1 "));
  result.status = std::atoi(result.head.c_str() + 9);
  const std::string length = result.field("content-length");
  if (!is_head && !length.empty()) result.body = take(std::stoul(length));
  return result;
}

peer peer::websocket(std::uint16_t port, std::string_view query, int receive_buffer_bytes) {
  peer result(port, receive_buffer_bytes);
  REQUIRE(result.ask(websocket_handshake(query)).status == 101);
  return result;
}

peer::message peer::read_frame() {
  const std::string first = take(2);
  REQUIRE((static_cast<unsigned char>(first[1]) & 0x80) == 0);
  std::size_t size = static_cast<unsigned char>(first[1]);
  if (size >= 126) {
    const std::string length = take(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : length) size = size << 8 | static_cast<unsigned char>(c);
  }
  return {static_cast<host::opcode>(static_cast<unsigned char>(first[0]) & 0x0f), take(size)};
}

void peer::send_frame(host::opcode code, std::string_view payload) {
  send(client_frame(code, payload));
}

std::optional<std::string> peer::hear_until(std::string_view end) {
  std::size_t at = heard_.find(end);
  while (at == std::string::npos) {
    if (!fill()) return std::nullopt;
    at = heard_.find(end);
  }
  return take(at + end.size());
}

bool peer::hears_something() {
  return !heard_.empty() || fill();
}

bool peer::is_closed_by_server() {
  while (fill()) {
  }
  return true;
}

bool peer::is_silent(int milliseconds) {
  if (!heard_.empty() || (tls_ && SSL_pending(tls_.get()) > 0)) return false;
  pollfd one{socket_, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) == 0;
}

void peer::half_close() {
  shutdown(socket_, SHUT_WR);
}

void peer::reset() {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(socket_);
  socket_ = -1;
}

std::uint16_t peer::port() const {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size) == 0);
  return ntohs(where.sin_port);
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: jam.example\r\n" + std::string(fields) +
         "\r\n";
}

std::string poll(std::string_view query, std::string_view fields) {
  return get("/socket.io/?" + std::string(query), fields);
}

std::string post(std::string_view query, std::string_view body, std::string_view fields) {
  return "POST /socket.io/?" + std::string(query) + " HTTP/1.1\r\nHost: jam.example\r\n" +
         "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string websocket_handshake(std::string_view query, std::string_view fields) {
  return poll(query,
              "Connection: keep-alive, Upgrade\r\n"
              "Upgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Extensions: permessage-deflate\r\n" +
                  std::string(fields));
}

}  // namespace downbeat::test
