#include "server/server.hpp"

#include "connection/connection_limiter.hpp"
#include "http/response.hpp"
#include "io/byte_stream.hpp"
#include "io/ending_signals.hpp"
#include "io/platform.hpp"
#include "io/signal_listener.hpp"
#include "io/without_signals.hpp"
#include "journal/control_socket.hpp"
#include "journal/journal_writer.hpp"
#include "node.hpp"
#include "operator/handshake_log.hpp"
#include "operator/operator_desk.hpp"
#include "operator/origin_log.hpp"
#include "operator/prometheus.hpp"
#include "redis/relay_link.hpp"
#include "server/listener.hpp"
#include "server/urls.hpp"
#include "session/canonical_code.hpp"
#include "shards/loop.hpp"
#include "version.hpp"
#include "web/web_root.hpp"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::host {
namespace {

// Descriptors kept free for the log, the loops, and the web root.
constexpr std::uint64_t spare_files = 64;
constexpr instant_ms rejection_log_interval_ms = 10'000;
// How often to check whether the last session has ended.
constexpr instant_ms drain_interval_ms = 100;
constexpr instant_ms short_close_timeout_ms = 1'000;
constexpr instant_ms close_timeout_with_journal_ms = 250;

// The number of files that this process may open. Only the program raises that limit.
std::uint64_t file_limit() {
  rlimit files{};
  return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 1024;
}

}  // namespace

/// What exists once for all loops: listener and connection limits, signals, operator endpoints. All
/// of it runs in the first loop's thread.
class server::impl {
 public:
  impl(server_options options, std::vector<std::unique_ptr<engine>> cores, logger& log)
      : options_(std::move(options)),
        log_(log),
        limiter_(trusted_proxies(options_.trusted_proxies)),
        web_root_(options_.web_root.empty() ? nullptr
                                            : std::make_unique<web_root>(options_.web_root, log_)),
        loops_(make_loops(std::move(cores))),
        listener_(make_listener()) {
    const std::uint64_t files = std::min<std::uint64_t>(file_limit(), most_watched_descriptors());
    max_files_ = files > spare_files * 2 ? files - spare_files : files / 2;
    apply_connection_limits();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    // Its thread must not answer loops that are gone.
    control_.reset();
    if (journal_) journal_->stop();
  }

  void record(std::size_t which, std::unique_ptr<recorder> to) {
    to->on_failure([this](std::string_view why) {
      // The recorder may have failed in another thread.
      first().events().post([this, reason = std::string(why)] {
        ++server_counters_.recording_failures_total;
        log_.write(log_level::error, "recording stopped", {{"reason", reason}});
      });
    });
    loops_[which]->record(std::move(to));
  }

  void use_certificate(std::shared_ptr<tls_context> certificate) {
    server_counters_.tls_certificate_expiry_s =
        static_cast<std::uint64_t>(std::max<std::int64_t>(certificate->expiry_s(), 0));
    certificate_ = std::move(certificate);
  }

  void use_journal(std::unique_ptr<journal_writer> journal, const std::string& control_folder) {
    journal_ = std::move(journal);
    const auto shards = static_cast<shard_index>(loops_.size());
    for (shard_index i = 0; i < shards; ++i) {
      loops_[i]->keep_in([this, i](std::vector<output::append> what, std::uint64_t seen) {
        journal_->append(i, std::move(what), seen);
      });
    }
    journal_->load([&](const session::room& room, std::string_view snapshot) {
      ++restored_sessions_;
      loops_[session::shard_of(*session::canonicalize(room.code), shards)]->restore(snapshot);
    });
    // Members of rooms may be connected to another node.
    for (const cluster::update::any& update : journal_->take_updates()) {
      const auto* const nodes = std::get_if<cluster::update::nodes_changed>(&update);
      if (nodes == nullptr) continue;
      // The engines would take all members for those of a server that is alone.
      if (!read_nodes(nodes->json)) {
        throw unusable_journal(journal_->name() + ": the list of its nodes cannot be read",
                               unusable_journal::reason::unreadable);
      }
      for (const auto& one : loops_) one->hear(*nodes);
    }
    for (const auto& one : loops_) one->finish_restore();
    if (!control_folder.empty()) open_control_socket(control_folder);
    journal_->start(
        shards,
        [this](shard_index to, journal_updates what) {
          loop& target = *loops_[to];
          target.events().post(
              [&target, what = std::move(what)]() mutable { target.hear(std::move(what)); });
        },
        [this](const std::string& why) {
          first().events().post([this, why] { on_journal_lost(why); });
        });
  }

  void use_relay(const redis_address& where, node_id self) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      relay_receiver::handler take;
      if (i == 0) {
        take = [this](node_id from, std::span<const std::string_view> messages) {
          on_relayed(from, messages);
        };
      }
      loops_[i]->relay_through(std::make_unique<relay_link>(
          loops_[i]->events(), where, self, static_cast<std::uint32_t>(i), std::move(take), log_));
    }
  }

  // The server does its work without it.
  void open_control_socket(const std::string& folder) {
    try {
      control_.emplace(first().events(), folder, *journal_);
    } catch (const std::exception& error) {
      log_.write(log_level::warn, "control socket not opened",
                 {{"folder", folder}, {"reason", error.what()}});
    }
  }

  [[nodiscard]] std::size_t restored_sessions() const { return restored_sessions_; }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

  void change_limits(const server_options& to, std::string_view engine_settings) {
    options_.max_connections = to.max_connections;
    options_.max_connections_by_address = to.max_connections_by_address;
    options_.max_connects_per_second_by_address = to.max_connects_per_second_by_address;
    apply_connection_limits();
    const server_options part = part_of_a_loop(to, loops_.size());
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      loops_[i]->events().post([one = loops_[i].get(), part, json = std::string(engine_settings)] {
        one->change_limits(part, json);
      });
    }
    first().change_limits(part, engine_settings);
  }

  void obey_signals(std::function<void()> reload, std::function<void()> stopping) {
    reload_ = std::move(reload);
    stopping_ = std::move(stopping);
    signals_.emplace(first().events(), std::initializer_list<int>{SIGHUP, SIGINT, SIGTERM},
                     [this](int number) { on_signal(number); });
  }

  void query(std::string json, operator_desk::receiver done) {
    first().events().post([this, json = std::move(json), done = std::move(done)]() mutable {
      desk_.query(std::move(json), std::move(done));
    });
  }

  void operate(std::string json, operator_desk::receiver done) {
    first().events().post([this, json = std::move(json), done = std::move(done)]() mutable {
      desk_.operate(std::move(json), std::move(done));
    });
  }

  void run() {
    listener_->start();
    if (web_root_) web_root_->keep_up();
    {
      const worker_threads others(loops_, [this](const std::exception_ptr& why) {
        first().events().post([this, why] { on_failure(why); });
      });
      try {
        first().run();
      } catch (...) {
        // Only this loop can shut down the others in order; without it, their connections are cut
        // off.
        failure_ = std::current_exception();
        log_failure();
      }
    }
    desk_.close();
    // Loops have said their last; it is written before the process ends.
    control_.reset();
    stop_journal();
    if (failure_) std::rethrow_exception(failure_);
  }

  void stop() {
    first().events().post([this] { begin_stop("stop"); });
  }

 private:
  /// The threads of all loops but the first. The destructor ends them. If a loop fails, `failed` is
  /// called in its thread.
  class worker_threads {
   public:
    worker_threads(const std::vector<std::unique_ptr<loop>>& loops,
                   const std::function<void(std::exception_ptr)>& failed)
        : loops_(loops) {
      const without_signals guard;
      for (std::size_t i = 1; i < loops.size(); ++i) {
        threads_.emplace_back([one = loops[i].get(), failed] {
          try {
            one->run();
          } catch (...) {
            failed(std::current_exception());
          }
        });
      }
    }
    worker_threads(const worker_threads&) = delete;
    worker_threads& operator=(const worker_threads&) = delete;
    ~worker_threads() {
      for (std::size_t i = 1; i < loops_.size(); ++i) loops_[i]->stop_soon();
      for (std::thread& one : threads_) one.join();
    }

   private:
    const std::vector<std::unique_ptr<loop>>& loops_;
    std::vector<std::thread> threads_;
  };

  std::vector<std::unique_ptr<loop>> make_loops(std::vector<std::unique_ptr<engine>> cores) {
    const auto origin = event_loop::clock::now();
    const server_options part = part_of_a_loop(options_, cores.size());
    std::vector<std::unique_ptr<loop>> loops;
    for (auto& core : cores) {
      const auto which = static_cast<shard_index>(loops.size());
      loops.push_back(std::make_unique<loop>(
          part, std::move(core), log_, limiter_,
          loop::hooks{
              {[this, which](const metrics_snapshot& all) { return health(all, which); }, metrics,
               [this] {
                 return network_urls(options_.is_tls() ? "https" : "http", options_.host, port());
               }},
              [this, which](auto done) { collect_metrics(which, std::move(done)); },
              [this, which] { on_turn(which); },
              [this, which](shard_index to, std::vector<loop_message> messages) {
                send(which, to, std::move(messages));
              },
              [this](std::uint64_t id, std::string json) {
                first().events().post(
                    [this, id, json = std::move(json)] { desk_.answered(id, json); });
              },
              origin,
              web_root_.get(),
              refusals_,
              handshakes_}));
    }
    return loops;
  }

  std::unique_ptr<listener> make_listener() {
    const auto arrived = [this](file_descriptor socket, std::string remote_address) {
      on_connection(byte_stream(std::move(socket)), std::move(remote_address));
    };
    if (!options_.listening_sockets.empty()) {
      return std::make_unique<listener>(first().events(), log_, options_.listening_sockets,
                                        arrived);
    }
    return std::make_unique<listener>(first().events(), log_, options_.host, options_.port, arrived,
                                      std::chrono::milliseconds(options_.bind_patience_ms));
  }

  // Divides the limit on queued bytes among the loops.
  static server_options part_of_a_loop(server_options all, std::size_t loops) {
    if (all.max_queued_bytes_in_all == 0) return all;
    all.max_queued_bytes_in_all =
        std::max<std::int64_t>(all.max_queued_bytes_in_all / static_cast<std::int64_t>(loops), 1);
    return all;
  }

  [[nodiscard]] loop& first() { return *loops_.front(); }
  [[nodiscard]] bool is_alone() const { return loops_.size() == 1; }

  void send(shard_index from, shard_index to, std::vector<loop_message> messages) {
    loop& target = *loops_[to];
    target.events().post([&target, from, messages = std::move(messages)]() mutable {
      target.receive(from, std::move(messages));
    });
  }

  // Other nodes.

  // In the first loop's thread. The first line of a message is the room's code.
  void on_relayed(node_id from, std::span<const std::string_view> messages) {
    if (is_alone()) return first().relayed(from, messages);
    std::vector<std::vector<std::string>> by_loop(loops_.size());
    for (const std::string_view one : messages) {
      const auto code = session::canonicalize(one.substr(0, one.find('\n')));
      if (!code) continue;
      by_loop[session::shard_of(*code, static_cast<shard_index>(loops_.size()))].emplace_back(one);
    }
    for (std::size_t i = 0; i < by_loop.size(); ++i) {
      if (by_loop[i].empty()) continue;
      loops_[i]->events().post([one = loops_[i].get(), from, kept = std::move(by_loop[i])] {
        one->relayed(from, std::vector<std::string_view>(kept.begin(), kept.end()));
      });
    }
  }

  // New connections.

  void on_connection(byte_stream stream, std::string remote_address) {
    if (!limiter_.is_within_rate(first().now(), remote_address)) {
      server_counters_.limited.count("connects_per_second_by_address");
      // A response or an orderly close would cost too much during a flood.
      return stream.reset_on_close();
    }
    switch (limiter_.enter(remote_address)) {
      case connection_limiter::verdict::accepted:
        return accept(std::move(stream), std::move(remote_address));
      case connection_limiter::verdict::too_many:
        return reject_with_503(stream, "connections", remote_address);
      case connection_limiter::verdict::too_many_of_address:
        return reject_with_503(stream, "connections_by_address", remote_address);
    }
  }

  // Keeps the number of connections below the number of files that the process may open.
  void apply_connection_limits() {
    const auto wanted = static_cast<std::uint64_t>(options_.max_connections);
    limiter_.limit_open(wanted > 0 ? std::min(max_files_, wanted) : max_files_,
                        static_cast<std::uint64_t>(options_.max_connections_by_address));
    limiter_.limit_rate(options_.max_connects_per_second_by_address);
  }

  void accept(byte_stream stream, std::string remote_address) {
    if (certificate_) stream.start_tls(*certificate_);
    if (is_alone()) return first().serve(std::move(stream), std::move(remote_address));
    ++open_;
    loop& next = *loops_[next_loop_];
    next_loop_ = (next_loop_ + 1) % loops_.size();
    next.events().post(
        [&next, stream = std::move(stream), address = std::move(remote_address)]() mutable {
          next.serve(std::move(stream), std::move(address));
        });
  }

  /// Includes connections that are migrating between loops.
  [[nodiscard]] std::uint64_t connections() const {
    return is_alone() ? loops_.front()->connections() : open_;
  }

  void reject_with_503(byte_stream& stream, std::string_view limit, std::string_view address) {
    ++server_counters_.connections_refused_total;
    server_counters_.limited.count(limit);
    // A flood must not fill the log, too.
    if (first().now() >= next_log_at_) {
      next_log_at_ = first().now() + rejection_log_interval_ms;
      log_.write(log_level::warn, "too many connections",
                 {{"reason", limit == "connections" ? "--max-connections is reached"
                                                    : "--max-connections-by-address is reached"},
                  {"address", address}});
    }
    // Through TLS an answer would need a handshake first, which costs more than the connection.
    if (certificate_) return;
    std::string reply;
    append_response(reply, error_response(503, "Too many connections", "Retry-After: 10\r\n"),
                    false, false);
    if (stream.attach(first().events().context())) return;
    static_cast<void>(stream.write(reply));
    stream.shut_down_writing();
  }

  // Metrics.

  void collect_metrics(shard_index asker, std::function<void(const metrics_snapshot&)> done) {
    if (is_alone()) return done(with_server_metrics(first().measure()));
    struct collection {
      std::size_t missing;
      metrics_snapshot sum;
      std::function<void(const metrics_snapshot&)> done;
    };
    // Only the loop that asked uses it.
    const auto all = std::make_shared<collection>(collection{loops_.size(), {}, std::move(done)});
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      loops_[i]->events().post([this, asker, all, i] {
        const metrics_snapshot part =
            i == 0 ? with_server_metrics(loops_[i]->measure()) : loops_[i]->measure();
        loops_[asker]->events().post([all, part] {
          all->sum += part;
          if (--all->missing == 0) all->done(all->sum);
        });
      });
    }
  }

  [[nodiscard]] metrics_snapshot with_server_metrics(metrics_snapshot of_first) const {
    of_first.count += server_counters_;
    of_first.count.accept_errors_total += listener_->errors();
    of_first.count.log_lines_dropped_total = log_.dropped();
    of_first.is_stopping = is_stopping_;
    if (journal_) of_first.journal = journal_->counters();
    return of_first;
  }

  [[nodiscard]] std::string health(const metrics_snapshot& all, shard_index which) const {
    return nlohmann::ordered_json{{"status", all.is_stopping ? "stopping" : "ok"},
                                  {"version", version},
                                  {"commit", commit},
                                  {"uptimeSeconds", loops_[which]->now() / 1000},
                                  {"connections", all.connections}}
               .dump() +
           "\n";
  }

  static std::string metrics(const metrics_snapshot& all) {
    return prometheus_text(all.core, all.count, all.connections, all.journal, all.relay,
                           collect_process_metrics());
  }

  void ask(shard_index where, operator_desk::kind what, std::uint64_t id, std::string json) {
    loop& one = *loops_[where];
    one.events().post([&one, what, id, json = std::move(json)] {
      what == operator_desk::kind::query ? one.query(id, json) : one.operate(id, json);
    });
  }

  // Shutdown.

  // Redis may take seconds to answer, and whoever does not want to wait sends another signal.
  void stop_journal() {
    if (!journal_) return;
    const bool had_signals = signals_.has_value();
    signals_.reset();
    std::optional<ending_signals> guard;
    if (had_signals) guard.emplace();
    journal_->stop();
  }

  void on_signal(int number) {
    if (number == SIGHUP) return reload_();
    if (is_stopping_) std::_Exit(128 + number);
    begin_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
  }

  void begin_stop(std::string_view reason) {
    if (std::exchange(is_stopping_, true)) return;
    if (stopping_) stopping_();
    log_.write(log_level::info, "shutting down",
               {{"reason", reason}, {"connections", std::to_string(connections())}});
    // With a journal no session ends: the next process goes on with them, and the sooner the
    // better.
    if (journal_) {
      for (std::size_t i = 1; i < loops_.size(); ++i) {
        loops_[i]->events().post([one = loops_[i].get()] { one->drain(0); });
      }
      first().drain(0);
      return shut_down();
    }
    // While there are sessions, all clients are notified and have time to finish. `/readyz` answers
    // 503 meanwhile.
    drain_end_ = first().now() + options_.drain_timeout_ms;
    collect_metrics(0, [this](const metrics_snapshot& all) {
      if (participants_of(all) == 0 || options_.drain_timeout_ms == 0) return shut_down();
      for (std::size_t i = 1; i < loops_.size(); ++i) {
        loops_[i]->events().post(
            [this, one = loops_[i].get()] { one->drain(options_.drain_timeout_ms); });
      }
      first().drain(options_.drain_timeout_ms);
      wait_for_participants();
    });
  }

  void wait_for_participants() {
    const instant_ms wait = std::min(drain_end_ - first().now(), drain_interval_ms);
    if (wait <= 0) return shut_down();
    drain_timer_.set(first().events().now() + std::chrono::milliseconds(wait));
  }

  void look_for_participants() {
    collect_metrics(0, [this](const metrics_snapshot& all) {
      if (participants_of(all) == 0) return shut_down();
      wait_for_participants();
    });
  }

  // Those who are present, or on their way to a room. Nobody who is away can return any more: new
  // connections get 503.
  static std::uint64_t participants_of(const metrics_snapshot& all) {
    std::uint64_t count = 0;
    for (const measurement& one : all.core) {
      if (one.name == "participants" || one.name == "reservations") count += one.value;
    }
    return count;
  }

  void shut_down() {
    if (std::exchange(is_shutting_down_, true)) return;
    listener_->stop();
    stop_timer_.set(first().events().now() +
                    std::chrono::milliseconds(options_.shutdown_timeout_ms));
    // Until this process has ended, the next one cannot open the journal, and nobody is served.
    const instant_ms close_ms = journal_ ? close_timeout_with_journal_ms : short_close_timeout_ms;
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      loops_[i]->events().post([one = loops_[i].get(), close_ms] { one->shut_down(close_ms); });
    }
    first().shut_down(close_ms);
  }

  // A loop other than the first has failed, and its state cannot be trusted. Clients of the other
  // loops are notified; connections of the failed loop end with the process.
  void on_failure(const std::exception_ptr& why) {
    if (std::exchange(failure_, why)) return;
    log_failure();
    is_stopping_ = true;
    shut_down();
  }

  // Another process goes on with the sessions, so clients are to come back to that one.
  void on_journal_lost(const std::string& why) {
    if (failure_) return;
    failure_ = std::make_exception_ptr(unusable_journal(why, unusable_journal::reason::in_use));
    is_stopping_ = true;
    shut_down();
  }

  void log_failure() const {
    try {
      std::rethrow_exception(failure_);
    } catch (const std::exception& error) {
      log_.write(log_level::error, "event loop failed", {{"reason", error.what()}});
    } catch (...) {
      log_.write(log_level::error, "event loop failed");
    }
  }

  void on_turn(shard_index which) {
    if (!is_alone()) {
      const std::size_t closed = loops_[which]->take_closed();
      if (which != 0) {
        if (closed > 0) first().events().post([this, closed] { open_ -= closed; });
        return;
      }
      open_ -= closed;
    }
    if (is_shutting_down_ && connections() == 0) first().stop();
  }

  server_options options_;
  logger& log_;
  connection_limiter limiter_;
  std::unique_ptr<web_root> web_root_;
  origin_log refusals_{log_};
  handshake_log handshakes_{log_};
  std::shared_ptr<tls_context> certificate_;  ///< of new connections; none: they are plain
  std::unique_ptr<journal_writer> journal_;
  std::size_t restored_sessions_ = 0;
  std::vector<std::unique_ptr<loop>> loops_;
  std::optional<control_socket> control_;
  operator_desk desk_{static_cast<shard_index>(loops_.size()),
                      [this](shard_index where, operator_desk::kind what, std::uint64_t id,
                             std::string json) { ask(where, what, id, std::move(json)); }};
  std::unique_ptr<listener> listener_;
  std::optional<signal_listener> signals_;
  timer stop_timer_{first().events(), [this] { first().stop(); }};
  std::size_t next_loop_ = 0;
  std::uint64_t open_ = 0;  ///< connections of all loops, if there are several
  std::uint64_t max_files_ = 0;
  counters server_counters_;  ///< rejected connections and failed recordings
  instant_ms next_log_at_ = 0;
  timer drain_timer_{first().events(), [this] { look_for_participants(); }};
  instant_ms drain_end_ = 0;
  std::function<void()> reload_;
  std::function<void()> stopping_;
  bool is_stopping_ = false;  ///< accepts no new connections
  bool is_shutting_down_ = false;
  std::exception_ptr failure_;  ///< from a loop other than the first
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

void server::record(std::size_t which, std::unique_ptr<recorder> to) {
  impl_->record(which, std::move(to));
}
void server::use_certificate(std::shared_ptr<tls_context> certificate) {
  impl_->use_certificate(std::move(certificate));
}
void server::use_journal(std::unique_ptr<journal_writer> journal,
                         const std::string& control_folder) {
  impl_->use_journal(std::move(journal), control_folder);
}
void server::use_relay(const redis_address& where, node_id self) {
  impl_->use_relay(where, self);
}
std::size_t server::restored_sessions() const {
  return impl_->restored_sessions();
}
std::uint16_t server::port() const {
  return impl_->port();
}
void server::obey_signals(std::function<void()> reload, std::function<void()> stopping) {
  impl_->obey_signals(std::move(reload), std::move(stopping));
}
void server::change_limits(const server_options& to, std::string_view engine_settings) {
  impl_->change_limits(to, engine_settings);
}
void server::query(std::string json, std::function<void(std::string answer)> done) {
  impl_->query(std::move(json), std::move(done));
}
void server::operate(std::string json, std::function<void(std::string answer)> done) {
  impl_->operate(std::move(json), std::move(done));
}
void server::run() {
  impl_->run();
}
void server::stop() {
  impl_->stop();
}

}  // namespace downbeat::host
