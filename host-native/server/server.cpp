#include "server/server.hpp"

#include "http/response.hpp"
#include "server/connection_table.hpp"
#include "server/counters.hpp"
#include "server/driver.hpp"
#include "server/http_sessions.hpp"
#include "server/listener.hpp"
#include "server/metrics.hpp"
#include "server/outbox.hpp"
#include "server/site.hpp"
#include "server/websocket_sessions.hpp"
#include "version.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_buffer_bytes = 64 * 1024;
// How often one connection is read before others get their turn.
constexpr int reads_in_a_turn = 4;
// Deadlines are looked at no more often than this.
constexpr instant_ms sweep_interval_ms = 100;
// Files that are not connections: the log, the loop's own, what is served.
constexpr std::uint64_t spare_files = 64;

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

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

class server::impl {
 public:
  impl(server_options options, std::unique_ptr<engine> core, logger& log)
      : options_(std::move(options)),
        log_(log),
        core_(io_, std::move(core), [this](output::any order) { carry_out(std::move(order)); }),
        out_(options_, connections_, core_, count_, log_, [this] { end_turn_later(); }),
        pages_(options_.web_root, options_.path,
               {[this] { return health(); }, [this] { return metrics(); }}),
        websockets_(options_, core_, out_, count_),
        http_(options_, connections_, core_, out_, count_, pages_, websockets_),
        listener_(io_, log_, options_.host, options_.port,
                  [this](tcp_socket socket, std::string remote_address) {
                    on_connection(std::move(socket), std::move(remote_address));
                  }) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::uint64_t files = raise_file_limit();
    max_connections_ = files > spare_files * 2 ? files - spare_files : files / 2;
    const auto wanted = static_cast<std::uint64_t>(options_.max_connections);
    if (wanted > 0) max_connections_ = std::min(max_connections_, wanted);
  }

  void record(std::unique_ptr<recorder> to) { core_.record(std::move(to)); }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  void stop_on_signals() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    await_signal();
  }

  void run() {
    listener_.start();
    io_.run();
    log_.flush();
  }

  void stop() {
    asio::post(io_, [this] { begin_stop("stop"); });
  }

 private:
  // Arrivals.

  void on_connection(tcp_socket socket, std::string remote_address) {
    if (connections_.size() >= max_connections_) return turn_away(std::move(socket));
    ++count_.connections_total;
    connection& c = connections_.add(std::move(socket));
    http_.begin(c, std::move(remote_address));
    arm_sweep();
    await_readable(c);
  }

  void turn_away(tcp_socket socket) {
    ++count_.connections_refused_total;
    if (count_.connections_refused_total == 1) {
      log_.write(log_level::warn, "too many connections", {{"reason", "new ones are turned away"}});
    }
    std::string reply;
    append_response(
        reply, {503, "text/plain; charset=utf-8", "Too many connections\n", "Retry-After: 10\r\n"},
        false, false);
    const ssize_t ignored =
        ::send(socket.native_handle(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    static_cast<void>(ignored);
    error_code nothing;
    socket.shutdown(tcp_socket::shutdown_send, nothing);
  }

  void await_readable(connection& c) {
    c.socket.async_wait(tcp_socket::wait_read, [this, key = c.key](const error_code&) {
      if (connection* const found = connections_.find(key)) on_readable(*found);
    });
  }

  void on_readable(connection& c) {
    for (int i = 0; i < reads_in_a_turn && c.now != phase::closed; ++i) {
      const ssize_t got = ::recv(c.socket.native_handle(), buffer_.data(), buffer_.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (got <= 0) {
        out_.drop(c);
        break;
      }
      const auto size = static_cast<std::size_t>(got);
      count_.bytes_received_total += size;
      on_bytes(c, {buffer_.data(), size});
      // A short read means that there is no more: the next call would only say so.
      if (size < buffer_.size()) break;
    }
    core_.handle_later();
    arm_sweep();
    if (c.now != phase::closed) await_readable(c);
  }

  void on_bytes(connection& c, std::span<char> bytes) {
    switch (c.now) {
      case phase::http: return http_.on_bytes(c, {bytes.data(), bytes.size()});
      case phase::websocket:
      case phase::closing: return websockets_.on_bytes(c, bytes);
      case phase::draining:
      case phase::closed: return;
    }
  }

  // Do what the core said.

  void carry_out(output::any order) {
    std::visit(overloaded{
                   [&](const output::send_frame& o) {
                     if (auto* const c = connections_.find(o.transport))
                       websockets_.send(*c, o.data);
                   },
                   [&](const output::close_transport& o) {
                     if (auto* const c = connections_.find(o.transport))
                       websockets_.close(*c, o.code);
                   },
                   [&](const output::accept_websocket& o) {
                     if (auto* const c = connections_.find(o.transport)) http_.accept_websocket(*c);
                   },
                   [&](output::refuse_websocket& o) {
                     if (auto* const c = connections_.find(o.transport)) {
                       http_.refuse_websocket(*c, std::move(o));
                     }
                   },
                   [&](output::respond& o) {
                     if (auto* const c = connections_.find_request(o.request)) {
                       http_.respond(*c, std::move(o));
                     }
                   },
                   [&](const output::cut_request& o) {
                     if (auto* const c = connections_.find_request(o.request)) out_.reset(*c);
                   },
                   [&](const output::report& o) {
                     log_.write(*o.what);
                     end_turn_later();
                   },
                   [](const output::wait_until&) {},  // the driver has taken it
               },
               order);
  }

  // The turn of the loop: what many small events led to is done once, at its end.

  void end_turn_later() {
    if (std::exchange(is_turn_ending_, true)) return;
    asio::post(io_, [this] { end_turn(); });
  }

  void end_turn() {
    for (bool is_more = true; is_more;) {
      out_.flush();
      is_more = core_.handle_later();
      is_more = http_.resume() || is_more;
    }
    is_turn_ending_ = false;
    connections_.forget_closed();
    log_.flush();
    arm_sweep();
    if (is_stopping_ && connections_.size() == 0) io_.stop();
  }

  // Deadlines of connections.

  void arm_sweep() {
    const instant_ms next = connections_.next_sweep();
    if (is_sweep_armed_ || next == connection_table::never) return;
    is_sweep_armed_ = true;
    const instant_ms wait = std::max(next - core_.now(), sweep_interval_ms);
    sweep_timer_.expires_after(std::chrono::milliseconds(std::min(wait, longest_nap_ms())));
    sweep_timer_.async_wait([this](const error_code& error) {
      is_sweep_armed_ = false;
      if (error) return;
      connections_.sweep(core_.now(), [this](connection& c) {
        if (c.now == phase::http) {
          http_.on_deadline(c);
        } else {
          out_.drop(c);
        }
      });
      core_.handle_later();
      arm_sweep();
    });
  }

  // A deadline that is set later may come sooner than the one that the timer is armed for.
  [[nodiscard]] instant_ms longest_nap_ms() const {
    return std::min({options_.header_timeout_ms, options_.close_timeout_ms, instant_ms{1'000}});
  }

  // What operators ask.

  [[nodiscard]] std::string health() const {
    return nlohmann::ordered_json{{"status", is_stopping_ ? "stopping" : "ok"},
                                  {"version", version},
                                  {"uptimeSeconds", core_.now() / 1000},
                                  {"connections", connections_.size()}}
               .dump() +
           "\n";
  }

  [[nodiscard]] std::string metrics() const {
    return prometheus_text(core_.core().measure(), count_, connections_.size(), measure_process());
  }

  // The end.

  void await_signal() {
    signals_.async_wait([this](const error_code& error, int number) {
      if (error) return;
      if (is_stopping_) std::_Exit(128 + number);
      begin_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
      await_signal();
    });
  }

  void begin_stop(std::string_view reason) {
    if (std::exchange(is_stopping_, true)) return;
    log_.write(log_level::info, "shutting down",
               {{"reason", reason}, {"connections", std::to_string(connections_.size())}});
    listener_.stop();
    out_.hurry();
    core_.handle(input::shutdown_requested{});
    core_.handle_later();
    connections_.for_each([this](connection& c) {
      if (c.now == phase::http && c.then == ending::none) out_.end(c, ending::half_close);
      if (c.now == phase::websocket) out_.drop(c);
    });
    stop_timer_.expires_after(std::chrono::milliseconds(options_.shutdown_timeout_ms));
    stop_timer_.async_wait([this](const error_code&) { io_.stop(); });
    end_turn_later();
  }

  server_options options_;
  logger& log_;
  asio::io_context io_{1};
  counters count_;
  connection_table connections_;
  driver core_;
  outbox out_;
  site pages_;
  websocket_sessions websockets_;
  http_sessions http_;
  listener listener_;
  asio::signal_set signals_{io_};
  asio::steady_timer sweep_timer_{io_};
  asio::steady_timer stop_timer_{io_};
  std::vector<char> buffer_ = std::vector<char>(read_buffer_bytes);
  std::uint64_t max_connections_ = 0;
  bool is_turn_ending_ = false;
  bool is_sweep_armed_ = false;
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
