#pragma once

#include "io/byte_stream.hpp"
#include "io/handler_memory.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace downbeat::host {

class timer;

/// The event loop of one thread: an Asio io_context that runs in turns.
///
/// A turn handles everything that is ready, then the deadlines that have passed, then calls
/// `client::end_turn`, where whatever is owed to peers is sent. What waits again for something does
/// so only then, so that each peer is read once in a turn, however much it sends.
class event_loop {
 public:
  using clock = std::chrono::steady_clock;
  using task = std::function<void()>;
  using wait_type = byte_stream::wait_type;

  class client {
   public:
    /// A wait has ended. The key may belong to a connection that is closed already. With an error,
    /// the system cannot watch the socket.
    virtual void on_ready(std::uint64_t key, wait_type what,
                          const boost::system::error_code& error) = 0;
    virtual void end_turn() = 0;

   protected:
    ~client() = default;
  };

  /// Throws boost::system::system_error.
  event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Runs until `stop` is called.
  void run(client& peers);

  // `stop` and `post` may be called from any thread, everything else only in that of the loop.

  void stop();

  /// Runs a task in the thread of the loop. Tasks from one thread run in the order of the calls.
  template <class Task>
  void post(Task what) {
    boost::asio::post(context_, [this, what = std::move(what)]() mutable {
      ++posted_in_a_pass_;
      what();
    });
  }

  /// Runs a task in this turn, after everything that is ready has been handled.
  void when_all_is_handled(task what) { last_tasks_.push_back(std::move(what)); }

  /// Waits once for a client's socket, and calls `client::on_ready`.
  void wait(byte_stream& stream, std::uint64_t key, wait_type what);

  /// What sockets, and whatever else waits, belong to.
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  /// The time at which the current turn began.
  [[nodiscard]] clock::time_point now() const {
    if (!now_) now_ = clock::now();
    return *now_;
  }
  /// Before `run`, when something has taken long.
  void refresh_time() { now_.reset(); }

 private:
  friend class timer;

  using asio_timer = boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>,
                                                       boost::asio::io_context::executor_type>;

  /// What Asio calls when a wait has ended.
  struct ready {
    event_loop* in;
    std::uint64_t key;
    wait_type what;

    using allocator_type = handler_allocator<void>;
    [[nodiscard]] allocator_type get_allocator() const noexcept {
      return allocator_type(in->handler_memory_);
    }
    void operator()(const boost::system::error_code& error) const {
      in->on_waited(key, what, error);
    }
  };

  void turn(client& peers);
  std::size_t handle_ready();
  void on_waited(std::uint64_t key, wait_type what, const boost::system::error_code& error);
  [[nodiscard]] timer* first_timer() const;
  void arm_wake_up();
  void call_due_timers();
  void call_last_tasks();

  handler_memory handler_memory_;  // outlives the context, which destroys waits
  boost::asio::io_context context_;
  client* peers_ = nullptr;
  mutable std::optional<clock::time_point> now_;

  // See `turn`.
  bool is_behind_ = false;
  std::size_t waits_ = 0;  ///< how many are under way
  std::size_t handled_in_a_pass_ = 0;
  std::size_t posted_in_a_pass_ = 0;

  std::vector<timer*> timers_;
  asio_timer wake_up_;
  std::optional<clock::time_point> wakes_up_at_;

  std::vector<task> last_tasks_;
  std::atomic<bool> is_stopped_ = false;
};

/// Calls a task once at a given time, if one is set. Its destructor removes it.
///
/// All timers of a loop share one of Asio's, which is set only if it would be too late: deadlines
/// are moved with nearly every message, and mostly to a later time.
class timer {
 public:
  timer(event_loop& in, event_loop::task task);
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer();

  void set(event_loop::clock::time_point at) { at_ = at; }
  void clear() { at_.reset(); }
  [[nodiscard]] bool is_set() const { return at_.has_value(); }

 private:
  friend class event_loop;

  event_loop& in_;
  event_loop::task task_;
  std::optional<event_loop::clock::time_point> at_;
};

}  // namespace downbeat::host
