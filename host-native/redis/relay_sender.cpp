#include "redis/relay_sender.hpp"

#include "redis/relay_batch.hpp"

#include <cstddef>
#include <utility>

namespace downbeat::host {
namespace {

// So that a busy turn fills the link bit by bit, and what it cannot take is not everything.
constexpr std::size_t most_batch_bytes = 64 * 1024;

// Redis answers to no message: that saves both sides a good part of the work. Whether one may be
// sent is tried now and then, to nobody.
redis_link::behaviour sending(const redis_address& where,
                              std::function<void(const std::string& why)> lost,
                              std::function<void()> restored) {
  std::string greeting;
  append_command(greeting, {"PUBLISH", relay_channel(where, 0), ""});
  append_command(greeting, {"CLIENT", "REPLY", "OFF"});
  std::string heartbeat;
  append_command(heartbeat, {"CLIENT", "REPLY", "ON"});
  heartbeat += greeting;
  return {std::move(greeting), 1, std::move(heartbeat), [](const redis_reply&) {}, std::move(lost),
          std::move(restored)};
}

}  // namespace

std::string relay_channel(const redis_address& where, node_id node) {
  return "downbeat:relay:" + std::to_string(where.database) + ":" + std::to_string(node);
}

relay_sender::relay_sender(event_loop& in, const redis_address& where, node_id self,
                           std::uint32_t loop, std::function<void(const std::string& why)> lost,
                           std::function<void()> restored)
    : where_(where),
      self_(self),
      loop_(loop),
      link_(in, where, sending(where, std::move(lost), std::move(restored))) {}

void relay_sender::send(const output::relay& what) {
  for (const node_id node : what.to) add(find(node), what.message);
}

relay_sender::destination& relay_sender::find(node_id node) {
  const auto [found, is_new] = destinations_.try_emplace(node);
  if (is_new) found->second.channel = relay_channel(where_, node);
  return found->second;
}

void relay_sender::add(destination& to, std::string_view message) {
  // It has a number even if it is dropped: the other node is to notice.
  const std::uint64_t number = to.next++;
  if (!link_.is_connected()) {
    ++counters_.dropped_total;
    return;
  }
  if (to.in_batch == 0) {
    begin_batch(to.batch, self_, loop_, number);
    waiting_.push_back(&to);
  }
  append_to_batch(to.batch, message);
  ++to.in_batch;
  if (to.batch.size() < most_batch_bytes) return;
  publish(to);
  std::erase(waiting_, &to);
}

void relay_sender::publish(destination& to) {
  const std::uint64_t messages = std::exchange(to.in_batch, 0);
  command_.clear();
  append_command(command_, {"PUBLISH", to.channel, to.batch});
  if (!link_.send(command_)) {
    counters_.dropped_total += messages;
    return;
  }
  counters_.sent_total += messages;
  counters_.sent_bytes_total += to.batch.size();
  ++counters_.publishes_total;
}

void relay_sender::end_turn() {
  for (destination* const one : waiting_) publish(*one);
  waiting_.clear();
  link_.end_turn();
}

void relay_sender::count(relay_counters& into) const {
  into += counters_;
  into.is_connected = into.is_connected && link_.is_connected();
}

}  // namespace downbeat::host
