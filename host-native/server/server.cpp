#include "server/server.hpp"

#include "http/response.hpp"
#include "server/admission.hpp"
#include "server/doorman.hpp"
#include "server/listener.hpp"
#include "server/loop.hpp"
#include "server/metrics.hpp"
#include "server/signal_watch.hpp"
#include "text/address_block.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

// Files that are not connections: the log, the loop's own, what is served.
constexpr std::uint64_t spare_files = 64;
constexpr instant_ms refusals_are_told_every_ms = 10'000;
// How often it is looked whether the last session has ended.
constexpr instant_ms drain_interval_ms = 100;

// As many files as the process may have; the soft limit is often a small one.
std::uint64_t raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024;
  if (files.rlim_cur < files.rlim_max) {
    rlimit more = files;
    more.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) files = more;
  }
  return files.rlim_cur;
}

}  // namespace

/// What there is once for all loops: the door, the signals, the words for the operator. All of it
/// is the first loop's to do.
class server::impl {
 public:
  impl(server_options options, std::vector<std::unique_ptr<engine>> cores, logger& log)
      : options_(std::move(options)),
        log_(log),
        door_(trusted_proxies(options_.trusted_proxies)),
        loops_(make_loops(std::move(cores))),
        listener_(first().poll(), log_, options_.host, options_.port,
                  [this](descriptor socket, std::string remote_address) {
                    on_connection(std::move(socket), std::move(remote_address));
                  }) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::uint64_t files = raise_file_limit();
    max_files_ = files > spare_files * 2 ? files - spare_files : files / 2;
    limit_door();
  }

  void record(std::unique_ptr<recorder> to) { first().record(std::move(to)); }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  void change_limits(const server_options& to, std::string_view engine_settings) {
    options_.max_connections = to.max_connections;
    options_.max_connections_by_address = to.max_connections_by_address;
    options_.max_connects_per_second_by_address = to.max_connects_per_second_by_address;
    limit_door();
    const server_options part = part_of_a_loop(to, loops_.size());
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      loops_[i]->poll().post([one = loops_[i].get(), part, json = std::string(engine_settings)] {
        one->change_limits(part, json);
      });
    }
    first().change_limits(part, engine_settings);
  }

  void obey_signals(std::function<void()> reload) {
    reload_ = std::move(reload);
    signals_.emplace(first().poll(), std::initializer_list<int>{SIGHUP, SIGINT, SIGTERM},
                     [this](int number) { on_signal(number); });
  }

  void run() {
    listener_.start();
    {
      const crew others(loops_);
      first().run();
    }
    log_.flush();
  }

  void stop() {
    first().poll().post([this] { begin_stop("stop"); });
  }

 private:
  /// The threads of all loops but the first. However that ends, they end, too.
  class crew {
   public:
    explicit crew(const std::vector<std::unique_ptr<loop>>& loops) : loops_(loops) {
      for (std::size_t i = 1; i < loops.size(); ++i) {
        threads_.emplace_back([one = loops[i].get()] { one->run(); });
      }
    }
    crew(const crew&) = delete;
    crew& operator=(const crew&) = delete;
    ~crew() {
      for (std::size_t i = 1; i < loops_.size(); ++i) loops_[i]->stop();
      for (std::thread& one : threads_) one.join();
    }

   private:
    const std::vector<std::unique_ptr<loop>>& loops_;
    std::vector<std::thread> threads_;
  };

  std::vector<std::unique_ptr<loop>> make_loops(std::vector<std::unique_ptr<engine>> cores) {
    const auto origin = poller::clock::now();
    const server_options part = part_of_a_loop(options_, cores.size());
    std::vector<std::unique_ptr<loop>> loops;
    for (auto& core : cores) {
      const auto which = static_cast<shard_index>(loops.size());
      loops.push_back(std::make_unique<loop>(
          part, std::move(core), log_, door_,
          loop::ties{{[this, which](const figures& all) { return health(all, which); }, metrics},
                     [this, which](auto done) { gather(which, std::move(done)); },
                     [this, which] { on_turn(which); },
                     [this, which](shard_index to, std::vector<letter> letters) {
                       send(which, to, std::move(letters));
                     },
                     origin}));
    }
    return loops;
  }

  // What all queues may hold is shared out among the loops.
  static server_options part_of_a_loop(server_options all, std::size_t loops) {
    if (all.max_queued_bytes_in_all == 0) return all;
    all.max_queued_bytes_in_all =
        std::max<std::int64_t>(all.max_queued_bytes_in_all / static_cast<std::int64_t>(loops), 1);
    return all;
  }

  [[nodiscard]] loop& first() { return *loops_.front(); }
  [[nodiscard]] bool is_alone() const { return loops_.size() == 1; }

  void send(shard_index from, shard_index to, std::vector<letter> letters) {
    loop& target = *loops_[to];
    // A task must be copyable, which letters are not.
    auto shared = std::make_shared<std::vector<letter>>(std::move(letters));
    target.poll().post([&target, from, shared] { target.receive(from, std::move(*shared)); });
  }

  // The door.

  void on_connection(descriptor socket, std::string remote_address) {
    if (!door_.proxies().trusts(remote_address) &&
        !doorman_.admits(first().now(), address_block(remote_address))) {
      at_door_.limited.count("connects_per_second_by_address");
      return slam_the_door(socket);
    }
    switch (door_.enter(remote_address)) {
      case admission::answer::welcome: return let_in(std::move(socket), std::move(remote_address));
      case admission::answer::too_many: return turn_away(socket, "connections", remote_address);
      case admission::answer::too_many_of_address:
        return turn_away(socket, "connections_by_address", remote_address);
    }
  }

  // There are never more connections than the process may open files.
  void limit_door() {
    const auto wanted = static_cast<std::uint64_t>(options_.max_connections);
    door_.limit(wanted > 0 ? std::min(max_files_, wanted) : max_files_,
                static_cast<std::uint64_t>(options_.max_connections_by_address));
    doorman_.limit(options_.max_connects_per_second_by_address);
  }

  void let_in(descriptor socket, std::string remote_address) {
    if (is_alone()) return first().serve(std::move(socket), std::move(remote_address));
    ++open_;
    loop& next = *loops_[next_loop_];
    next_loop_ = (next_loop_ + 1) % loops_.size();
    auto shared = std::make_shared<descriptor>(std::move(socket));
    next.poll().post(
        [&next, shared, remote_address] { next.serve(std::move(*shared), remote_address); });
  }

  /// Those that are on the way from one loop to another are open, too.
  [[nodiscard]] std::uint64_t connections() const {
    return is_alone() ? loops_.front()->connections() : open_;
  }

  /// Closes with a reset: an answer, or an orderly end, would cost more than it is worth.
  static void slam_the_door(const descriptor& socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  void turn_away(const descriptor& socket, std::string_view limit, std::string_view address) {
    ++at_door_.connections_refused_total;
    at_door_.limited.count(limit);
    // A flood shall not fill the log as well.
    if (first().now() >= say_again_) {
      say_again_ = first().now() + refusals_are_told_every_ms;
      log_.write(log_level::warn, "too many connections",
                 {{"reason", limit == "connections" ? "all places are taken"
                                                    : "the address has too many already"},
                  {"address", address}});
    }
    std::string reply;
    append_response(
        reply, {503, "text/plain; charset=utf-8", "Too many connections\n", "Retry-After: 10\r\n"},
        false, false);
    const ssize_t ignored =
        ::send(socket.number(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    static_cast<void>(ignored);
    ::shutdown(socket.number(), SHUT_WR);
  }

  // What operators ask.

  void gather(shard_index asker, std::function<void(const figures&)> done) {
    if (is_alone()) return done(with_ours(first().measure()));
    struct gathering {
      std::size_t missing;
      figures sum;
      std::function<void(const figures&)> done;
    };
    // Only the loop that asks looks into it.
    const auto all = std::make_shared<gathering>(gathering{loops_.size(), {}, std::move(done)});
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      loops_[i]->poll().post([this, asker, all, i] {
        const figures part = i == 0 ? with_ours(loops_[i]->measure()) : loops_[i]->measure();
        loops_[asker]->poll().post([all, part] {
          all->sum += part;
          if (--all->missing == 0) all->done(all->sum);
        });
      });
    }
  }

  [[nodiscard]] figures with_ours(figures of_first) const {
    of_first.count += at_door_;
    of_first.is_stopping = is_stopping_;
    return of_first;
  }

  [[nodiscard]] std::string health(const figures& all, shard_index which) const {
    return nlohmann::ordered_json{{"status", all.is_stopping ? "stopping" : "ok"},
                                  {"version", version},
                                  {"commit", commit},
                                  {"uptimeSeconds", loops_[which]->now() / 1000},
                                  {"connections", all.connections}}
               .dump() +
           "\n";
  }

  static std::string metrics(const figures& all) {
    return prometheus_text(all.core, all.count, all.connections, measure_process());
  }

  // The end.

  void on_signal(int number) {
    if (number == SIGHUP) return reload_();
    if (is_stopping_) std::_Exit(128 + number);
    begin_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
  }

  void begin_stop(std::string_view reason) {
    if (std::exchange(is_stopping_, true)) return;
    log_.write(log_level::info, "shutting down",
               {{"reason", reason}, {"connections", std::to_string(connections())}});
    // While anybody is in a session, all are told, and have time to play to the end. Whoever asks
    // learns meanwhile that this server is not ready for more.
    drain_end_ = first().now() + options_.drain_timeout_ms;
    gather(0, [this](const figures& all) {
      if (sessions_of(all) == 0 || options_.drain_timeout_ms == 0) return take_leave();
      for (std::size_t i = 1; i < loops_.size(); ++i) {
        loops_[i]->poll().post([one = loops_[i].get()] { one->drain(); });
      }
      first().drain();
      wait_for_sessions();
    });
  }

  void wait_for_sessions() {
    const instant_ms wait = std::min(drain_end_ - first().now(), drain_interval_ms);
    if (wait <= 0) return take_leave();
    drain_timer_.set(first().poll().now() + std::chrono::milliseconds(wait));
  }

  void look_for_sessions() {
    gather(0, [this](const figures& all) {
      if (sessions_of(all) == 0) return take_leave();
      wait_for_sessions();
    });
  }

  static std::uint64_t sessions_of(const figures& all) {
    for (const measurement& one : all.core) {
      if (one.name == "sessions") return one.value;
    }
    return 0;
  }

  void take_leave() {
    if (std::exchange(is_leaving_, true)) return;
    listener_.stop();
    stop_timer_.set(first().poll().now() + std::chrono::milliseconds(options_.shutdown_timeout_ms));
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      loops_[i]->poll().post([one = loops_[i].get()] { one->take_leave(); });
    }
    first().take_leave();
  }

  void on_turn(shard_index which) {
    if (!is_alone()) {
      const std::size_t closed = loops_[which]->take_closed();
      if (which != 0) {
        if (closed > 0) first().poll().post([this, closed] { open_ -= closed; });
        return;
      }
      open_ -= closed;
    }
    if (is_leaving_ && connections() == 0) first().stop();
  }

  server_options options_;
  logger& log_;
  admission door_;
  doorman doorman_;
  std::vector<std::unique_ptr<loop>> loops_;
  listener listener_;
  std::optional<signal_watch> signals_;
  timer stop_timer_{first().poll(), [this] { first().stop(); }};
  std::size_t next_loop_ = 0;
  std::uint64_t open_ = 0;  ///< connections of all loops, if there are several
  std::uint64_t max_files_ = 0;
  counters at_door_;  ///< of those who were not let in
  instant_ms say_again_ = 0;
  timer drain_timer_{first().poll(), [this] { look_for_sessions(); }};
  instant_ms drain_end_ = 0;
  std::function<void()> reload_;
  bool is_stopping_ = false;  ///< and takes in nobody new
  bool is_leaving_ = false;
};

namespace {

std::vector<std::unique_ptr<engine>> only(std::unique_ptr<engine> core) {
  std::vector<std::unique_ptr<engine>> cores;
  cores.push_back(std::move(core));
  return cores;
}

}  // namespace

server::server(server_options options, std::unique_ptr<engine> core, logger& log)
    : server(std::move(options), only(std::move(core)), log) {}
server::server(server_options options, std::vector<std::unique_ptr<engine>> cores, logger& log)
    : impl_(std::make_unique<impl>(std::move(options), std::move(cores), log)) {}
server::~server() = default;

void server::record(std::unique_ptr<recorder> to) {
  impl_->record(std::move(to));
}
std::uint16_t server::port() const {
  return impl_->port();
}
void server::obey_signals(std::function<void()> reload) {
  impl_->obey_signals(std::move(reload));
}
void server::change_limits(const server_options& to, std::string_view engine_settings) {
  impl_->change_limits(to, engine_settings);
}
void server::run() {
  impl_->run();
}
void server::stop() {
  impl_->stop();
}

}  // namespace downbeat::host
