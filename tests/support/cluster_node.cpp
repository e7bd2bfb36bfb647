#include "support/cluster_node.hpp"

#include "input.hpp"
#include "session/canonical_code.hpp"
#include "session/event_text.hpp"

#include <algorithm>
#include <variant>

namespace downbeat::test {

using namespace cluster;

cluster_node::cluster_node(replica::options how, simulated_redis& redis, virtual_host& host,
                           relay_sender relays)
    : self_(how.self),
      redis_(redis),
      host_(host),
      relays_(std::move(relays)),
      link_(redis),
      replica_(std::move(how), link_),
      updates_(host.shards()),
      told_(host.shards()) {
  host_.use(*this);
}

bool cluster_node::keep_up() {
  if (replica_.due() > redis_.now) return false;
  replica_.keep_up(redis_.now);
  if (!is_started_ && replica_.is_following()) start();
  take_updates();
  return true;
}

void cluster_node::start() {
  is_started_ = true;
  const std::vector<update::any> first = replica_.take_updates();
  for (shard_index i = 0; i < host_.shards(); ++i) {
    for (const update::any& one : first) {
      if (const auto* const nodes = std::get_if<update::nodes_changed>(&one)) {
        host_.handle(i, input::nodes_changed{nodes->json});
      }
    }
    replica_.visit([&](const session::room& room) {
      if (session::shard_of(*session::canonicalize(room.code), host_.shards()) != i) return;
      const std::string snapshot = session::write_snapshot(room);
      host_.handle(i, input::room_restored{snapshot});
    });
    told_[i] = replica_.told();
    host_.handle(i, input::restore_finished{});
  }
}

void cluster_node::take_updates() {
  std::vector<update::any> all = replica_.take_updates();
  std::uint64_t number = replica_.told() - all.size();
  for (update::any& one : all) {
    ++number;
    const auto* const nodes = std::get_if<update::nodes_changed>(&one);
    if (nodes != nullptr) {
      for (auto& each : updates_) each.push_back({number, one});
      continue;
    }
    const std::string code = std::visit(
        [](const auto& what) -> std::string {
          if constexpr (requires { what.room; }) return what.room;
          return {};
        },
        one);
    const shard_index where = session::shard_of(*session::canonicalize(code), host_.shards());
    updates_[where].push_back({number, std::move(one)});
  }
}

void cluster_node::append(shard_index where, output::append what) {
  // Each engine counts by itself.
  what.append_id = what.append_id * host_.shards() + where;
  appends_.push_back({std::move(what), told_[where]});
}

void cluster_node::relay(shard_index, output::relay what) {
  relays_(self_, std::move(what));
}

bool cluster_node::append_some(std::size_t most) {
  if (appends_.empty()) return false;
  std::vector<own_append> some;
  while (!appends_.empty() && some.size() < most) {
    some.push_back(std::move(appends_.front()));
    appends_.pop_front();
  }
  replica_.append(some, redis_.now);
  take_updates();
  return true;
}

bool cluster_node::update_one(shard_index where) {
  if (updates_[where].empty()) return false;
  const waiting_update next = std::move(updates_[where].front());
  updates_[where].pop_front();
  told_[where] = next.number;
  if (const auto* answer = std::get_if<update::append_answered>(&next.what)) {
    host_.handle(where,
                 input::append_answered{answer->append_id / host_.shards(), answer->how, {}});
  } else if (const auto* appended = std::get_if<update::room_appended>(&next.what)) {
    host_.handle(where,
                 input::room_appended{appended->room, appended->expected_head, appended->events});
  } else if (const auto* replaced = std::get_if<update::room_replaced>(&next.what)) {
    host_.handle(where, input::room_replaced{replaced->room, replaced->snapshot});
  } else if (const auto* nodes = std::get_if<update::nodes_changed>(&next.what)) {
    host_.handle(where, input::nodes_changed{nodes->json});
  }
  return true;
}

bool cluster_node::receive_one() {
  const std::uint64_t connections = replica_.count().connections_total;
  if (std::exchange(connections_, connections) != connections) {
    link_.published.clear();
    replica_.listen_again(redis_.now);
  } else if (!link_.published.empty()) {
    const std::string text = std::move(link_.published.front());
    link_.published.pop_front();
    replica_.receive(text, redis_.now);
  } else {
    return false;
  }
  take_updates();
  return true;
}

void cluster_node::receive_relay(node_id from, std::string_view message) {
  const auto key = session::canonicalize(message.substr(0, message.find('\n')));
  if (!key || !is_started_) return;
  host_.handle(session::shard_of(*key, host_.shards()), input::relay_received{from, message});
}

bool cluster_node::carry_on() {
  bool was_any = false;
  for (bool is_more = true; is_more;) {
    is_more = keep_up();
    is_more = append_some(64) || is_more;
    for (shard_index i = 0; i < host_.shards(); ++i) is_more = update_one(i) || is_more;
    is_more = receive_one() || is_more;
    was_any = was_any || is_more;
  }
  return was_any;
}

bool cluster_node::is_quiet() const {
  return appends_.empty() && link_.published.empty() &&
         std::all_of(updates_.begin(), updates_.end(),
                     [](const auto& each) { return each.empty(); });
}

void cluster_node::stop() {
  for (shard_index i = 0; i < host_.shards(); ++i) host_.handle(i, input::shutdown_requested{});
  append_some(appends_.size());
  replica_.leave(redis_.now);
}

}  // namespace downbeat::test
