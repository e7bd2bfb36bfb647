#include "connection/outbox.hpp"

#include "websocket/frame_writer.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace downbeat::host {
namespace {

// A queue's memory may exceed one and a half times its content by this much, so that a limit on
// queued bytes is also a limit on memory.
constexpr std::size_t slack_bytes = 16 * 1024;
constexpr std::size_t spare_bytes = 16 * 1024;
constexpr std::size_t spare_count = 256;
constexpr std::size_t most_header_bytes = 10;  // of an unmasked frame
constexpr instant_ms loss_log_interval_ms = 10'000;
// At most this much is written to one connection in one loop iteration: a client nearby could take
// a large file in one go and delay all others.
constexpr std::size_t most_in_a_turn_bytes = 1024 * 1024;

}  // namespace

outbox::outbox(const server_options& options, event_loop& events, connection_table& connections,
               driver& core, counters& count, logger& log)
    : options_(options),
      events_(events),
      connections_(connections),
      core_(core),
      counters_(count),
      log_(log) {}

instant_ms outbox::close_deadline() const {
  return core_.now() + std::min<instant_ms>(options_.close_timeout_ms, longest_close_timeout_ms_);
}

std::string& outbox::queue(connection& c) {
  send_queue& out = c.out;
  if (out.bytes.empty() && !spare_.empty()) {
    out.bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  if (!out.is_dirty) {
    out.is_dirty = true;
    dirty_.push_back(c.key);
  }
  return out.behind ? out.behind->tail() : out.bytes;
}

void outbox::share(connection& c, std::shared_ptr<const std::string> bytes) {
  if (bytes->empty()) return;
  queue(c);
  c.out.shared =
      std::make_unique<send_queue::shared_body>(send_queue::shared_body{std::move(bytes)});
}

void outbox::send(connection& c, const frame& message) {
  const std::string& payload = message.bytes();
  const opcode code = message.is_binary() ? opcode::binary : opcode::text;
  if (!c.watched.writing || payload.size() < backlog::shared_from_bytes) {
    return send(c, code, payload);
  }
  if (!has_place_for(c, payload.size())) return;
  if (!c.out.behind) c.out.behind = std::make_unique<backlog>();
  append_header(queue(c), code, payload.size());
  c.out.behind->push(message);
  count_queued(c);
  if (is_too_much_in_all()) disconnect_slow_readers();
}

void outbox::send(connection& c, opcode code, std::string_view payload) {
  if (!has_place_for(c, payload.size())) return;
  std::string& out = queue(c);
  const std::size_t most = payload.size() + most_header_bytes;
  if (out.capacity() - out.size() < most) make_room(c.out, out, most);
  append_frame(out, code, payload);
  count_queued(c);
  if (is_too_much_in_all()) disconnect_slow_readers();
}

// Whether the queue has room for a frame. If not, the connection has been closed.
bool outbox::has_place_for(connection& c, std::size_t payload_bytes) {
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes);
  const std::uint64_t size = framed_size(payload_bytes);
  if (limit == 0 || c.out.size() + size <= limit) return true;
  // Many messages in one loop iteration do not mean that the client is slow: try to write first.
  if (!c.watched.writing && !try_write(c)) return false;
  if (c.out.size() == 0 || c.out.size() + size <= limit) return true;
  disconnect_slow_reader(c, "queued_bytes");
  return false;
}

bool outbox::is_too_much_in_all() const {
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes_in_all);
  return limit > 0 && queued_bytes_ > limit;
}

// std::string doubles its capacity when it grows, which wastes too much for long queues.
void outbox::make_room(send_queue& out, std::string& in, std::size_t more) {
  const bool is_first = &in == &out.bytes;
  const std::size_t waiting = in.size() - (is_first ? out.sent : 0);
  if (waiting <= spare_bytes) return;
  const std::size_t size = waiting + more + waiting / 2;
  is_first ? replace(out, size) : in.reserve(size);
}

// Moves the unsent bytes into a new buffer of this size.
void outbox::replace(send_queue& out, std::size_t size) {
  std::string fresh;
  fresh.reserve(size);
  fresh.append(out.bytes, out.sent);
  out.bytes = std::move(fresh);
  out.sent = 0;
}

void outbox::count_queued(connection& c) {
  const std::size_t size = c.out.size();
  queued_bytes_ += size - c.out.counted_bytes;
  c.out.counted_bytes = size;
}

void outbox::disconnect_slow_reader(connection& c, std::string_view limit) {
  ++counters_.slow_readers_dropped_total;
  counters_.limited.count(limit);
  log_.write(
      log_level::warn, "slow reader dropped",
      {{"reason", std::to_string(c.out.size()) + " bytes were waiting"}, {"address", c.address}});
  detach_from_core(c);
  reset(c);
}

void outbox::disconnect_slow_readers() {
  // Write first what can be written, so that only clients that do not read count.
  connections_.for_each([this](connection& c) {
    if (c.out.size() > 0 && !c.watched.writing) try_write(c);
  });
  std::vector<connection*> slow;
  connections_.for_each([&](connection& c) {
    if (c.out.size() > 0) slow.push_back(&c);
  });
  std::sort(slow.begin(), slow.end(),
            [](const connection* a, const connection* b) { return a->out.size() > b->out.size(); });
  // Frees 1/32 more than necessary, so that the next bytes do not start another search. Not more,
  // because closing many connections at once delays all others.
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes_in_all);
  const std::uint64_t enough = limit - limit / 32;
  for (connection* const c : slow) {
    if (queued_bytes_ <= enough) return;
    disconnect_slow_reader(*c, "queued_bytes_in_all");
  }
}

void outbox::flush_and_end(connection& c, ending how) {
  if (c.is<closed_state>()) return;
  const http_exchange* const x = c.http();
  c.become(flushing_state{how, x != nullptr, x != nullptr && x->is_input_over});
  begin_close(c);
}

void outbox::begin_close(connection& c) {
  connections_.set_deadline(c, close_deadline());
  queue(c);
}

void outbox::on_end_of_input(connection& c) {
  auto* const last = c.get_if<flushing_state>();
  // An HTTP client that has shut down sending may still read the response. A WebSocket client will
  // not.
  if (last == nullptr || !last->is_http) return drop(c);
  last->is_input_over = true;
  // The client has shut down sending already: close without waiting for it.
  last->then = ending::close;
  update_wait(c);
}

void outbox::detach_from_core(connection& c) {
  if (c.is_transport()) {
    --counters_.websockets;
    core_.later(input::transport_closed{c.key});
  } else if (const http_exchange* const x = c.request_exchange()) {
    if (const auto request = x->request()) core_.later(input::request_aborted{*request});
  }
}

void outbox::drop(connection& c) {
  if (c.is<closed_state>()) return;
  detach_from_core(c);
  if (const std::string_view unsent = c.out.unsent_bytes(); !unsent.empty()) {
    static_cast<void>(c.stream.write(unsent));
  }
  connections_.close(c);
}

void outbox::reset(connection& c) {
  if (c.is<closed_state>()) return;
  c.stream.reset_on_close();
  connections_.close(c);
}

void outbox::flush() {
  while (!dirty_.empty()) {
    const auto batch = std::exchange(dirty_, {});
    for (const connection_key key : batch) {
      connection* const c = connections_.find(key);
      if (c == nullptr) continue;
      c->out.is_dirty = false;
      if (!c->watched.writing && !c->out.is_blocked) write(*c);
    }
  }
}

void outbox::write(connection& c) {
  if (!try_write(c)) return;
  if (!c.out.has_unsent()) return on_all_sent(c);
  // HTTP responses count, too, and can be as large as a file.
  if (is_too_much_in_all()) disconnect_slow_readers();
  if (c.is<closed_state>()) return;
  // A WebSocket is limited by its heartbeat and by the size of its queue. HTTP and the closing
  // handshake have only this deadline.
  if (c.is<http_state>() || c.is<closing_state>()) {
    connections_.set_deadline(c, core_.now() + options_.send_timeout_ms);
  }
  // The socket blocked, or this connection has used up its share of the iteration.
  c.out.is_blocked = true;
  update_wait(c);
}

// Returns false if the connection has been closed.
bool outbox::try_write(connection& c) {
  send_queue& out = c.out;
  for (std::size_t total = 0; total < most_in_a_turn_bytes;) {
    const std::string_view next = out.next();
    if (next.empty()) {
      if (!out.behind) break;
      take_from_backlog(out);
      continue;
    }
    const byte_stream::result written = c.stream.write(next);
    if (written.what == byte_stream::status::ok) {
      out.take_sent(written.size);
      total += written.size;
      counters_.bytes_sent_total += written.size;
      continue;
    }
    if (written.what == byte_stream::status::blocked) {
      const std::size_t waiting = out.unsent_bytes().size();
      if (out.bytes.capacity() > waiting + waiting / 2 + slack_bytes) replace(out, waiting);
      count_queued(c);
      return true;
    }
    detach_from_core(c);
    connections_.close(c);
    return false;
  }
  if (out.bytes.size() == out.sent) release(out);
  count_queued(c);
  return true;
}

// All of `bytes` has been sent: continue with the backlog.
void outbox::take_from_backlog(send_queue& out) {
  out.bytes = out.behind->pop();
  out.sent = 0;
  if (out.behind->is_empty()) out.behind.reset();
}

// An idle connection keeps no buffer. The buffer is kept for the next connection that needs one,
// because freeing and allocating it in every iteration costs more than the writing.
void outbox::release(send_queue& out) {
  out.sent = 0;
  std::string memory;
  memory.swap(out.bytes);
  if (memory.capacity() > spare_bytes || spare_.size() == spare_count) return;
  memory.clear();
  spare_.push_back(std::move(memory));
}

void outbox::begin_wait(connection& c) {
  c.out.is_blocked = false;
  c.watched = {};
  c.pending = {};
  if (const auto error = c.stream.attach(events_.context())) return lose(c, error);
  if (c.stream.has_pending()) read_later(c);
  update_wait(c);
}

void outbox::update_wait(connection& c) {
  if (c.is<closed_state>()) return;
  const connection::interest wanted = c.wanted();
  const bool reads_again = wanted.reading && !c.watched.reading;
  c.watched = wanted;
  if (reads_again && c.stream.has_pending()) read_later(c);
  if (std::exchange(c.pending.is_due, true)) return;
  to_wait_for_.push_back(c.key);
}

void outbox::start_waits() {
  for (const connection_key key : std::exchange(to_wait_for_, {})) {
    connection* const c = connections_.find(key);
    if (c == nullptr) continue;
    c->pending.is_due = false;
    start_waits_of(*c);
  }
}

void outbox::start_waits_of(connection& c) {
  connection::waits& pending = c.pending;
  const auto wait = [&](bool& is_pending, byte_stream::wait_type what) {
    if (!std::exchange(is_pending, true)) events_.wait(c.stream, c.key, what);
  };
  if (c.watched.writing) wait(pending.writing, byte_stream::wait_type::wait_write);
  if (c.watched.reading) wait(pending.reading, byte_stream::wait_type::wait_read);
  // Nothing else would tell that the peer has gone.
  if (!pending.reading && !pending.writing) wait(pending.loss, byte_stream::wait_type::wait_error);
}

// Out of memory, or too many watches (epoll_ctl(2)).
void outbox::lose(connection& c, const boost::system::error_code& why) {
  ++counters_.wait_errors_total;
  if (core_.now() >= next_log_at_) {
    next_log_at_ = core_.now() + loss_log_interval_ms;
    log_.write(log_level::error, "connection lost",
               {{"reason", "the system cannot watch its socket: " + why.message()},
                {"address", c.address}});
  }
  drop(c);
}

void outbox::on_writable(connection& c) {
  c.out.is_blocked = false;
  update_wait(c);
  if (c.is<closed_state>()) return;
  // A client that reads slowly but steadily keeps its connection.
  if (c.is<flushing_state>()) connections_.set_deadline(c, close_deadline());
  write(c);
}

void outbox::on_all_sent(connection& c) {
  if (http_exchange* const x = c.http()) {
    if (x->is_reading()) return;
    if (x->is<http_exchange::waiting>()) return connections_.clear_deadline(c);
    if (x->is<http_exchange::answering>()) x->become(http_exchange::idle{});
    return connections_.set_deadline(c, core_.now() + options_.keep_alive_timeout_ms);
  }
  const auto* const last = c.get_if<flushing_state>();
  if (last == nullptr) return;
  if (last->then == ending::close) return connections_.close(c);
  if (!c.stream.shut_down_writing()) {
    c.out.is_blocked = true;
    return update_wait(c);
  }
  c.become(draining_state{});
  update_wait(c);
  if (!c.is<closed_state>()) connections_.set_deadline(c, close_deadline());
}

}  // namespace downbeat::host
