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
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// What there is once for all loops: the door, the signals, the words for the operator.
class server::impl {
 public:
  impl(server_options options, std::unique_ptr<engine> core, logger& log)
      : options_(std::move(options)),
        log_(log),
        loop_(options_, std::move(core), log_,
              {{[this] { return health(); }, [this] { return metrics(); }}, [this] { on_turn(); }}),
        listener_(loop_.poll(), log_, options_.host, options_.port,
                  [this](descriptor socket, std::string remote_address) {
                    on_connection(std::move(socket), std::move(remote_address));
                  }) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::uint64_t files = raise_file_limit();
    max_connections_ = files > spare_files * 2 ? files - spare_files : files / 2;
    const auto wanted = static_cast<std::uint64_t>(options_.max_connections);
    if (wanted > 0) max_connections_ = std::min(max_connections_, wanted);
  }

  void record(std::unique_ptr<recorder> to) { loop_.record(std::move(to)); }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  void stop_on_signals() {
    signals_.emplace(loop_.poll(), std::initializer_list<int>{SIGINT, SIGTERM},
                     [this](int number) { on_signal(number); });
  }

  void run() {
    listener_.start();
    loop_.run();
    log_.flush();
  }

  void stop() {
    loop_.poll().post([this] { begin_stop("stop"); });
  }

 private:
  // The door.

  void on_connection(descriptor socket, std::string remote_address) {
    if (loop_.connections() >= max_connections_) return turn_away(std::move(socket));
    loop_.serve(std::move(socket), std::move(remote_address));
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

  [[nodiscard]] std::string health() const {
    return nlohmann::ordered_json{{"status", is_stopping_ ? "stopping" : "ok"},
                                  {"version", version},
                                  {"commit", commit},
                                  {"uptimeSeconds", loop_.now() / 1000},
                                  {"connections", loop_.connections()}}
               .dump() +
           "\n";
  }

  [[nodiscard]] std::string metrics() const {
    counters count = loop_.count();
    count.connections_refused_total = refused_;
    return prometheus_text(loop_.measure(), count, loop_.connections(), measure_process());
  }

  // The end.

  void on_signal(int number) {
    if (is_stopping_) std::_Exit(128 + number);
    begin_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
  }

  void begin_stop(std::string_view reason) {
    if (std::exchange(is_stopping_, true)) return;
    log_.write(log_level::info, "shutting down",
               {{"reason", reason}, {"connections", std::to_string(loop_.connections())}});
    listener_.stop();
    stop_timer_.set(loop_.poll().now() + std::chrono::milliseconds(options_.shutdown_timeout_ms));
    loop_.take_leave();
  }

  void on_turn() {
    if (is_stopping_ && loop_.connections() == 0) loop_.stop();
  }

  server_options options_;
  logger& log_;
  loop loop_;
  listener listener_;
  std::optional<signal_watch> signals_;
  timer stop_timer_{loop_.poll(), [this] { loop_.stop(); }};
  std::uint64_t max_connections_ = 0;
  std::uint64_t refused_ = 0;
  bool is_stopping_ = false;
};

server::server(server_options options, std::unique_ptr<engine> core, logger& log)
    : impl_(std::make_unique<impl>(std::move(options), std::move(core), log)) {}
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
