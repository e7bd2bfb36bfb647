#pragma once

#include "engine.hpp"
#include "jam/options.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"
#include "shard.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::jam {
class application;
}
namespace downbeat::session {
class directory;
}
namespace downbeat::socketio {
class server;
}

namespace downbeat::test {

/// A jam server in one piece or in several shards, with access to its inside for tests.
struct jam_shards {
  jam_shards(const jam::options& options, shard_index count);

  /// The directories of all shards.
  [[nodiscard]] std::vector<const session::directory*> sessions() const;

  std::vector<std::unique_ptr<engine>> engines;
  std::vector<socketio::server*> servers;
  std::vector<jam::application*> apps;
};

/// A session as the server sees it.
struct seen_room {
  std::string code;
  std::string host;
  std::vector<session::participant> participants;  ///< in the order in which they came
  std::size_t reservations;
};

std::optional<seen_room> find_room(const jam::application& in, std::string_view code);
std::optional<seen_room> room_of(const jam::application& in, std::string_view user);
std::size_t session_count(const jam::application& in);
std::size_t participant_count(const jam::application& in);

}  // namespace downbeat::test
