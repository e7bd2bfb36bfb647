#include "flood/campaign.hpp"

#include "bench/load/clock.hpp"

#include <sys/epoll.h>

#include <array>
#include <utility>

namespace downbeat::flood {
namespace {

// In a millisecond. More would use up the core on which the jam is measured.
constexpr int most_connects = 4;
// Reads of one connection in a row, so that one that receives much does not block the others.
constexpr int most_reads = 16;
constexpr std::uint32_t loopback_addresses = 0x7f000200;  // 127.0.2.0 and up

epoll_event interest_in(const assailant& a) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.u32 = a.number;
  return event;
}

}  // namespace

campaign::campaign(std::uint16_t port, attack kind)
    : port_(port), kind_(std::move(kind)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (std::uint32_t i = 0; i < kind_.connections; ++i) all_.emplace_back().number = i;
}

void campaign::run(std::int64_t end) {
  std::int64_t looked_at = 0;
  while (bench::now_ns() < end) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1);
    for (int i = 0; i < count; ++i) {
      handle(all_[events[static_cast<std::size_t>(i)].data.u32],
             events[static_cast<std::size_t>(i)].events);
    }
    if (bench::now_ns() - looked_at < 1'000'000) continue;
    looked_at = bench::now_ns();
    int left = most_connects;
    for (auto& a : all_) {
      if (a.descriptor < 0 && left-- > 0) begin(a);
      if (!a.is_connected || !kind_.on_time || a.next_at > looked_at) continue;
      // The first wait differs for each connection, so that they do not act all at once.
      const std::int64_t wait = kind_.on_time(a);
      a.next_at = looked_at + (a.next_at == 0 ? wait * (a.number % 97) / 97 : wait);
      flush(a);
    }
  }
}

void campaign::report_to(bench::report& found) const {
  found.add("connects", connects_);
  found.add("thrown_out", thrown_out_);
  found.add("sent_mb", static_cast<double>(sent_) / 1e6);
  found.add("received_mb", static_cast<double>(received_) / 1e6);
  std::int64_t standing = 0;
  for (const auto& a : all_) standing += a.is_connected ? 1 : 0;
  found.add("standing", standing);
}

void campaign::begin(assailant& a) {
  const std::uint32_t source = loopback_addresses + 1 + a.number % kind_.addresses;
  if (!connect_from(a, source, port_, kind_.receive_bytes)) return;
  ++connects_;
  epoll_event event = interest_in(a);
  epoll_ctl(epoll_, EPOLL_CTL_ADD, a.descriptor, &event);
}

void campaign::handle(assailant& a, std::uint32_t events) {
  if (a.descriptor < 0) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(a);
  if (!a.is_connected && (events & EPOLLOUT) != 0) a.is_connected = true;
  if ((events & EPOLLIN) != 0 && kind_.is_reading(a) && !read(a)) return end(a);
  if (kind_.on_event) kind_.on_event(a);
  flush(a);
}

/// Returns false if the connection is closed.
bool campaign::read(assailant& a) {
  for (int i = 0; i < most_reads; ++i) {
    const std::size_t before = a.inbox.size();
    if (!pull(a)) return false;
    if (a.inbox.size() == before) return true;
    a.received += a.inbox.size() - before;
    received_ += a.inbox.size() - before;
  }
  // There may be more to read, and edge-triggered epoll would not report it again.
  epoll_event event = interest_in(a);
  epoll_ctl(epoll_, EPOLL_CTL_MOD, a.descriptor, &event);
  return true;
}

void campaign::flush(assailant& a) {
  if (a.descriptor < 0) return;
  const std::size_t before = a.outbox.size();
  if (!push(a)) return end(a);
  sent_ += before - a.outbox.size();
  if (a.stage < 0) abandon_and_count(a);
}

void campaign::end(assailant& a) {
  ++thrown_out_;
  abandon_and_count(a);
}

void campaign::abandon_and_count(assailant& a) {
  abandon(a);
  a.is_connected = false;
  a.next_at = 0;
}

}  // namespace downbeat::flood
