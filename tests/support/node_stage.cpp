#include "support/node_stage.hpp"

#include <algorithm>
#include <optional>

namespace downbeat::test {
namespace {

constexpr std::int64_t wall_ms_at_0 = 1'800'000'000'000;

}  // namespace

node_stage::node::node(node_stage& stage, node_id self, const std::string& name)
    : node(stage, self, name, jam_shards(stage.options_, stage.shards_)) {}

node_stage::node::node(node_stage& stage, node_id self, const std::string& name, jam_shards made)
    : line(std::move(made.engines)),
      apps(std::move(made.apps)),
      of({self, name, lease_ms}, stage.redis, line.host(),
         [&stage](node_id from, output::relay what) {
           for (const node_id to : what.to) stage.relays_.push_back({from, to, what.message});
         }) {
  line.draw_from(self);
  line.oversleep(stage.redis.now);
  line.give(input::clock{wall_ms_at_0 + stage.redis.now});
}

node_stage::node_stage(jam::options how, shard_index shards)
    : options_(std::move(how)), shards_(shards) {
  options_.journal = jam::journal_kind::host;
}

node_stage::node& node_stage::start(node_id self, const std::string& name) {
  node& one = nodes_.emplace_back(*this, self, name);
  settle();
  return one;
}

void node_stage::end(node& one) {
  one.has_ended = true;
  one.of.link().is_cut = true;
}

void node_stage::stop(node& one) {
  one.of.stop();
  end(one);
  settle();
}

void node_stage::sleep(node& one, std::int64_t ms) {
  one.is_awake = false;
  advance(ms);
  one.is_awake = true;
  one.line.oversleep(redis.now - one.line.now());
  one.line.host().stop();
  settle();
}

void node_stage::settle() {
  for (bool is_more = !is_held; is_more;) {
    is_more = false;
    for (node& one : nodes_) {
      if (one.is_awake && !one.has_ended) is_more = one.of.carry_on() || is_more;
    }
    const std::size_t waiting = relays_.size();
    if (!holds_relays) deliver_relays();
    is_more = is_more || relays_.size() != waiting;
  }
}

void node_stage::deliver_relays() {
  for (auto left = relays_.size(); left > 0; --left) {
    message next = std::move(relays_.front());
    relays_.pop_front();
    for (node& one : nodes_) {
      if (one.of.self() != next.to || one.has_ended) continue;
      if (one.is_awake) {
        one.of.receive_relay(next.from, next.bytes);
      } else {
        relays_.push_back(std::move(next));
      }
      break;
    }
  }
}

void node_stage::advance(std::int64_t ms) {
  const instant_ms end = redis.now + ms;
  settle();
  for (;;) {
    std::optional<instant_ms> next;
    for (node& one : nodes_) {
      if (!one.is_awake || one.has_ended) continue;
      const instant_ms due = std::max(redis.now, one.of.due());
      next = std::min(next.value_or(due), due);
      if (const auto stop = one.line.host().next_stop()) next = std::min(*next, *stop);
    }
    if (!next || *next > end) break;
    redis.now = std::max(redis.now, *next);
    for (node& one : nodes_) {
      if (!one.is_awake || one.has_ended) continue;
      one.line.oversleep(redis.now - one.line.now());
      one.line.host().stop();
    }
    settle();
  }
  redis.now = end;
  for (node& one : nodes_) {
    if (one.is_awake && !one.has_ended) one.line.oversleep(end - one.line.now());
  }
}

}  // namespace downbeat::test
