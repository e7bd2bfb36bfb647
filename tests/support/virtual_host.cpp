#include "support/virtual_host.hpp"

#include "session/event_text.hpp"
#include "trace/input_line.hpp"
#include "trace/output_line.hpp"

#include <utility>
#include <variant>

namespace downbeat::test {

std::vector<std::unique_ptr<engine>> only(std::unique_ptr<engine> core) {
  std::vector<std::unique_ptr<engine>> one;
  one.push_back(std::move(core));
  return one;
}

virtual_host::virtual_host(std::vector<std::unique_ptr<engine>> engines, observer& watches,
                           delivery messages, answers appends)
    : engines_(std::move(engines)),
      observer_(watches),
      delivery_(messages),
      answers_(appends),
      router_(shards(), [this](shard_index where, const input::any& what) { handle(where, what); }),
      deadlines_(engines_.size()),
      journals_(engines_.size()) {}

void virtual_host::restart(std::vector<std::unique_ptr<engine>> engines) {
  engines_ = std::move(engines);
  router_.close_all();
  deadlines_.assign(engines_.size(), std::nullopt);
  journals_.resize(engines_.size());
}

// Inputs and outputs.

void virtual_host::handle(shard_index where, const input::any& what) {
  router_.note(where, what);
  if (record_) record_(where, trace::write_input(now_, what));
  observer_.on_input(where, what);
  engines_[where]->handle(now_, what);
  observer_.on_handled(where);
  drain(where);
}

void virtual_host::restore() {
  for (shard_index i = 0; i < shards(); ++i) {
    for (const session::room& room : journals_[i].rooms()) {
      const std::string snapshot = session::write_snapshot(room);
      handle(i, input::room_restored{snapshot});
    }
    handle(i, input::restore_finished{});
  }
}

void virtual_host::drain(shard_index where) {
  for (;;) {
    output::any what = engines_[where]->poll_output();
    if (record_) record_(where, trace::write_output(now_, what));
    observer_.on_output(where, what);
    if (const auto* wait = std::get_if<output::wait_until>(&what)) {
      deadlines_[where] = wait->deadline;
      break;
    }
    carry_out(where, what);
    if (!router_.complaint().empty()) observer_.on_complaint(router_.complaint());
  }
  observer_.on_drained(where);
  if (delivery_ == delivery::immediate) deliver_all();
}

void virtual_host::carry_out(shard_index where, output::any& what) {
  auto* const append = std::get_if<output::append>(&what);
  auto* const relay = std::get_if<output::relay>(&what);
  if (append != nullptr && store_ != nullptr) {
    store_->append(where, std::move(*append));
  } else if (relay != nullptr && store_ != nullptr) {
    store_->relay(where, std::move(*relay));
  } else if (append != nullptr) {
    journals_[where].append(now_, *append);
  } else if (!router_.take(where, what)) {
    observer_.carry_out(where, what);
  }
}

// Messages between shards.

void virtual_host::set_delivery(delivery to) {
  delivery_ = to;
  if (to == delivery::immediate) deliver_all();
}

void virtual_host::deliver_all() {
  // What is delivered leads to inputs, after which this is called again.
  if (std::exchange(is_delivering_, true)) return;
  for (auto ways = router_.ways(); !ways.empty(); ways = router_.ways()) {
    for (const auto& [from, to] : ways) router_.deliver(from, to);
  }
  is_delivering_ = false;
}

// Journals and time.

void virtual_host::answer_appends() {
  for (bool is_more = true; is_more;) {
    is_more = false;
    for (shard_index i = 0; i < shards(); ++i) {
      while (const auto answer = journals_[i].take_due(now_)) {
        is_more = true;
        handle(i, answer->as_input());
      }
    }
  }
}

void virtual_host::stop() {
  for (shard_index i = 0; i < shards(); ++i) {
    if (deadlines_[i] && *deadlines_[i] <= now_) handle(i, input::deadline_reached{});
  }
  if (answers_ == answers::in_time) answer_appends();
}

std::optional<instant_ms> virtual_host::next_stop() const {
  std::optional<instant_ms> soonest;
  const auto consider = [&](const std::optional<instant_ms>& when) {
    if (when && (!soonest || *when < *soonest)) soonest = when;
  };
  for (const auto& each : deadlines_) consider(each);
  for (const jam::memory_journal& journal : journals_) {
    if (answers_ == answers::in_time) consider(journal.next_due());
  }
  return soonest;
}

}  // namespace downbeat::test
