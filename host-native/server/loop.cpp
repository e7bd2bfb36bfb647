#include "server/loop.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

constexpr std::size_t read_buffer_bytes = 16 * 1024;
// How often one connection is read before others get their turn.
constexpr int reads_in_a_turn = 4;
// What is read in a turn of a peer that floods: many small messages take their time to handle, and
// others wait.
constexpr std::size_t flood_read_bytes = 2 * 1024;
// Deadlines are looked at no more often than this.
constexpr instant_ms sweep_interval_ms = 100;
// Those who came together are late together. Closing all of them at once would make everybody wait.
constexpr std::size_t most_in_a_sweep = 16;
constexpr instant_ms rest_of_a_sweep_ms = 1;
// In which a peer's messages are counted. Who says too much is heard again in the next one.
constexpr instant_ms pace_interval_ms = 100;

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace

loop::loop(const server_options& options, std::unique_ptr<engine> core, logger& log,
           admission& door, ties to_server)
    : options_(options),
      log_(log),
      door_(door),
      to_server_(std::move(to_server)),
      connections_([this](const connection& c) {
        out_.forget(c);
        door_.leave(c.address);
      }),
      core_(
          poll_, std::move(core), [this](output::any order) { carry_out(std::move(order)); },
          to_server_.origin),
      out_(options_, poll_, connections_, core_, count_, log_),
      pages_(options_.web_root, options_.content_security_policy, options_.path,
             to_server_.operator_pages),
      websockets_(options_, core_, out_, count_),
      http_(options_, connections_, core_, out_, count_, pages_, websockets_, to_server_.gather,
            door_),
      sweep_timer_(poll_, [this] { sweep(); }),
      pace_timer_(poll_, [this] { resume_all(); }),
      buffer_(read_buffer_bytes) {}

// Arrivals.

void loop::serve(descriptor socket, std::string remote_address) {
  ++count_.connections_total;
  connection& c = connections_.add(std::move(socket));
  http_.begin(c, std::move(remote_address));
  poll_.add_peer(c.socket.number(), c.key);
}

void loop::on_readable(std::uint64_t key) {
  connection* const found = connections_.find(key);
  if (found == nullptr || found->is_leaving) return;
  connection& c = *found;
  const std::size_t most = c.is_flooding ? flood_read_bytes : buffer_.size();
  const int reads = c.is_flooding ? 1 : reads_in_a_turn;
  for (int i = 0; i < reads && c.now != phase::closed && !c.is_leaving; ++i) {
    const ssize_t got = ::recv(c.socket.number(), buffer_.data(), most, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {
      out_.drop(c);
      break;
    }
    const auto size = static_cast<std::size_t>(got);
    count_.bytes_received_total += size;
    on_bytes(c, {buffer_.data(), size});
    if (says_too_much(c)) {
      pause(c);
      break;
    }
    // A short read means that there is no more: the next call would only say so.
    if (size < most) break;
  }
  core_.handle_later();
}

// A peer that floods is slowed down, and loses nothing: what is not read fills its own buffers.
bool loop::says_too_much(connection& c) {
  const std::int64_t limit = options_.max_messages_per_second;
  if (c.now != phase::websocket || limit == 0) return false;
  const std::int64_t interval = core_.now() / pace_interval_ms;
  const bool is_too_much = c.heard * 1'000 / pace_interval_ms >= limit;
  if (interval == c.interval) return is_too_much;
  c.is_flooding = is_too_much;
  c.interval = interval;
  c.heard = 0;
  return false;
}

void loop::pause(connection& c) {
  c.is_paused = true;
  c.is_flooding = true;
  count_.limited.count("messages_per_second");
  poll_.await(c.socket.number(), c.key, false, c.is_awaiting_write);
  paused_.push_back(c.key);
  if (pace_timer_.is_set()) return;
  pace_timer_.set(poll_.now() + std::chrono::milliseconds(pace_interval_ms));
}

void loop::resume_all() {
  for (const std::uint64_t key : std::exchange(paused_, {})) {
    connection* const c = connections_.find(key);
    if (c == nullptr || !c->is_paused || c->now == phase::closed || c->is_leaving) continue;
    c->is_paused = false;
    poll_.await(c->socket.number(), c->key, true, c->is_awaiting_write);
  }
}

void loop::on_writable(std::uint64_t key) {
  if (connection* const c = connections_.find(key)) out_.on_writable(*c);
}

void loop::on_bytes(connection& c, std::span<char> bytes) {
  switch (c.now) {
    case phase::http: return http_.on_bytes(c, {bytes.data(), bytes.size()});
    case phase::websocket:
    case phase::closing: return websockets_.on_bytes(c, bytes);
    case phase::draining:
    case phase::closed: return;
  }
}

// Do what the core said.

void loop::carry_out(output::any order) {
  std::visit(overloaded{
                 [&](const output::send_frame& o) {
                   if (auto* const c = connections_.find(o.transport)) websockets_.send(*c, o.data);
                 },
                 [&](const output::close_transport& o) {
                   if (auto* const c = connections_.find(o.transport)) {
                     websockets_.close(*c, o.code);
                   }
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
                 [&](const output::report& o) { log_.write(*o.what); },
                 [&](output::tell_shard& o) { mail(o.to, std::move(o)); },
                 [&](output::move_connection& o) { mail(o.to, std::move(o)); },
                 [&](const output::forward_request& o) { mail(o.to, o); },
                 [&](const output::forward_websocket& o) { mail(o.to, o); },
                 [](const output::wait_until&) {},  // the driver has taken it
             },
             order);
}

// The turn of the loop: what many small events led to is done once, at its end.

void loop::end_turn() {
  for (bool is_more = true; is_more;) {
    out_.flush();
    is_more = core_.handle_later();
    is_more = http_.resume() || is_more;
  }
  if (!mail_.empty()) send_mail();
  connections_.forget_closed();
  log_.flush();
  arm_sweep();
  to_server_.turned();
}

// Deadlines of connections.

void loop::arm_sweep() {
  const instant_ms next = connections_.next_sweep();
  if (sweep_timer_.is_set() || next == connection_table::never) return;
  const bool is_behind = next <= core_.now();
  const instant_ms wait =
      is_behind ? rest_of_a_sweep_ms : std::max(next - core_.now(), sweep_interval_ms);
  sweep_timer_.set(poll_.now() + std::chrono::milliseconds(std::min(wait, longest_nap_ms())));
}

void loop::sweep() {
  connections_.sweep(core_.now(), most_in_a_sweep, [this](connection& c) {
    if (c.is_leaving) return;
    if (c.now == phase::http) {
      http_.on_deadline(c);
    } else {
      out_.drop(c);
    }
  });
  core_.handle_later();
}

// A deadline that is set later may come sooner than the one that the timer is armed for.
instant_ms loop::longest_nap_ms() const {
  return std::min({options_.header_timeout_ms, options_.close_timeout_ms, instant_ms{1'000}});
}

// The end.

void loop::drain() {
  core_.handle(input::drain_requested{static_cast<std::uint64_t>(options_.drain_timeout_ms)});
  core_.handle_later();
}

void loop::change_limits(const server_options& to, std::string_view engine_settings) {
  options_.max_queued_bytes = to.max_queued_bytes;
  options_.max_queued_bytes_in_all = to.max_queued_bytes_in_all;
  options_.max_header_bytes = to.max_header_bytes;
  options_.max_messages_per_second = to.max_messages_per_second;
  core_.handle(input::options_changed{engine_settings});
  core_.handle_later();
}

void loop::take_leave() {
  is_taking_leave_ = true;
  out_.hurry();
  core_.handle(input::shutdown_requested{});
  core_.handle_later();
  connections_.for_each([this](connection& c) {
    if (!c.is_leaving) take_leave_of(c);
  });
}

void loop::take_leave_of(connection& c) {
  if (c.now == phase::http && c.then == ending::none) out_.end(c, ending::half_close);
  if (c.now == phase::websocket) out_.drop(c);
}

figures loop::measure() const {
  figures all{connections_.size(), count_, core_.core().measure(), is_taking_leave_};
  all.core.push_back({"websocket_queued_bytes", "Bytes that wait for clients on WebSockets",
                      out_.queued_bytes(), false});
  return all;
}

}  // namespace downbeat::host
