#include "redis/relay_link.hpp"

#include <utility>

namespace downbeat::host {

// All loops lose Redis together, and the first one says so for all.
relay_link::relay_link(event_loop& in, const redis_address& where, node_id self, std::uint32_t loop,
                       relay_receiver::handler take, logger& log)
    : log_(log),
      name_(where.name()),
      is_logging_(loop == 0),
      sender_(
          in, where, self, loop, [this](const std::string& why) { on_loss(why); },
          [this] { on_return(); }) {
  if (!take) return;
  receiver_.emplace(
      in, where, self, std::move(take), [this](const std::string& why) { on_loss(why); },
      [this] { on_return(); });
}

void relay_link::end_turn() {
  sender_.end_turn();
  if (receiver_) receiver_->end_turn();
}

void relay_link::on_loss(const std::string& why) {
  if (lost_++ > 0 || !is_logging_) return;
  log_.write(log_level::error, "notes not relayed", {{"redis", name_}, {"reason", why}});
}

void relay_link::on_return() {
  if (--lost_ > 0 || !is_logging_) return;
  log_.write(log_level::info, "notes relayed again", {{"redis", name_}});
}

relay_counters relay_link::counters() const {
  relay_counters all;
  sender_.count(all);
  if (receiver_) receiver_->count(all);
  return all;
}

}  // namespace downbeat::host
