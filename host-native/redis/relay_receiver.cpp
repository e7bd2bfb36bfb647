#include "redis/relay_receiver.hpp"

#include "redis/relay_batch.hpp"
#include "redis/relay_sender.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::host {
namespace {

constexpr std::uint64_t longest_gap = std::uint64_t{1} << 32;

redis_link::behaviour listening(const std::string& channel,
                                std::function<void(redis_reply reply)> received,
                                std::function<void(const std::string& why)> lost,
                                std::function<void()> restored) {
  std::string greeting;
  append_command(greeting, {"SUBSCRIBE", channel});
  std::string heartbeat;
  append_command(heartbeat, {"PING"});
  return {std::move(greeting), 1, std::move(heartbeat), std::move(received), std::move(lost),
          std::move(restored)};
}

}  // namespace

relay_receiver::relay_receiver(event_loop& in, const redis_address& where, node_id self,
                               handler take, std::function<void(const std::string& why)> lost,
                               std::function<void()> restored)
    : link_(in, where,
            listening(
                relay_channel(where, self), [this](const redis_reply& reply) { on_reply(reply); },
                std::move(lost), std::move(restored))),
      take_(std::move(take)) {}

// `message`, the channel, what was published; or an answer to PING.
void relay_receiver::on_reply(const redis_reply& reply) {
  if (reply.items.size() == 3 && reply.items[0].text == "message") on_batch(reply.items[2].text);
}

void relay_receiver::on_batch(std::string_view bytes) {
  const auto batch = read_batch(bytes);
  if (!batch) return;
  const auto [next, is_new] = next_.try_emplace({batch->from, batch->loop}, batch->first);
  // Nobody loses so many: somebody else has written one of the numbers.
  const std::uint64_t distance =
      std::max(batch->first, next->second) - std::min(batch->first, next->second);
  if (distance > longest_gap) next->second = batch->first;
  // What has overtaken it came through a newer connection, and it counts as missing already.
  if (batch->first < next->second) return;
  counters_.gaps_total += batch->first - next->second;
  next->second = batch->first + batch->messages.size();
  counters_.received_total += batch->messages.size();
  counters_.received_bytes_total += bytes.size();
  take_(batch->from, batch->messages);
}

void relay_receiver::count(relay_counters& into) const {
  into += counters_;
  into.is_connected = into.is_connected && link_.is_connected();
}

}  // namespace downbeat::host
