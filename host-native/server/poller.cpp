#include "server/poller.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace downbeat::host {
namespace {

constexpr std::size_t events_in_a_turn = 512;
// Tells the key of something that is watched, which is its descriptor, from a peer's.
constexpr std::uint64_t watched_bit = std::uint64_t{1} << 63;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

poller::poller()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  watch(wakeup_.number(), [this] { call_posted(); });
}

poller::~poller() = default;

void poller::control(int operation, int what, std::uint32_t events, std::uint64_t key) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = key;
  checked(::epoll_ctl(epoll_.number(), operation, what, &event), "epoll_ctl");
}

void poller::run(client& peers) {
  std::array<epoll_event, events_in_a_turn> events;
  while (!is_stopped_.load(std::memory_order_relaxed)) {
    const int count = ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()),
                                   patience_ms());
    if (count < 0 && errno != EINTR) checked(count, "epoll_wait");
    now_ = clock::now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const std::uint64_t key = event.data.u64;
      if ((key & watched_bit) != 0) {
        call_watched(static_cast<int>(key & ~watched_bit));
        continue;
      }
      if ((event.events & EPOLLOUT) != 0) peers.on_writable(key);
      if ((event.events & ~EPOLLOUT) != 0) peers.on_readable(key);
    }
    call_due_timers();
    peers.end_turn();
  }
}

void poller::stop() {
  is_stopped_ = true;
  wake();
}

void poller::post(task what) {
  {
    const std::lock_guard lock(posted_guard_);
    posted_.push_back(std::move(what));
    if (posted_.size() > 1) return;
  }
  wake();
}

void poller::wake() {
  // It fails only when it has been woken very often already.
  static_cast<void>(::eventfd_write(wakeup_.number(), 1));
}

void poller::call_posted() {
  eventfd_t ignored = 0;
  static_cast<void>(::eventfd_read(wakeup_.number(), &ignored));
  std::vector<task> tasks;
  {
    const std::lock_guard lock(posted_guard_);
    tasks.swap(posted_);
  }
  for (const task& one : tasks) one();
}

void poller::add_peer(int peer, std::uint64_t key) {
  control(EPOLL_CTL_ADD, peer, EPOLLIN, key);
}

void poller::remove_peer(int peer) {
  static_cast<void>(::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, peer, nullptr));
}

void poller::await(int peer, std::uint64_t key, bool is_readable, bool is_writable) {
  const std::uint32_t events = (is_readable ? EPOLLIN : 0u) | (is_writable ? EPOLLOUT : 0u);
  control(EPOLL_CTL_MOD, peer, events, key);
}

void poller::watch(int what, task readable) {
  watched_.push_back(std::make_unique<watched>(watched{what, std::move(readable)}));
  control(EPOLL_CTL_ADD, what, EPOLLIN, watched_bit | static_cast<std::uint64_t>(what));
}

void poller::unwatch(int what) {
  static_cast<void>(::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, what, nullptr));
  const auto at = std::find_if(watched_.begin(), watched_.end(),
                               [&](const auto& one) { return one->what == what; });
  if (at != watched_.end()) watched_.erase(at);
}

void poller::call_watched(int what) {
  for (const auto& one : watched_) {
    if (one->what != what) continue;
    // What is called may end the watch.
    const task readable = one->readable;
    return readable();
  }
}

// There are a handful of them.
timer* poller::first_timer() const {
  timer* first = nullptr;
  for (timer* const one : timers_) {
    if (one->at_ && (first == nullptr || *one->at_ < *first->at_)) first = one;
  }
  return first;
}

void poller::call_due_timers() {
  for (timer* one = first_timer(); one != nullptr && *one->at_ <= now_; one = first_timer()) {
    one->clear();
    one->task_();
  }
}

int poller::patience_ms() const {
  const timer* const first = first_timer();
  if (first == nullptr) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*first->at_ - clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(wait.count(), 0, std::numeric_limits<int>::max()));
}

timer::timer(poller& in, poller::task task) : in_(in), task_(std::move(task)) {
  in_.timers_.push_back(this);
}

timer::~timer() {
  in_.timers_.erase(std::find(in_.timers_.begin(), in_.timers_.end(), this));
}

}  // namespace downbeat::host
