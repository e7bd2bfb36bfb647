// Replay: clients that ask by `recovery` in `auth` get an offset as the last argument of each event
// of their room. When they come back they show the last one, and get what was relayed since. Nobody
// else's bytes change.

#include "jam/application.hpp"
#include "jam/reply.hpp"

#include <array>
#include <string>
#include <utility>

namespace downbeat::jam {
namespace {

constexpr std::int64_t replay_ms = 30'000;
/// In all rooms. Past it, a room keeps less.
constexpr std::size_t max_bytes_in_all = std::size_t{64} * 1024 * 1024;

}  // namespace

replay_ring* application::ring_of(std::string_view room) {
  if (rings_.empty()) return nullptr;
  const auto found = rings_.find(room);
  return found == rings_.end() ? nullptr : &found->second;
}

void application::begin_ring(const socketio::socket& who, const std::string& room) {
  if (!who.wants_offsets || ring_of(room) != nullptr) return;
  rings_.emplace(room, replay_ring(state_of(who).draws.next()));
}

void application::enter(const submitted_command& e, const socketio::socket& who,
                        const std::string& room) {
  server_.join(who, room);
  if (!keeps_seats()) return;
  state_of(who).unsaved_return.clear();
  server_.begin_token(who, e.token.hash);
  begin_ring(who, room);
  const replay_ring* const ring = ring_of(room);
  state_of(who).entered_at = ring == nullptr ? 0 : ring->position();
}

void application::end_ring(const std::string& room) {
  const auto found = rings_.find(room);
  if (found == rings_.end()) return;
  if (const auto oldest = found->second.oldest()) ring_deadlines_.cancel(*oldest + replay_ms, room);
  ring_bytes_ -= found->second.bytes();
  rings_.erase(found);
}

void application::relay_with_offset(instant_ms now, const socketio::socket* from,
                                    const session::participant_id& user, replay_ring& ring,
                                    const std::string& room, const socketio::payload& event) {
  std::string json = event.json;
  json.back() = ',';
  json.append("\"").append(ring.next_offset()).append("\"]");
  frame text = server_.encode_event(main_namespace, {std::move(json), event.attachments});
  const std::array<std::string_view, 1> rooms = {room};
  server_.broadcast({main_namespace, rooms, from}, event, &text);
  const std::size_t bytes_before = ring.bytes();
  const auto oldest_before = ring.oldest();
  ring.add(now, user, std::move(text), event.attachments);
  ring_bytes_ += ring.bytes() - bytes_before;
  while (ring_bytes_ > max_bytes_in_all && ring.oldest()) {
    const std::size_t before = ring.bytes();
    ring.forget_oldest();
    ring_bytes_ -= before - ring.bytes();
  }
  wait_for_oldest(ring, room, oldest_before);
}

void application::wait_for_oldest(const replay_ring& ring, const std::string& room,
                                  std::optional<instant_ms> before) {
  const auto oldest = ring.oldest();
  if (oldest == before) return;
  if (before) ring_deadlines_.cancel(*before + replay_ms, room);
  if (oldest) ring_deadlines_.set(*oldest + replay_ms, room);
}

void application::forget_replays(instant_ms now) {
  while (const auto room = ring_deadlines_.take_due(now)) {
    replay_ring& ring = *ring_of(*room);
    const std::size_t before = ring.bytes();
    ring.forget_until(now - replay_ms);
    ring_bytes_ -= before - ring.bytes();
    wait_for_oldest(ring, *room, std::nullopt);
  }
}

}  // namespace downbeat::jam
