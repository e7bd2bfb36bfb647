#include "support/jam_shards.hpp"

#include "jam/application.hpp"
#include "output_queue.hpp"
#include "socketio/server.hpp"
#include "stack/socketio_over_engineio.hpp"

namespace downbeat::test {
namespace {

std::optional<seen_room> seen(const session::room* room) {
  if (room == nullptr) return std::nullopt;
  return seen_room{room->code, room->participants.empty() ? std::string() : room->host().str(),
                   room->participants, static_cast<std::size_t>(room->reservations)};
}

}  // namespace

jam_shards::jam_shards(const jam::options& options, shard_index count) {
  for (shard_index i = 0; i < count; ++i) {
    const shard here{i, count};
    const auto make = [&, here](socketio::server& server, output_queue& outputs) {
      auto made = std::make_unique<jam::application>(options, server, outputs, here);
      servers.push_back(&server);
      apps.push_back(made.get());
      return made;
    };
    engines.push_back(std::make_unique<engine>(
        options.engineio, socketio_over_engineio(jam::socketio_options(options), make, here),
        here));
  }
}

std::vector<const session::directory*> jam_shards::sessions() const {
  std::vector<const session::directory*> all;
  for (const jam::application* app : apps) all.push_back(&app->sessions());
  return all;
}

std::optional<seen_room> find_room(const jam::application& in, std::string_view code) {
  return seen(in.sessions().find(code));
}

std::optional<seen_room> room_of(const jam::application& in, std::string_view user) {
  return seen(in.sessions().room_of(session::user_id(user)));
}

std::size_t session_count(const jam::application& in) {
  return static_cast<std::size_t>(in.sessions().session_count());
}

std::size_t participant_count(const jam::application& in) {
  return static_cast<std::size_t>(in.sessions().participant_count());
}

}  // namespace downbeat::test
