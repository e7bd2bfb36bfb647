#include "server/server.hpp"

#include "http/response.hpp"
#include "server/listener.hpp"
#include "server/loop.hpp"
#include "server/metrics.hpp"
#include "server/signal_watch.hpp"
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
        loops_(make_loops(std::move(cores))),
        listener_(first().poll(), log_, options_.host, options_.port,
                  [this](descriptor socket, std::string remote_address) {
                    on_connection(std::move(socket), std::move(remote_address));
                  }) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::uint64_t files = raise_file_limit();
    max_connections_ = files > spare_files * 2 ? files - spare_files : files / 2;
    const auto wanted = static_cast<std::uint64_t>(options_.max_connections);
    if (wanted > 0) max_connections_ = std::min(max_connections_, wanted);
  }

  void record(std::unique_ptr<recorder> to) { first().record(std::move(to)); }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  void stop_on_signals() {
    signals_.emplace(first().poll(), std::initializer_list<int>{SIGINT, SIGTERM},
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
    std::vector<std::unique_ptr<loop>> loops;
    for (auto& core : cores) {
      const auto which = static_cast<shard_index>(loops.size());
      loops.push_back(std::make_unique<loop>(
          options_, std::move(core), log_,
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
    if (connections() >= max_connections_) return turn_away(std::move(socket));
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

  void turn_away(descriptor socket) {
    if (++refused_ == 1) {
      log_.write(log_level::warn, "too many connections", {{"reason", "new ones are turned away"}});
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
    of_first.count.connections_refused_total = refused_;
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
    if (is_stopping_) std::_Exit(128 + number);
    begin_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
  }

  void begin_stop(std::string_view reason) {
    if (std::exchange(is_stopping_, true)) return;
    log_.write(log_level::info, "shutting down",
               {{"reason", reason}, {"connections", std::to_string(connections())}});
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
    if (is_stopping_ && connections() == 0) first().stop();
  }

  server_options options_;
  logger& log_;
  std::vector<std::unique_ptr<loop>> loops_;
  listener listener_;
  std::optional<signal_watch> signals_;
  timer stop_timer_{first().poll(), [this] { first().stop(); }};
  std::size_t next_loop_ = 0;
  std::uint64_t open_ = 0;  ///< connections of all loops, if there are several
  std::uint64_t max_connections_ = 0;
  std::uint64_t refused_ = 0;
  bool is_stopping_ = false;
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
void server::stop_on_signals() {
  impl_->stop_on_signals();
}
void server::run() {
  impl_->run();
}
void server::stop() {
  impl_->stop();
}

}  // namespace downbeat::host
