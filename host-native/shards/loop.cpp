#include "shards/loop.hpp"

#include "io/overloaded.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

constexpr std::size_t read_buffer_bytes = 16 * 1024;
// A flooding client is read in smaller pieces, because undecoded bytes must be kept during a pause.
constexpr std::size_t flood_read_bytes = 2 * 1024;
// How often one connection is read in one loop iteration before others are.
constexpr int reads_in_a_turn = 4;
// The least time between two checks of the deadlines.
constexpr instant_ms sweep_interval_ms = 100;
// Clients that connected together time out together. Closing all of them in one iteration would
// delay everybody else.
constexpr std::size_t max_expired_per_sweep = 16;
constexpr instant_ms next_sweep_batch_ms = 1;
// How long updates of the journal may take before everything else gets its turn.
constexpr std::chrono::milliseconds longest_hearing{10};

// The most bytes to read from this client at once.
std::size_t read_size(connection& c) {
  const websocket_input* const input = c.frames();
  const bool is_flooding = input != nullptr && input->reading != websocket_input::pace::normal;
  return is_flooding || c.is_ending() ? flood_read_bytes : read_buffer_bytes;
}

}  // namespace

loop::loop(const server_options& options, std::unique_ptr<engine> core, logger& log,
           connection_limiter& limiter, hooks to_server)
    : options_(options),
      log_(log),
      limiter_(limiter),
      hooks_(std::move(to_server)),
      connections_([this](const connection& c) {
        out_.forget(c);
        limiter_.leave(c.address);
      }),
      core_(
          events_, std::move(core), [this](output::any output) { carry_out(std::move(output)); },
          hooks_.origin),
      out_(options_, events_, connections_, core_, counters_, log_),
      router_(hooks_.files, options_.content_security_policy, options_.path, hooks_.operator_pages),
      websockets_(options_, events_, connections_, core_, out_, counters_),
      http_(options_, connections_, core_, out_, counters_, router_, websockets_,
            hooks_.collect_metrics, limiter_, hooks_.refusals, log_),
      sweep_timer_(events_, [this] { sweep(); }),
      next_turn_(events_, [this] { read_pending(); }),
      buffer_(read_buffer_bytes) {}

// Reading.

void loop::serve(byte_stream stream, std::string remote_address) {
  ++counters_.connections_total;
  connection& c = connections_.add(std::move(stream));
  http_.begin(c, std::move(remote_address));
  out_.begin_wait(c);
  // Mostly its first data is there already: see TCP_DEFER_ACCEPT in server/listener.cpp.
  if (!c.is<closed_state>()) on_readable(c);
}

void loop::on_ready(std::uint64_t key, event_loop::wait_type what,
                    const boost::system::error_code& error) {
  connection* const c = connections_.find(key);
  if (c == nullptr) return;
  if (error) {
    out_.lose(*c, error);
    core_.handle_later();
    return;
  }
  switch (what) {
    case event_loop::wait_type::wait_read:
      c->pending.reading = false;
      on_readable(*c);
      break;
    case event_loop::wait_type::wait_write:
      c->pending.writing = false;
      on_writable(*c);
      break;
    case event_loop::wait_type::wait_error:
      // Not awaited again if it is not lost: urgent data (TCP's URG) would be reported for ever.
      on_readable(*c);
      return;
  }
  out_.update_wait(*c);
}

void loop::on_readable(connection& c) {
  if (c.is<migrating_state>()) return;
  // A socket that the host does not read is reported only if it is lost, or was read until a moment
  // ago.
  if (!c.wants_reading() && c.stream.is_lost()) out_.drop(c);
  // After our own close frame the host only looks for the client's, and no window limits that.
  const int reads = c.is_ending() ? 1 : reads_in_a_turn;
  bool is_more = true;
  for (int i = 0; i < reads && is_more && c.wants_reading() && !c.is<migrating_state>(); ++i) {
    is_more = receive_some(c);
  }
  if (c.stream.is_tls()) finish_tls_read(c, is_more);
  core_.handle_later();
}

// TLS may have taken more from the socket than was read, and may wait for the socket in its own
// way.
void loop::finish_tls_read(connection& c, bool is_more) {
  if (c.is<migrating_state>() || c.is<closed_state>()) return;
  // While the client owes the rest of a handshake message, another try to write would fail, and
  // would only begin the time for it anew.
  const bool is_in_vain = c.wants_reading() && c.stream.tls()->is_handshaking();
  if (c.stream.wants_read() && !is_in_vain) {
    out_.on_writable(c);
    if (c.http() != nullptr) http_.on_drained(c);
  }
  if (is_more && c.wants_reading() && c.stream.has_pending()) out_.read_later(c);
  out_.update_wait(c);
}

void loop::read_pending() {
  for (const connection_key key : out_.take_unread()) {
    if (connection* const c = connections_.find(key)) on_readable(*c);
  }
}

// Returns whether there may be more to read.
bool loop::receive_some(connection& c) {
  const std::size_t most = read_size(c);
  const byte_stream::result got = c.stream.read({buffer_.data(), most});
  switch (got.what) {
    case byte_stream::status::ok: break;
    case byte_stream::status::blocked: return false;
    case byte_stream::status::end: on_end_of_input(c); return false;
    case byte_stream::status::plain_http: on_plain_http(c); return false;
    case byte_stream::status::failed: on_failed_read(c); return false;
  }
  counters_.bytes_received_total += got.size;
  if (websocket_input* const input = c.frames(); input != nullptr && !got.is_more) {
    input->reading = websocket_input::pace::normal;
  }
  if (got.size > 0) on_bytes(c, {buffer_.data(), got.size});
  return got.is_more;
}

void loop::on_failed_read(connection& c) {
  if (const tls_session* const tls = c.stream.tls(); tls != nullptr && tls->handshake_error()) {
    ++counters_.tls_handshakes_failed_total;
    hooks_.handshakes.failed(core_.now(), tls->handshake_error(), c.address);
  }
  out_.drop(c);
}

void loop::on_plain_http(connection& c) {
  ++counters_.tls_handshakes_failed_total;
  hooks_.handshakes.failed(core_.now(),
                           "the client speaks plain HTTP: it needs an https:// address", c.address);
  if (c.http() == nullptr) return out_.drop(c);
  http_.refuse_plain_http(c);
}

void loop::on_end_of_input(connection& c) {
  if (c.http() != nullptr) return http_.on_end_of_input(c);
  out_.on_end_of_input(c);
}

void loop::on_writable(connection& c) {
  if (c.stream.wants_write()) {
    on_readable(c);
    if (c.is<closed_state>() || (!c.out.is_blocked && !c.out.has_unsent())) return;
  }
  out_.on_writable(c);
  if (c.http() == nullptr) return;
  http_.on_drained(c);
  core_.handle_later();
}

void loop::on_bytes(connection& c, std::span<char> bytes) {
  if (c.http() != nullptr) return http_.on_bytes(c, {bytes.data(), bytes.size()});
  if (c.frames() != nullptr) return websockets_.on_bytes(c, bytes);
  // In the other states (flushing, draining) received bytes are discarded.
}

// Outputs of the core.

void loop::carry_out(output::any output) {
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
                 [&](output::answer& o) { hooks_.answered(o.id, std::move(o.json)); },
                 [&](output::send_to_shard& o) {
                   const shard_index to = o.to;
                   queue_message(to, std::move(o));
                 },
                 [&](output::move_connection& o) {
                   const shard_index to = o.to;
                   queue_message(to, std::move(o));
                 },
                 [&](const output::forward_request& o) { queue_message(o.to, o); },
                 [&](const output::forward_websocket& o) { queue_message(o.to, o); },
                 [&](output::append& o) { queued_appends_.push_back(std::move(o)); },
                 [&](const output::relay& o) {
                   if (relay_) relay_->send(o);
                 },
                 [](const output::wait_until&) {},  // the driver has handled it
             },
             output);
}

// The end of a loop iteration, where the work for many small events is done once.

void loop::end_turn() {
  out_.flush();
  // Once per iteration: a client that pipelines many requests must not delay the others.
  bool is_more = http_.resume();
  while (core_.handle_later() || is_more) {
    out_.flush();
    is_more = false;
  }
  if (http_.has_waiting() || out_.has_unread()) next_turn_.set(events_.now());
  // A loop that is behind calls no timer. If the timer comes first, this finds nothing.
  if (out_.has_unread()) events_.when_all_is_handled([this] { read_pending(); });
  if (!queued_messages_.empty()) flush_messages();
  if (!queued_appends_.empty()) flush_appends();
  if (relay_) relay_->end_turn();
  connections_.forget_closed();
  arm_sweep();
  out_.start_waits();
  hooks_.turn_ended();
}

void loop::stop_soon() {
  events_.post([this] { stop(); });
}

// The journal.

void loop::finish_restore() {
  // Reading the rooms has taken its time, which must not count as part of the graces.
  events_.refresh_time();
  core_.handle(input::restore_finished{});
  // The other loops must know who is here before the first client comes to them.
  flush_messages();
  if (!queued_appends_.empty()) flush_appends();
}

void loop::flush_appends() {
  append_(std::exchange(queued_appends_, {}), heard_);
}

void loop::hear(journal_updates what) {
  unheard_.push_back(std::move(what));
  if (unheard_.size() == 1) hear_some();
}

// After a node was away there may be very many, and clients must not wait for all of them.
void loop::hear_some() {
  const auto end = event_loop::clock::now() + longest_hearing;
  while (!unheard_.empty()) {
    journal_updates& first = unheard_.front();
    if (next_unheard_ == first.all.size()) {
      heard_ = first.told;
      unheard_.pop_front();
      next_unheard_ = 0;
      continue;
    }
    hear(std::exchange(first.all[next_unheard_], {}));
    ++next_unheard_;
    core_.handle_later();
    if (event_loop::clock::now() >= end) return events_.post([this] { hear_some(); });
  }
}

void loop::hear(const journal_update& what) {
  namespace update = cluster::update;
  std::visit(
      overloaded{
          [&](const append_result& one) {
            core_.handle(input::append_answered{one.append_id, one.how});
          },
          [&](const update::room_appended& one) {
            core_.handle(input::room_appended{one.room, one.expected_head, one.events});
          },
          [&](const update::room_replaced& one) {
            core_.handle(input::room_replaced{one.room, one.snapshot});
          },
          [&](const update::nodes_changed& one) { core_.handle(input::nodes_changed{one.json}); }},
      what);
}

// Other nodes.

void loop::relayed(node_id from, std::span<const std::string_view> messages) {
  for (const std::string_view one : messages) core_.handle(input::relay_received{from, one});
  core_.handle_later();
}

// Deadlines of connections.

void loop::arm_sweep() {
  const instant_ms next = connections_.next_sweep();
  if (sweep_timer_.is_set() || next == connection_table::never) return;
  const bool is_behind = next <= core_.now();
  const instant_ms wait =
      is_behind ? next_sweep_batch_ms : std::max(next - core_.now(), sweep_interval_ms);
  sweep_timer_.set(events_.now() +
                   std::chrono::milliseconds(std::min(wait, max_sweep_interval_ms())));
}

void loop::sweep() {
  // While the server shuts down there is nobody whom that could delay.
  const std::size_t most = is_shutting_down_ ? connections_.size() : max_expired_per_sweep;
  connections_.sweep(core_.now(), most, [this](connection& c) {
    if (c.is<migrating_state>()) return;
    if (c.http() != nullptr) return http_.on_deadline(c);
    const auto* const last = c.get_if<flushing_state>();
    if (last != nullptr && last->is_http) counters_.limited.count("send_time");
    out_.drop(c);
  });
  core_.handle_later();
}

// A deadline set later may come sooner than the one that the timer waits for.
instant_ms loop::max_sweep_interval_ms() const {
  const instant_ms longest = is_shutting_down_ ? sweep_interval_ms : instant_ms{1'000};
  return std::min({options_.header_timeout_ms, options_.close_timeout_ms, longest});
}

// Shutdown.

void loop::drain(std::int64_t within_ms) {
  core_.handle(input::drain_requested{static_cast<std::uint64_t>(within_ms)});
  core_.handle_later();
}

void loop::change_limits(const server_options& to, std::string_view engine_settings) {
  options_.max_payload_bytes = to.max_payload_bytes;
  options_.max_queued_bytes = to.max_queued_bytes;
  options_.max_queued_bytes_in_all = to.max_queued_bytes_in_all;
  options_.max_header_bytes = to.max_header_bytes;
  options_.max_messages_per_second = to.max_messages_per_second;
  core_.handle(input::options_changed{engine_settings});
  core_.handle_later();
}

void loop::query(std::uint64_t id, std::string_view json) {
  core_.handle(input::query{id, json});
  core_.handle_later();
}

void loop::operate(std::uint64_t id, std::string_view json) {
  core_.handle(input::operator_command{id, json});
  core_.handle_later();
}

void loop::shut_down(instant_ms longest_close_ms) {
  is_shutting_down_ = true;
  out_.shorten_close_timeout(longest_close_ms);
  core_.handle(input::shutdown_requested{});
  core_.handle_later();
  connections_.for_each([this](connection& c) { shut_down_connection(c); });
  // It may wait for longer than connections may take now.
  sweep_timer_.clear();
}

void loop::shut_down_connection(connection& c) {
  if (c.http() != nullptr) out_.flush_and_end(c, ending::half_close);
  if (c.is<websocket_state>()) out_.drop(c);
}

metrics_snapshot loop::measure() const {
  metrics_snapshot all{connections_.size(), counters_, core_.core().measure(core_.now()),
                       is_shutting_down_};
  all.core.push_back({"websocket_queued_bytes", "Bytes that wait for clients on WebSockets",
                      out_.queued_bytes(), false});
  if (relay_) all.relay = relay_->counters();
  return all;
}

}  // namespace downbeat::host
