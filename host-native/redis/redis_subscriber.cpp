#include "redis/redis_subscriber.hpp"

#include "io/without_signals.hpp"
#include "redis/redis_connection.hpp"
#include "redis/redis_log_store.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace downbeat::host {
namespace {

constexpr std::chrono::milliseconds reconnect_interval{250};

}  // namespace

/// What both threads use; the last one deletes it.
struct redis_subscriber::shared {
  shared(redis_address to, std::chrono::milliseconds longest)
      : where(std::move(to)), patience(longest) {}

  void run() {
    std::unique_lock lock(mutex);
    while (!is_stopping) {
      const std::uint64_t which = wanted;
      lock.unlock();
      try {
        listen(which);
      } catch (const redis_away&) {
        // The other connection tells why.
      }
      lock.lock();
      current = nullptr;
      if (std::exchange(is_subscribed, false) && wanted == which) {
        arrived.is_over = true;
        if (news) news();
      }
      if (wanted == which) {
        changed.wait_for(lock, reconnect_interval, [&] { return is_stopping || wanted != which; });
      }
    }
  }

  void listen(std::uint64_t which) {
    redis_connection connection(where, patience);
    {
      const std::lock_guard guard(mutex);
      if (is_stopping || wanted != which) return;
      current = &connection;
    }
    try {
      connection.queue({"SUBSCRIBE", appends_channel(where)});
      for (;;) {
        redis_reply reply = connection.receive();
        if (reply.items.size() != 3) throw redis_away(reply.text);
        if (!take_in(which, reply.items[0].text == "subscribe", std::move(reply.items[2].text))) {
          break;
        }
      }
    } catch (const redis_away&) {
      forget();
      throw;
    }
    forget();
  }

  /// Nobody may cancel it any more.
  void forget() {
    const std::lock_guard guard(mutex);
    current = nullptr;
  }

  bool take_in(std::uint64_t which, bool is_begin, std::string text) {
    const std::lock_guard guard(mutex);
    if (is_stopping || wanted != which) return false;
    if (is_begin) {
      is_subscribed = true;
      arrived = {};
      arrived.is_new = true;
    } else {
      arrived.messages.push_back(std::move(text));
    }
    // With the lock, so that nobody calls it after it was taken away.
    if (news) news();
    return true;
  }

  const redis_address where;
  const std::chrono::milliseconds patience;
  std::mutex mutex;  ///< of the members below
  std::condition_variable changed;
  std::function<void()> news;
  heard arrived;
  std::uint64_t wanted = 0;             ///< number of the connection that is wanted
  redis_connection* current = nullptr;  ///< that the thread is waiting for
  bool is_subscribed = false;
  bool is_stopping = false;
};

redis_subscriber::redis_subscriber(redis_address where, std::chrono::milliseconds patience)
    : shared_(std::make_shared<shared>(std::move(where), patience)) {
  const without_signals guard;
  std::thread([all = shared_] { all->run(); }).detach();
}

redis_subscriber::~redis_subscriber() {
  const std::lock_guard guard(shared_->mutex);
  shared_->is_stopping = true;
  shared_->news = {};
  shared_->changed.notify_one();
  try {
    if (shared_->current != nullptr) shared_->current->cancel();
  } catch (const std::exception&) {
    // Without memory for that, the thread ends when its connection does.
    return;
  }
}

void redis_subscriber::on_news(std::function<void()> news) {
  const std::lock_guard guard(shared_->mutex);
  shared_->news = std::move(news);
  const heard& arrived = shared_->arrived;
  const bool is_news = arrived.is_new || arrived.is_over || !arrived.messages.empty();
  if (shared_->news && is_news) shared_->news();
}

void redis_subscriber::begin_again() {
  const std::lock_guard guard(shared_->mutex);
  ++shared_->wanted;
  shared_->arrived = {};
  if (shared_->current != nullptr) shared_->current->cancel();
  shared_->changed.notify_one();
}

redis_subscriber::heard redis_subscriber::take() {
  const std::lock_guard guard(shared_->mutex);
  return std::exchange(shared_->arrived, {});
}

}  // namespace downbeat::host
