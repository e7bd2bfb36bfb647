#include "connection/connection_table.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::host {
namespace {

// A key consists of a serial number and, in its low bits, the index of a slot.
constexpr unsigned index_bits = 24;
constexpr std::uint64_t index_mask = (1u << index_bits) - 1;

}  // namespace

std::uint64_t connection_table::issue(std::uint64_t index) {
  return ++last_serial_ << index_bits | index;
}

const connection_table::slot& connection_table::slot_of(std::uint64_t number) const {
  return slots_[static_cast<std::size_t>(number & index_mask)];
}

connection_table::slot& connection_table::slot_of(std::uint64_t number) {
  return slots_[static_cast<std::size_t>(number & index_mask)];
}

std::uint64_t connection_table::issue_lost() {
  return issue(index_mask);
}

connection_table::slot& connection_table::take_slot(std::uint32_t& index) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  index = free_.back();
  free_.pop_back();
  ++size_;
  return slots_[index];
}

connection& connection_table::add(byte_stream stream) {
  std::uint32_t index = 0;
  slot& place = take_slot(index);
  place.here = std::make_unique<connection>(issue(index), std::move(stream));
  return *place.here;
}

connection_table::detached_connection connection_table::take(connection& c) {
  slot& place = slot_of(c.key);
  free_.push_back(static_cast<std::uint32_t>(c.key & index_mask));
  --size_;
  return {std::move(place.here), std::exchange(place.deadline, never)};
}

connection& connection_table::add(detached_connection detached) {
  std::uint32_t index = 0;
  slot& place = take_slot(index);
  place.here = std::move(detached.subject);
  connection& c = *place.here;
  c.key = issue(index);
  if (http_exchange* const x = c.request_exchange(); x != nullptr && x->request()) {
    x->renumber(issue_request(c));
  }
  if (detached.deadline != never) set_deadline(c, detached.deadline);
  return c;
}

connection* connection_table::find(connection_key key) const {
  if ((key & index_mask) >= slots_.size()) return nullptr;
  connection* const c = slot_of(key).here.get();
  return c != nullptr && c->key == key && !c->is<closed_state>() ? c : nullptr;
}

request_id connection_table::issue_request(const connection& c) {
  return issue(c.key & index_mask);
}

connection* connection_table::find_request(request_id request) const {
  if ((request & index_mask) >= slots_.size()) return nullptr;
  connection* const c = slot_of(request).here.get();
  if (c == nullptr) return nullptr;
  const http_exchange* const x = c->request_exchange();
  return x != nullptr && x->request() == request ? c : nullptr;
}

void connection_table::close(connection& c) {
  if (c.is<closed_state>()) return;
  c.become(closed_state{});
  on_closed_(c);
  clear_deadline(c);
  c.stream.close();
  closed_.push_back(c.key);
  ++closed_count_;
  --size_;
}

void connection_table::forget_closed() {
  for (const connection_key key : closed_) {
    slot_of(key).here.reset();
    free_.push_back(static_cast<std::uint32_t>(key & index_mask));
  }
  closed_.clear();
}

void connection_table::for_each(const std::function<void(connection&)>& visit) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].here && !slots_[i].here->is<closed_state>()) visit(*slots_[i].here);
  }
}

void connection_table::set_deadline(const connection& c, instant_ms at) {
  slot_of(c.key).deadline = at;
  next_sweep_ = std::min(next_sweep_, at);
}

void connection_table::sweep(instant_ms now, std::size_t most,
                             const std::function<void(connection&)>& expired) {
  next_sweep_ = never;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].deadline > now || most == 0) {
      next_sweep_ = std::min(next_sweep_, slots_[i].deadline);
      continue;
    }
    --most;
    slots_[i].deadline = never;
    expired(*slots_[i].here);
  }
}

}  // namespace downbeat::host
