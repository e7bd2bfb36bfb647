#include "load/crowd.hpp"

#include "load/arguments.hpp"
#include "load/clock.hpp"
#include "load/websocket_text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace downbeat::bench {
namespace {

constexpr std::int64_t connecting_patience_ns = 60 * ns_per_second;
constexpr std::size_t buffer_bytes = 512 * 1024;
constexpr std::uint32_t source_addresses = 64;

[[noreturn]] void fail(const std::string& what) {
  give_up(what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

int call(int (*function)(int, const sockaddr*, socklen_t), int descriptor,
         const sockaddr_in& address) {
  sockaddr plain{};
  std::memcpy(&plain, &address, sizeof address);
  return function(descriptor, &plain, sizeof address);
}

/// Begins to connect. One address has 28,000 ports, and a closed connection keeps its port for a
/// minute, so the clients use 127.0.1.1 and the addresses after it in turn.
int begin_to_connect(std::uint16_t port, std::uint32_t number) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  constexpr std::uint32_t first = 0x7f000101;
  if (call(::bind, descriptor, loopback(first + number % source_addresses, 0)) != 0) fail("bind");
  if (call(::connect, descriptor, loopback(INADDR_LOOPBACK, port)) != 0 && errno != EINPROGRESS) {
    fail("connect");
  }
  return descriptor;
}

/// The value of a string member, such as the `sid` of `40{"sid":"…"}`.
std::string_view member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = json.find(key);
  if (at == std::string_view::npos) give_up("no " + key + " in " + std::string(json));
  const std::string_view rest = json.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

crowd::crowd(std::vector<std::uint16_t> ports)
    : ports_(std::move(ports)), epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  if (epoll_ < 0) fail("epoll_create1");
}

crowd::~crowd() {
  for (const client& c : clients_) {
    if (c.descriptor >= 0) ::close(c.descriptor);
  }
  ::close(epoll_);
}

client& crowd::add() {
  const std::uint32_t number = size();
  client& c = clients_.emplace_back();
  c.number = number;
  c.descriptor = begin_to_connect(port_of(c), number);
  watch(c, EPOLL_CTL_ADD, true);
  return c;
}

void crowd::send(client& from, std::string_view packet) {
  // Any mask will do, but 0 would save the server work.
  const std::uint32_t mask = 0x9e3779b9u * (from.number + 1);
  websocket::append_masked(from.outbox, websocket::opcode::text, packet, mask);
  mark_to_flush(from);
}

void crowd::close(client& who) {
  constexpr std::string_view normal_closure("\x03\xe8", 2);
  websocket::append_masked(who.outbox, websocket::opcode::close, normal_closure, 0x12345678);
  who.at = client::stage::closing;
  mark_to_flush(who);
}

void crowd::cut(client& who) {
  // Closes with a reset, without a close frame.
  const linger at_once{1, 0};
  setsockopt(who.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  finish(who);
}

void crowd::silence(client& who) {
  if (epoll_ctl(epoll_, EPOLL_CTL_DEL, who.descriptor, nullptr) != 0) fail("epoll_ctl");
  who.at = client::stage::silent;
  who.outbox.clear();
}

void crowd::finish(client& who) {
  ::close(who.descriptor);
  who.descriptor = -1;
  who.at = client::stage::closed;
  who.half_a_frame = std::string();
  who.outbox = std::string();
}

bool crowd::turn(audience& scenario, std::int64_t wait_ns) {
  std::array<epoll_event, 1024> events;
  const timespec wait{wait_ns / ns_per_second, wait_ns % ns_per_second};
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  if (count < 0 && errno != EINTR) fail("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    client& c = clients_[event.data.u32];
    if (c.descriptor < 0) continue;
    if ((event.events & EPOLLOUT) != 0) on_writable(c);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_readable(c, scenario);
  }
  flush();
  return count > 0;
}

void crowd::turn_until(audience& scenario, std::string_view what,
                       const std::function<bool()>& is_so) {
  const std::int64_t end = now_ns() + connecting_patience_ns;
  while (!is_so()) {
    turn(scenario);
    if (now_ns() > end) give_up("waited too long until " + std::string(what));
  }
}

void crowd::turn_for(audience& scenario, std::int64_t ns) {
  const std::int64_t end = now_ns() + ns;
  while (now_ns() < end) turn(scenario);
}

void crowd::on_writable(client& c) {
  if (c.at == client::stage::connecting) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c.descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) give_up(std::string("connect: ") + std::strerror(error));
    c.at = client::stage::upgrading;
    c.outbox = websocket::handshake_request("127.0.0.1:" + std::to_string(port_of(c)));
    watch(c, EPOLL_CTL_MOD, false);
  } else {
    c.is_blocked = false;
    watch(c, EPOLL_CTL_MOD, false);
  }
  mark_to_flush(c);
}

void crowd::on_readable(client& c, audience& scenario) {
  if (c.descriptor < 0) return;
  // The rest of the last read comes before this one.
  const std::size_t old = c.half_a_frame.size();
  if (old >= buffer_.size() / 2) give_up("the server sent an enormous message");
  std::memcpy(buffer_.data(), c.half_a_frame.data(), old);
  const ssize_t count = recv(c.descriptor, buffer_.data() + old, buffer_.size() - old, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return on_end(c, scenario);
  read_at_ = now_ns();

  std::string_view received(buffer_.data(), old + static_cast<std::size_t>(count));
  if (c.at == client::stage::upgrading) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      c.half_a_frame = received;
      return;
    }
    if (!received.starts_with("HTTP/1.1 101")) {
      give_up("no WebSocket: " + std::string(received.substr(0, received.find('\r'))));
    }
    c.at = client::stage::opening;
    received.remove_prefix(end + 4);
  }
  while (const auto frame = websocket::read_frame(received)) {
    received.remove_prefix(frame->bytes);
    on_frame(c, scenario, static_cast<std::uint8_t>(frame->kind), frame->payload);
    if (c.descriptor < 0) return;
  }
  c.half_a_frame = received;
}

void crowd::on_frame(client& c, audience& scenario, std::uint8_t kind, std::string_view payload) {
  switch (static_cast<websocket::opcode>(kind)) {
    case websocket::opcode::text: return on_message(c, scenario, payload);
    case websocket::opcode::ping:
      websocket::append_masked(c.outbox, websocket::opcode::pong, payload, 0x12345678);
      return mark_to_flush(c);
    case websocket::opcode::close: return on_end(c, scenario);
    default: return;
  }
}

void crowd::on_message(client& c, audience& scenario, std::string_view message) {
  if (message == "2") return send(c, "3");
  switch (c.at) {
    case client::stage::ready: return scenario.heard(c, message);
    case client::stage::opening:
      if (!message.starts_with("0{")) give_up("no handshake: " + std::string(message));
      c.at = client::stage::joining;
      return send(c, "40");
    case client::stage::joining:
      if (!message.starts_with("40{")) give_up("not in the namespace: " + std::string(message));
      c.id = member(message, "sid");
      c.at = client::stage::ready;
      return scenario.ready(c);
    default: return;  // it is closing: ignore the message
  }
}

void crowd::on_end(client& c, audience& scenario) {
  if (c.at != client::stage::closing) give_up("the server closed a connection");
  finish(c);
  scenario.gone(c);
}

void crowd::mark_to_flush(client& c) {
  if (c.is_to_flush) return;
  c.is_to_flush = true;
  to_flush_.push_back(c.number);
}

void crowd::flush() {
  for (const std::uint32_t number : to_flush_) flush(clients_[number]);
  to_flush_.clear();
}

void crowd::flush(client& c) {
  c.is_to_flush = false;
  if (c.descriptor < 0 || c.is_blocked || c.outbox.empty()) return;
  const ssize_t count = ::send(c.descriptor, c.outbox.data(), c.outbox.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) {
    if (c.at == client::stage::closing) return;  // the server has closed first
    fail("send");
  }
  c.outbox.erase(0, count < 0 ? 0 : static_cast<std::size_t>(count));
  if (!c.outbox.empty()) {
    c.is_blocked = true;
    watch(c, EPOLL_CTL_MOD, true);
  }
}

void crowd::watch(client& c, int operation, bool is_for_writing) {
  epoll_event event{};
  event.events = is_for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u32 = c.number;
  if (epoll_ctl(epoll_, operation, c.descriptor, &event) != 0) fail("epoll_ctl");
}

}  // namespace downbeat::bench
