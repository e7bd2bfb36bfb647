#include "io/event_loop.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// How much is handled before whatever is owed to peers is sent.
constexpr std::size_t most_in_a_turn = 512;
// A socket that the system reports ends at most this many waits: for reading, writing, and loss.
constexpr std::size_t most_waits_of_a_socket = 3;
// Far more than other threads post while this one is suspended: they are suspended, too.
constexpr std::size_t most_posted_in_a_pass = 16 * 1024;

}  // namespace

// Only one thread uses the sockets and timers of this context, so Asio need not lock them. Posting
// still locks.
event_loop::event_loop()
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), now_(clock::now()), wake_up_(context_) {}

void event_loop::run(client& peers) {
  peers_ = &peers;
  const auto keeps_running = asio::make_work_guard(context_);
  while (!is_stopped_.load(std::memory_order_relaxed)) turn(peers);
}

void event_loop::turn(client& peers) {
  const std::size_t handled = handle_ready();
  is_behind_ = handled == most_in_a_turn;
  // After the process was suspended, data that would have met a deadline may wait to be read. So no
  // deadline is checked until all have been read that were ready before. The system reports sockets
  // in the order in which they became ready, so that is done at the latest when it has reported as
  // many as there are.
  handled_in_a_pass_ += handled;
  const std::size_t posted = std::min(posted_in_a_pass_, most_posted_in_a_pass);
  const std::size_t reported = handled_in_a_pass_ - std::min(handled_in_a_pass_, posted);
  if (!is_behind_ || reported > most_waits_of_a_socket * (waits_ + most_in_a_turn)) {
    handled_in_a_pass_ = 0;
    posted_in_a_pass_ = 0;
    call_due_timers();
  }
  call_last_tasks();
  peers.end_turn();
}

// Returns how much was handled, at most `most_in_a_turn`. Sleeps if nothing is ready.
std::size_t event_loop::handle_ready() {
  const timer* const first = first_timer();
  const bool has_time =
      !is_behind_ && last_tasks_.empty() && (first == nullptr || *first->at_ > now());
  now_.reset();
  if (has_time) arm_wake_up();
  std::size_t handled = has_time ? context_.run_one() : context_.poll_one();
  // Whatever came before this time is handled below.
  static_cast<void>(now());
  while (handled < most_in_a_turn && context_.poll_one() > 0) ++handled;
  return handled;
}

void event_loop::call_last_tasks() {
  if (last_tasks_.empty()) return;
  const std::vector<task> all = std::exchange(last_tasks_, {});
  for (const task& one : all) one();
}

void event_loop::stop() {
  is_stopped_ = true;
  asio::post(context_, [] {});
}

void event_loop::wait(byte_stream& stream, std::uint64_t key, wait_type what) {
  ++waits_;
  stream.async_wait(what, ready{this, key, what});
}

void event_loop::on_waited(std::uint64_t key, wait_type what, const error_code& error) {
  --waits_;
  if (error != asio::error::operation_aborted) peers_->on_ready(key, what, error);
}

// There are only a few timers, so a linear search is enough.
timer* event_loop::first_timer() const {
  timer* first = nullptr;
  for (timer* const one : timers_) {
    if (one->at_ && (first == nullptr || *one->at_ < *first->at_)) first = one;
  }
  return first;
}

void event_loop::arm_wake_up() {
  const timer* const first = first_timer();
  if (first == nullptr || (wakes_up_at_ && *wakes_up_at_ <= *first->at_)) return;
  wakes_up_at_ = first->at_;
  wake_up_.expires_at(*wakes_up_at_);
  wake_up_.async_wait([this](const error_code& error) {
    if (error != asio::error::operation_aborted) wakes_up_at_.reset();
  });
}

void event_loop::call_due_timers() {
  for (timer* one = first_timer(); one != nullptr && *one->at_ <= now(); one = first_timer()) {
    one->clear();
    one->task_();
  }
}

timer::timer(event_loop& in, event_loop::task task) : in_(in), task_(std::move(task)) {
  in_.timers_.push_back(this);
}

timer::~timer() {
  in_.timers_.erase(std::find(in_.timers_.begin(), in_.timers_.end(), this));
}

}  // namespace downbeat::host
