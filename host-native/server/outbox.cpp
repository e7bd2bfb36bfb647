#include "server/outbox.hpp"

#include "websocket/frame_writer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace downbeat::host {
namespace {

// What a queue may keep besides what waits and half of that: a bound in bytes that wait is to
// be one in memory.
constexpr std::size_t slack_bytes = 16 * 1024;
constexpr std::size_t spare_bytes = 16 * 1024;
constexpr std::size_t spare_count = 256;
constexpr std::size_t most_header_bytes = 10;  // of a frame that is not masked
constexpr instant_ms hurried_close_ms = 1'000;

}  // namespace

outbox::outbox(const server_options& options, poller& poll, connection_table& connections,
               driver& core, counters& count, logger& log)
    : options_(options),
      poll_(poll),
      connections_(connections),
      core_(core),
      count_(count),
      log_(log) {}

instant_ms outbox::close_deadline() const {
  const instant_ms patience =
      is_hurried_ ? std::min<instant_ms>(options_.close_timeout_ms, hurried_close_ms)
                  : options_.close_timeout_ms;
  return core_.now() + patience;
}

std::string& outbox::queue(connection& c) {
  if (c.out.empty() && !spare_.empty()) {
    c.out = std::move(spare_.back());
    spare_.pop_back();
  }
  if (!c.is_dirty) {
    c.is_dirty = true;
    dirty_.push_back(c.key);
  }
  return c.behind ? c.behind->tail() : c.out;
}

void outbox::send(connection& c, const frame& message) {
  const std::string& payload = message.bytes();
  const opcode code = message.is_binary() ? opcode::binary : opcode::text;
  if (!c.is_awaiting_write || payload.size() < backlog::shared_from_bytes) {
    return send(c, code, payload);
  }
  if (!has_place_for(c, payload.size())) return;
  if (!c.behind) c.behind = std::make_unique<backlog>();
  append_header(queue(c), code, payload.size());
  c.behind->push(message);
  count_queued(c);
  if (is_too_much_in_all()) shed_slow_readers();
}

void outbox::send(connection& c, opcode code, std::string_view payload) {
  if (!has_place_for(c, payload.size())) return;
  std::string& out = queue(c);
  const std::size_t most = payload.size() + most_header_bytes;
  if (out.capacity() - out.size() < most) make_room(c, out, most);
  append_frame(out, code, payload);
  count_queued(c);
  if (is_too_much_in_all()) shed_slow_readers();
}

// Whether the queue may take a frame; else its connection is not any more.
bool outbox::has_place_for(connection& c, std::size_t payload_bytes) {
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes);
  const std::uint64_t size = framed_size(payload_bytes);
  if (limit == 0 || c.queued_bytes() + size <= limit) return true;
  // Much may be said in one turn, which is not the reader's fault: it is asked first.
  if (!c.is_awaiting_write && !try_write(c)) return false;
  if (c.queued_bytes() == 0 || c.queued_bytes() + size <= limit) return true;
  drop_slow_reader(c, "queued_bytes");
  return false;
}

bool outbox::is_too_much_in_all() const {
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes_in_all);
  return limit > 0 && queued_bytes_ > limit;
}

// A string doubles when it grows, which is too much for a long one.
void outbox::make_room(connection& c, std::string& in, std::size_t more) {
  const bool is_first = &in == &c.out;
  const std::size_t waiting = in.size() - (is_first ? c.sent : 0);
  if (waiting <= spare_bytes) return;
  const std::size_t size = waiting + more + waiting / 2;
  is_first ? replace(c, size) : in.reserve(size);
}

// Keeps what waits, in memory of this size.
void outbox::replace(connection& c, std::size_t size) {
  std::string fresh;
  fresh.reserve(size);
  fresh.append(c.out, c.sent);
  c.out = std::move(fresh);
  c.sent = 0;
}

void outbox::count_queued(connection& c) {
  queued_bytes_ += c.queued_bytes() - c.counted_bytes;
  c.counted_bytes = c.queued_bytes();
}

void outbox::drop_slow_reader(connection& c, std::string_view limit) {
  ++count_.slow_readers_dropped_total;
  count_.limited.count(limit);
  log_.write(log_level::warn, "slow reader dropped",
             {{"reason", std::to_string(c.queued_bytes()) + " bytes were waiting"},
              {"address", c.address}});
  tell_core(c);
  reset(c);
}

void outbox::shed_slow_readers() {
  // Whoever reads shall have had the chance to.
  connections_.for_each([this](connection& c) {
    if (c.queued_bytes() > 0 && !c.is_awaiting_write) try_write(c);
  });
  std::vector<connection*> slow;
  connections_.for_each([&](connection& c) {
    if (c.queued_bytes() > 0) slow.push_back(&c);
  });
  std::sort(slow.begin(), slow.end(), [](const connection* a, const connection* b) {
    return a->queued_bytes() > b->queued_bytes();
  });
  // Some more than need be, so that they are not all looked at again for the next few bytes. But
  // not many more: while they are closed, others wait.
  const auto limit = static_cast<std::uint64_t>(options_.max_queued_bytes_in_all);
  const std::uint64_t enough = limit - limit / 32;
  for (connection* const c : slow) {
    if (queued_bytes_ <= enough) return;
    drop_slow_reader(*c, "queued_bytes_in_all");
  }
}

void outbox::end(connection& c, ending how) {
  if (c.now == phase::closed) return;
  c.then = how;
  connections_.set_deadline(c, close_deadline());
  queue(c);
}

void outbox::tell_core(connection& c) {
  if (std::exchange(c.is_known_to_core, false)) {
    --count_.websockets;
    core_.later(input::transport_closed{c.key});
  }
  if (c.http && c.http->request != 0) {
    core_.later(input::request_aborted{std::exchange(c.http->request, 0)});
  }
}

void outbox::drop(connection& c) {
  if (c.now == phase::closed) return;
  tell_core(c);
  if (c.out.size() > c.sent) {
    const char* const from = c.out.data() + c.sent;
    const ssize_t ignored =
        ::send(c.socket.number(), from, c.out.size() - c.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    static_cast<void>(ignored);
  }
  connections_.close(c);
}

void outbox::reset(connection& c) {
  if (c.now == phase::closed) return;
  const linger at_once{1, 0};
  ::setsockopt(c.socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  connections_.close(c);
}

void outbox::flush() {
  while (!dirty_.empty()) {
    const auto batch = std::exchange(dirty_, {});
    for (const connection_key key : batch) {
      connection* const c = connections_.find(key);
      if (c == nullptr) continue;
      c->is_dirty = false;
      if (!c->is_awaiting_write) write(*c);
    }
  }
}

void outbox::write(connection& c) {
  if (!try_write(c)) return;
  if (c.queued_bytes() == 0) return finish(c);
  // Responses count as well, and are as large as what is asked for.
  if (is_too_much_in_all()) shed_slow_readers();
  if (c.now == phase::closed) return;
  // A WebSocket has its heartbeat, and the bound of its queue. Others have only this.
  if (c.now != phase::websocket && c.then == ending::none) {
    connections_.set_deadline(c, core_.now() + options_.send_timeout_ms);
  }
  await_writable(c, true);
}

// Returns whether the connection still is.
bool outbox::try_write(connection& c) {
  for (;;) {
    if (c.out.size() == c.sent) {
      if (!c.behind) break;
      take_from_behind(c);
      continue;
    }
    const ssize_t written = ::send(c.socket.number(), c.out.data() + c.sent, c.out.size() - c.sent,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      c.sent += static_cast<std::size_t>(written);
      count_.bytes_sent_total += static_cast<std::uint64_t>(written);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      const std::size_t waiting = c.out.size() - c.sent;
      if (c.out.capacity() > waiting + waiting / 2 + slack_bytes) replace(c, waiting);
      count_queued(c);
      return true;
    }
    tell_core(c);
    connections_.close(c);
    return false;
  }
  release(c);
  count_queued(c);
  return true;
}

// The peer has read all that it was offered.
void outbox::take_from_behind(connection& c) {
  c.out = c.behind->pop();
  c.sent = 0;
  if (c.behind->is_empty()) c.behind.reset();
}

// A connection that has nothing to say keeps no memory for it. The next one that has takes it over:
// memory that is freed and asked for again every turn costs more than the writing.
void outbox::release(connection& c) {
  c.sent = 0;
  std::string memory;
  memory.swap(c.out);
  if (memory.capacity() > spare_bytes || spare_.size() == spare_count) return;
  memory.clear();
  spare_.push_back(std::move(memory));
}

void outbox::await_writable(connection& c, bool is_awaited) {
  c.is_awaiting_write = is_awaited;
  poll_.await(c.socket.number(), c.key, !c.is_paused, is_awaited);
}

void outbox::on_writable(connection& c) {
  await_writable(c, false);
  // Who reads, however slowly, is waited for.
  if (c.then != ending::none) connections_.set_deadline(c, close_deadline());
  write(c);
}

void outbox::finish(connection& c) {
  switch (c.then) {
    case ending::none:
      if (!c.http || c.http->reader) return;
      if (c.http->request != 0) return connections_.clear_deadline(c);
      return connections_.set_deadline(c, core_.now() + options_.keep_alive_timeout_ms);
    case ending::half_close: {
      ::shutdown(c.socket.number(), SHUT_WR);
      c.then = ending::none;
      c.now = phase::draining;
      c.http.reset();
      return connections_.set_deadline(c, close_deadline());
    }
    case ending::close: return connections_.close(c);
  }
}

}  // namespace downbeat::host
