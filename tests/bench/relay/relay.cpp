#include "relay/relay.hpp"

#include "relay/wire_text.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace downbeat::bench {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

void check(bool is_well, const char* what) {
  if (is_well) return;
  std::fprintf(stderr, "bench-relay: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

std::string_view value_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

relay::relay(std::uint16_t port, relay_mode mode, fault_plan faults)
    : port_(port),
      mode_(mode),
      faults_(faults),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_bytes) {
  check(listener_ >= 0 && epoll_ >= 0, "socket");
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr plain{};
  std::memcpy(&plain, &address, sizeof address);
  check(bind(listener_, &plain, sizeof plain) == 0, "bind");
  check(listen(listener_, 1024) == 0, "listen");
  socklen_t size = sizeof plain;
  check(getsockname(listener_, &plain, &size) == 0, "getsockname");
  std::memcpy(&address, &plain, sizeof address);
  port_ = ntohs(address.sin_port);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_;
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0, "epoll_ctl");
}

relay::~relay() {
  ::close(listener_);
  ::close(epoll_);
}

void relay::run() {
  std::array<epoll_event, 1024> events;
  for (;;) {
    // While an event is held back for a swap, check the time now and then.
    const int patience = holding_.empty() ? -1 : 10;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience);
    check(count >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == listener_) {
        accept_all();
        continue;
      }
      connection* c = connections_[static_cast<std::size_t>(event.data.fd)].get();
      if (c == nullptr) continue;
      if ((event.events & EPOLLOUT) != 0) {
        watch(*c, false);
        mark_to_flush(*c);
      }
      if ((event.events & ~EPOLLOUT) != 0) on_readable(*c);
    }
    release_held();
    for (std::size_t i = 0; i < to_flush_.size(); ++i) {
      connection* c = connections_[static_cast<std::size_t>(to_flush_[i])].get();
      if (c != nullptr && c->is_to_flush) flush(*c);
    }
    to_flush_.clear();
  }
}

void relay::accept_all() {
  for (;;) {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto at = static_cast<std::size_t>(descriptor);
    if (connections_.size() <= at) connections_.resize(at + 1);
    connections_[at] = std::make_unique<connection>();
    connections_[at]->descriptor = descriptor;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    check(epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll_ctl");
  }
}

void relay::on_readable(connection& c) {
  const std::size_t old = c.half_a_frame.size();
  std::memcpy(buffer_.data(), c.half_a_frame.data(), old);
  const ssize_t count = recv(c.descriptor, buffer_.data() + old, buffer_.size() - old, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return drop(c);
  char* at = buffer_.data();
  std::size_t left = old + static_cast<std::size_t>(count);

  if (!c.is_upgraded) {
    const std::string_view request(at, left);
    if (!request.ends_with("\r\n\r\n")) {
      c.half_a_frame = request;
      return;
    }
    c.half_a_frame = std::string();
    c.outbox = wire_text::accept_handshake(request);
    if (c.outbox.empty()) return drop(c);
    c.is_upgraded = true;
    std::array<char, 24> digits{};
    std::snprintf(digits.data(), digits.size(), "%020llu",
                  static_cast<unsigned long long>(++last_id_));
    c.id = digits.data();
    return say(c, R"(0{"sid":"secret","upgrades":[],"pingInterval":25000,"pingTimeout":20000,)"
                  R"("maxPayload":1000000})");
  }

  const int descriptor = c.descriptor;
  while (const auto frame = wire_text::read_frame(at, left)) {
    at += frame->bytes;
    left -= frame->bytes;
    if (frame->first == wire_text::text_frame) {
      on_message(c, frame->payload);
    } else if (frame->first == wire_text::close_frame) {
      wire_text::append_frame(c.outbox, wire_text::close_frame, frame->payload);
      flush(c);
      return drop(c);
    }
    if (connections_[static_cast<std::size_t>(descriptor)].get() != &c) return;
  }
  c.half_a_frame.assign(at, left);
}

void relay::on_message(connection& c, std::string_view message) {
  if (message.starts_with(R"(42["session:event",)")) return pass_on(c, message);
  if (message == "40") return say(c, R"(40{"sid":")" + c.id + R"("})");
  if (message.starts_with(R"(42["session:create",)")) return create(c);
  if (message.starts_with(R"(42["session:join",)")) return join(c, message);
  if (message.starts_with(R"(42["session:leave",)")) return leave(c);
}

void relay::create(connection& c) {
  leave(c);
  const std::string code = "R-" + std::to_string(++last_id_);
  room& made = rooms_[code];
  made.code = code;
  made.members.push_back(&c);
  c.in = &made;
  say(c, R"(42["session:created",{"roomCode":")" + code + R"(","userId":")" + c.id + R"("}])");
}

void relay::join(connection& c, std::string_view message) {
  const auto found = rooms_.find(std::string(value_after(message, R"("roomCode":")")));
  if (found == rooms_.end()) return say(c, R"(42["error",{"message":"Session not found"}])");
  leave(c);
  room& joined = found->second;
  const std::string user = R"({"id":")" + c.id + R"(","name":"?","instrument":"?"})";
  for (connection* member : joined.members) {
    say(*member, R"(42["session:user-joined",{"user":)" + user + "}]");
  }
  joined.members.push_back(&c);
  c.in = &joined;
  std::string participants;
  for (const connection* member : joined.members) {
    if (!participants.empty()) participants += ',';
    participants += R"({"id":")" + member->id + R"(","name":"?","instrument":"?"})";
  }
  say(c, R"(42["session:joined",{"roomCode":")" + joined.code + R"(","participants":[)" +
             participants + R"(],"userId":")" + c.id + R"(","hostId":")" +
             joined.members.front()->id + R"("}])");
}

void relay::leave(connection& c) {
  if (c.in == nullptr) return;
  room& left = *c.in;
  c.in = nullptr;
  left.members.erase(std::find(left.members.begin(), left.members.end(), &c));
  for (connection* member : left.members) {
    say(*member, R"(42["session:user-left",{"userId":")" + c.id + R"("}])");
  }
  if (left.members.empty()) rooms_.erase(std::string(left.code));
}

void relay::pass_on(connection& from, std::string_view message) {
  constexpr std::string_view opening = R"(42["session:event",{)";
  if (from.in == nullptr || !message.starts_with(opening)) return;
  message_.assign(opening).append(R"("userId":")").append(from.id).append("\",");
  message_.append(message.substr(opening.size()));
  frame_.clear();
  wire_text::append_frame(frame_, wire_text::text_frame, message_);
  for (connection* to : from.in->members) {
    if (to != &from) deliver(*to, from, frame_);
  }
}

void relay::deliver(connection& to, const connection& from, std::string_view frame) {
  if (faults_.strikes()) {
    if (faults_.kind == fault::lose) return;
    if (faults_.kind == fault::twice) put(to, frame);
    if (faults_.kind == fault::swap && to.held_of == nullptr) {
      to.held = frame;
      to.held_of = &from;
      to.held_since = std::chrono::steady_clock::now();
      holding_.push_back(to.descriptor);
      return;
    }
  }
  put(to, frame);
  if (to.held_of == &from) {
    put(to, to.held);
    to.held_of = nullptr;
  }
}

void relay::release_held() {
  if (holding_.empty()) return;
  constexpr auto patience = std::chrono::milliseconds(50);
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(holding_, [&](int descriptor) {
    connection* c = connections_[static_cast<std::size_t>(descriptor)].get();
    if (c == nullptr || c->held_of == nullptr) return true;
    if (now - c->held_since < patience) return false;
    put(*c, c->held);  // no other event came to swap it with
    c->held_of = nullptr;
    return true;
  });
}

void relay::put(connection& to, std::string_view frame) {
  if (mode_ == relay_mode::batch || to.is_blocked || !to.outbox.empty()) {
    to.outbox.append(frame);
    return mark_to_flush(to);
  }
  const ssize_t count = send(to.descriptor, frame.data(), frame.size(), MSG_NOSIGNAL);
  const std::size_t sent = count < 0 ? 0 : static_cast<std::size_t>(count);
  if (sent == frame.size()) return;
  to.outbox.append(frame.substr(sent));
  mark_to_flush(to);
}

void relay::say(connection& to, std::string_view message) {
  wire_text::append_frame(to.outbox, wire_text::text_frame, message);
  mark_to_flush(to);
}

void relay::mark_to_flush(connection& c) {
  if (c.is_to_flush) return;
  c.is_to_flush = true;
  to_flush_.push_back(c.descriptor);
}

void relay::flush(connection& c) {
  c.is_to_flush = false;
  if (c.is_blocked || c.outbox.empty()) return;
  const ssize_t count = send(c.descriptor, c.outbox.data(), c.outbox.size(), MSG_NOSIGNAL);
  const std::size_t sent = count < 0 ? 0 : static_cast<std::size_t>(count);
  const bool is_done = sent == c.outbox.size();
  if (is_done && c.outbox.capacity() > buffer_bytes / 4) {
    c.outbox = std::string();
  } else {
    c.outbox.erase(0, sent);
  }
  if (!is_done) watch(c, true);
}

void relay::watch(connection& c, bool is_for_writing) {
  c.is_blocked = is_for_writing;
  epoll_event event{};
  event.events = is_for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.fd = c.descriptor;
  check(epoll_ctl(epoll_, EPOLL_CTL_MOD, c.descriptor, &event) == 0, "epoll_ctl");
}

void relay::drop(connection& c) {
  leave(c);
  ::close(c.descriptor);
  connections_[static_cast<std::size_t>(c.descriptor)].reset();
}

}  // namespace downbeat::bench
