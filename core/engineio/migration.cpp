// Migration of connections between shards, and forwarding of their requests.
//
// A session id determines the shard that opened the connection, its origin. Each shard that a
// connection has left remembers the next shard in its forwarding table. A request goes to the
// origin first and then follows the connection. It cannot overtake it, because messages between two
// shards keep their order. When a connection closes, its shard notifies all visited shards, which
// then remove the entry.

#include "engineio/server.hpp"
#include "engineio/shard_message.hpp"
#include "json/object_reader.hpp"
#include "json/writer.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace downbeat::engineio {
namespace {

constexpr std::size_t sid_length = 20;

/// Later than all times in traces and all deadlines computed from them.
constexpr instant_ms latest = instant_ms{1} << 43;

/// The number in the last part of a session id; nothing if the text has another form.
std::optional<std::uint64_t> counter_of(std::string_view sid) {
  if (sid.size() < sid_length) return std::nullopt;
  // The name of a node may come before.
  std::string counter(sid.substr(sid.size() - 4));
  std::replace(counter.begin(), counter.end(), '-', '+');
  std::replace(counter.begin(), counter.end(), '_', '/');
  const auto bytes = base64::decode(counter);
  if (!bytes || bytes->size() != 3) return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : *bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

/// The shard that opened the connection with this session id; nothing if the text has another form.
std::optional<shard_index> origin_shard(std::string_view sid, shard_index shards) {
  const auto number = counter_of(sid);
  if (!number) return std::nullopt;
  return static_cast<shard_index>((*number + shards - 1) % shards);
}

// Reading and writing.

std::int64_t upgrade_stage_of(const connection_machine& machine) {
  if (machine.state() == connection_state::probing) return 1;
  return machine.state() == connection_state::probed ? 2 : 0;
}

std::string write_polling(const polling_state& polling) {
  json::array_writer outbox;
  for (const frame& packet : polling.outbox) {
    outbox.raw(json::object_writer()
                   .flag("binary", packet.is_binary())
                   .bytes("data", packet.bytes())
                   .done());
  }
  json::object_writer json;
  json.raw("outbox", outbox.done()).number("pace", polling.pace.tat_ns());
  if (polling.deferred_until) {
    json.bytes("deferred", polling.deferred)
        .number("deferredAt", static_cast<std::int64_t>(polling.deferred_at))
        .number("deferredUntil", *polling.deferred_until);
  }
  return json.done();
}

bool read_polling(std::string_view text, polling_state& into) {
  json::object_reader from(text);
  for (const std::string_view item : from.items("outbox")) {
    json::object_reader packet(item);
    const bool is_binary = packet.flag("binary");
    std::string data = packet.text("data");
    if (!packet.is_good()) return false;
    into.queued_bytes += static_cast<std::int64_t>(data.size());
    into.outbox.push_back(is_binary ? frame::binary(std::move(data))
                                    : frame::text(std::move(data)));
  }
  into.pace = rate_limiter::from_ns(from.number("pace", 0, rate_limiter::most_ns));
  if (from.has("deferredUntil")) {
    into.deferred = from.text("deferred");
    into.deferred_at = static_cast<std::size_t>(
        from.number("deferredAt", 0, static_cast<std::int64_t>(into.deferred.size())));
    into.deferred_until = from.number("deferredUntil", 0, latest);
  }
  return from.is_good();
}

}  // namespace

struct server::migrated_connection final : migrated_state {
  std::unique_ptr<connection> core;
  std::vector<shard_index> visited;
  std::unique_ptr<migrated_state> application;

  [[nodiscard]] std::string write() const override;
};

std::string server::migrated_connection::write() const {
  const connection& c = *core;
  const auto* const probed = c.machine.get<state::probed>();
  json::array_writer shards;
  for (const shard_index one : visited) shards.raw(std::to_string(one));
  json::object_writer json;
  json.id("id", c.id)
      .text("sid", c.sid)
      .bytes("address", c.remote_address)
      .flag("base64", c.wants_base64)
      .number("heartbeat", static_cast<std::int64_t>(c.beat))
      .number("heartbeatAt", c.beat_deadline)
      .number("upgrade", upgrade_stage_of(c.machine))
      .number("upgradeUntil", c.machine.upgrade_deadline())
      .number("flushAt", probed == nullptr ? std::nullopt : probed->flush_at)
      .raw("visited", shards.done());
  if (c.polling) json.raw("polling", write_polling(*c.polling));
  if (application) json.raw("client", application->write());
  return json.done();
}

std::unique_ptr<migrated_state> server::read_migrated(std::string_view text) const {
  auto read = std::make_unique<migrated_connection>();
  read->core = std::make_unique<connection>();
  connection& c = *read->core;
  json::object_reader from(text);
  c.id = from.id("id");
  c.sid = from.text("sid");
  c.remote_address = from.text("address");
  if (static_cast<std::int64_t>(c.remote_address.size()) > max_address_bytes) return nullptr;
  c.wants_base64 = from.flag("base64");
  c.beat = static_cast<heartbeat>(from.number("heartbeat", 0, 2));
  c.beat_deadline = from.number("heartbeatAt", 0, latest);
  const std::int64_t stage = from.number("upgrade", 0, 2);
  const auto until = from.optional_number("upgradeUntil", 0, latest);
  const auto flush_at = from.optional_number("flushAt", 0, latest);
  // The numbers of the transports come beside it.
  if (stage == 1) c.machine = connection_machine(state::probing{0, until});
  if (stage == 2) c.machine = connection_machine(state::probed{0, until, flush_at});
  for (const std::string_view one : from.items("visited")) {
    const auto index = json::read_number(one, 0, std::int64_t{here_.count} - 1);
    if (!index) return nullptr;
    read->visited.push_back(static_cast<shard_index>(*index));
  }
  if (from.has("polling")) {
    c.polling = std::make_unique<polling_state>();
    if (!read_polling(from.raw("polling"), *c.polling)) return nullptr;
  }
  read->application = application_->read_migrated(c.id, from.raw("client"));
  if (!from.is_good() || !read->application || read->write() != text) return nullptr;
  return read;
}

std::string server::take_written(migration& what) const {
  auto read = what.state ? read_migrated(what.state->write()) : nullptr;
  if (!read) return "the state of the connection cannot be read";
  const connection& c = *static_cast<migrated_connection&>(*read).core;

  // Check what holds for every migrated connection, and that this shard has not assigned its
  // number.
  const auto counter = counter_of(c.sid);
  const bool is_known = find(c.id) != nullptr || by_sid_.count(c.sid) != 0;
  const bool is_to_come = c.id == 0 || ((c.id - 1) % here_.count == here_.index &&
                                        (c.id - 1) / here_.count >= handshakes_);
  if (is_known || is_to_come || counter != counter_of_id(c.id, here_)) {
    return "no connection of that number and session id can come here";
  }
  std::vector<std::uint64_t> transports;
  std::vector<std::uint64_t> requests;
  if (what.websocket) transports.push_back(*what.websocket);
  if (what.upgrade_websocket) transports.push_back(*what.upgrade_websocket);
  if (what.poll) requests.push_back(*what.poll);
  if (what.post) requests.push_back(*what.post);
  const auto is_taken = [](const std::vector<std::uint64_t>& numbers, const auto& known) {
    return (numbers.size() == 2 && numbers[0] == numbers[1]) ||
           std::any_of(numbers.begin(), numbers.end(),
                       [&](std::uint64_t n) { return known.find(n) != known.end(); });
  };
  if (is_taken(transports, by_transport_) || is_taken(requests, by_request_)) {
    return "the number of a transport or a request is in use";
  }
  const auto* const probed = c.machine.get<state::probed>();
  const bool is_upgrading = c.machine.is_upgrading();
  const bool may_be = [&] {
    if (what.upgrade_websocket.has_value() != is_upgrading) return false;
    if (c.machine.upgrade_deadline().has_value() != is_upgrading) return false;
    if (probed != nullptr && !probed->flush_at) return false;
    if (!c.polling) return what.websocket && !is_upgrading && !what.poll && !what.post;
    if (c.polling->deferred_until && !what.post) return false;
    if (!what.websocket) return true;
    return !is_upgrading && what.post && !what.poll && c.polling->outbox.empty();
  }();
  if (!may_be) return "the connection's transports and its state do not fit";
  what.state = std::move(read);
  return {};
}

std::optional<shard_index> server::elsewhere(const query_parameters& query,
                                             const request_head& head) const {
  if (here_.count == 1) return std::nullopt;
  const std::string_view sid = value_of(query, "sid");
  if (sid.empty() || by_sid_.count(sid) > 0) return std::nullopt;
  if (const auto found = forwarding_table_.find(std::string(sid));
      found != forwarding_table_.end()) {
    return found->second;
  }
  // A forwarded request has already followed the connection as far as possible.
  if (head.is_forwarded) return std::nullopt;
  const auto opened_at = origin_shard(sid, here_.count);
  return opened_at == here_.index ? std::nullopt : opened_at;
}

void server::move(connection_id which, shard_index to) {
  moving_in_step_.emplace_back(which, to);
}

void server::detach(instant_ms now, connection& c, shard_index to) {
  auto state = std::make_unique<migrated_connection>();
  state->application = application_->detach(now, c.id);

  auto way = std::make_unique<migration>();
  way->websocket = c.machine.websocket();
  if (way->websocket) {
    by_transport_.erase(*way->websocket);
    --on_websocket_;
  }
  way->upgrade_websocket = c.machine.upgrade_transport();
  if (way->upgrade_websocket) by_transport_.erase(*way->upgrade_websocket);
  if (c.polling) {
    way->poll = c.polling->poll;
    way->post = c.polling->post;
    for (const auto& request : {way->poll, way->post}) {
      if (request) by_request_.erase(*request);
    }
    queued_bytes_ -= c.polling->queued_bytes;
    deferred_bytes_ -= static_cast<std::int64_t>(c.polling->deferred.size());
    if (const auto& at = c.polling->deferred_until) {
      deadlines_.cancel(*at, {c.id, deadline_kind::post});
    }
    // Shards share no memory, so copy the bytes of broadcasts.
    for (frame& waiting : c.polling->outbox) {
      std::string bytes = waiting.bytes();
      waiting =
          waiting.is_binary() ? frame::binary(std::move(bytes)) : frame::text(std::move(bytes));
    }
  }
  // The deadlines stay in the connection, and the other shard sets them again.
  for (const auto kind :
       {deadline_kind::heartbeat, deadline_kind::upgrade, deadline_kind::upgrade_flush}) {
    const auto* const at = slot_of(c, kind);
    if (at != nullptr && *at) deadlines_.cancel(**at, {c.id, kind});
  }

  if (const auto visited = visited_shards_.find(c.id); visited != visited_shards_.end()) {
    state->visited = std::move(visited->second);
    visited_shards_.erase(visited);
  }
  state->visited.push_back(here_.index);
  forwarding_table_[c.sid] = to;
  ++migrations_;

  by_sid_.erase(c.sid);
  state->core = std::move(connections_.at_key(c.id));
  connections_.erase(c.id);
  way->state = std::move(state);
  outputs_.push(output::move_connection{to, std::move(way)});
}

void server::handle(instant_ms now, const input::connection_moved_in& input) {
  const std::unique_ptr<migrated_state> state = std::move(input.what->state);
  auto& moved = static_cast<migrated_connection&>(*state);
  connection& c = *moved.core;
  connections_.emplace(c.id, std::move(moved.core));
  by_sid_.emplace(c.sid, &c);

  c.machine.renumber(input.what->websocket, input.what->upgrade_websocket);
  if (const auto websocket = c.machine.websocket()) {
    by_transport_.emplace(*websocket, &c);
    ++on_websocket_;
  }
  if (const auto upgrade = c.machine.upgrade_transport()) by_transport_.emplace(*upgrade, &c);
  if (c.polling) {
    c.polling->poll = input.what->poll;
    c.polling->post = input.what->post;
    for (const auto& request : {input.what->poll, input.what->post}) {
      if (request) by_request_.emplace(*request, &c);
    }
    queued_bytes_ += c.polling->queued_bytes;
    deferred_bytes_ += static_cast<std::int64_t>(c.polling->deferred.size());
    if (const auto& at = c.polling->deferred_until) {
      deadlines_.set(*at, {c.id, deadline_kind::post});
    }
    if (!c.polling->outbox.empty()) polls_to_flush_.push_back(c.id);
  }
  for (const auto kind :
       {deadline_kind::heartbeat, deadline_kind::upgrade, deadline_kind::upgrade_flush}) {
    const auto* const at = slot_of(c, kind);
    if (at != nullptr && *at) deadlines_.set(**at, {c.id, kind});
  }

  // The connection may return to a shard where it was before.
  forwarding_table_.erase(c.sid);
  auto& visited = moved.visited;
  visited.erase(std::remove(visited.begin(), visited.end(), here_.index), visited.end());
  visited_shards_.emplace(c.id, std::move(visited));

  application_->attach(now, c.id, std::move(moved.application));
  // The limits may differ on this shard, and it may have more waiting bytes.
  drop_if_slow(c);
  if (is_shutting_down_) close(c, close_reason::server_shutdown);
}

void server::notify_visited_shards(const connection& c) {
  if (visited_shards_.empty()) return;
  const auto visited = visited_shards_.find(c.id);
  if (visited == visited_shards_.end()) return;
  for (const shard_index to : visited->second) {
    outputs_.send_to_shard(to, layer::engineio, shard_message::write({c.sid}));
  }
  visited_shards_.erase(visited);
}

void server::on_shard_message(std::string_view text) {
  if (const auto closed = shard_message::read(text)) forwarding_table_.erase(closed->sid);
}

bool server::can_read(std::string_view shard_message) {
  return shard_message::read(shard_message).has_value();
}

}  // namespace downbeat::engineio
