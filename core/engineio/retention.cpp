// The bytes kept for clients, and their limits.

#include "base/heap_sort.hpp"
#include "engineio/server.hpp"

#include <algorithm>

namespace downbeat::engineio {
namespace {

/// With the longest name of a node.
constexpr std::int64_t sid_bytes = 20 + 17;

template <class Container>
std::int64_t bytes_in(const Container& text) {
  return static_cast<std::int64_t>(text.size());
}

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

/// An option for which 0 means no limit.
std::optional<std::int64_t> limit_of(std::int64_t option) {
  return option == 0 ? std::nullopt : std::optional(option);
}

}  // namespace

std::vector<retained> server::retained_bytes() const {
  std::vector<const connection*> all;
  for (const auto& [id, c] : connections_) all.push_back(c.get());
  heap_sort(all, [](const connection* a, const connection* b) { return a->id < b->id; });
  const auto in_all = limit_of(options_.max_queued_bytes_in_all);
  const auto queued = options_.max_queued_bytes == 0 ? in_all : options_.max_queued_bytes;
  const auto of_polling = sum(options_.max_payload_bytes, queued);
  const auto of_application = application_->retained_bytes_limit();
  std::vector<retained> result;
  for (const connection* c : all) {
    std::int64_t bytes = bytes_in(c->sid) + bytes_in(c->remote_address);
    if (c->polling) bytes += c->polling->queued_bytes + bytes_in(c->polling->deferred);
    // The application has already forgotten a connection that lingers.
    if (c->machine.is_open()) bytes += application_->retained_bytes(c->id);
    const std::int64_t of_handshake = sid_bytes + max_address_bytes;
    result.push_back({bytes, sum(of_handshake, sum(c->polling ? of_polling : 0, of_application))});
  }
  return result;
}

std::optional<std::int64_t> server::retained_bytes_limit_in_all(std::int64_t connections) const {
  return sum(sum(connections * (sid_bytes + max_address_bytes),
                 limit_of(here_.part_of_limit(options_.max_queued_bytes_in_all))),
             application_->retained_bytes_limit_in_all(connections));
}

void server::limit(const limits& to) {
  options_.max_queued_bytes = to.queued_bytes;
  options_.max_queued_bytes_in_all = to.queued_bytes_in_all;
  options_.max_messages_per_second = to.messages_per_second;
  // Connected clients rely on the size in their handshake.
  options_.max_payload_bytes = std::max(options_.max_payload_bytes, to.payload_bytes);

  std::vector<connection_id> ids;
  for (const auto& [id, c] : connections_) ids.push_back(id);
  heap_sort(ids);
  for (const connection_id id : ids) drop_if_slow(*find(id));
}

}  // namespace downbeat::engineio
