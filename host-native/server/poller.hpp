#pragma once

#include "server/descriptor.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace downbeat::host {

class timer;

/// What one thread waits for, in turns: peers, other descriptors, times, and what other threads
/// ask of it.
///
/// It is there instead of Asio's io_context because that tells the kernel anew of every wait for
/// every peer, and looks for events twice in a turn. At the rate of a jam these two calls cost more
/// than all that is done with an event. Here a peer is made known once, and what a turn owes the
/// peers is written when all that had come has been read.
class poller {
 public:
  using clock = std::chrono::steady_clock;
  using task = std::function<void()>;

  /// Who serves the peers. A key may belong to a peer that is gone already.
  class client {
   public:
    virtual void on_readable(std::uint64_t key) = 0;  ///< or lost: reading tells
    virtual void on_writable(std::uint64_t key) = 0;
    virtual void end_turn() = 0;

   protected:
    ~client() = default;
  };

  /// Throws std::system_error.
  poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;
  ~poller();

  /// Takes turns until it is stopped.
  void run(client& peers);

  // These two may be called from any thread.

  void stop();
  /// Has something done in the thread that runs.
  void post(task what);

  /// Makes a peer known, until its descriptor is closed or removed. The topmost bit of the key is
  /// not for use. Throws std::system_error.
  void add_peer(int peer, std::uint64_t key);
  void remove_peer(int peer);
  /// Whether it is told that the peer can be read, as at first, and that it can be written to.
  void await(int peer, std::uint64_t key, bool is_readable, bool is_writable);

  /// Calls `readable` in every turn in which a descriptor, one of a few, is that. Throws
  /// std::system_error.
  void watch(int what, task readable);
  void unwatch(int what);

  /// The time at which the present turn began.
  [[nodiscard]] clock::time_point now() const { return now_; }

 private:
  friend class timer;

  struct watched {
    int what;
    task readable;
  };

  void control(int operation, int what, std::uint32_t events, std::uint64_t key);
  [[nodiscard]] timer* first_timer() const;
  [[nodiscard]] int patience_ms() const;
  void wake();
  void call_watched(int what);
  void call_due_timers();
  void call_posted();

  descriptor epoll_;
  descriptor wakeup_;
  clock::time_point now_ = clock::now();
  std::vector<std::unique_ptr<watched>> watched_;
  std::vector<timer*> timers_;

  std::atomic<bool> is_stopped_ = false;
  std::mutex posted_guard_;
  std::vector<task> posted_;
};

/// A task that is called once at a time, if that is set.
class timer {
 public:
  timer(poller& in, poller::task task);
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer();

  void set(poller::clock::time_point at) { at_ = at; }
  void clear() { at_.reset(); }
  [[nodiscard]] bool is_set() const { return at_.has_value(); }

 private:
  friend class poller;

  poller& in_;
  poller::task task_;
  std::optional<poller::clock::time_point> at_;
};

}  // namespace downbeat::host
