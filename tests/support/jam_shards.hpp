#pragma once

#include "engine.hpp"
#include "jam/application.hpp"
#include "jam/options.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "socketio/server.hpp"
#include "socketio_over_engineio.hpp"

#include <memory>
#include <vector>

namespace downbeat::test {

/// A jam server in one piece or in several, and what tests may look at behind its back.
struct jam_shards {
  jam_shards(const jam::options& options, shard_index count) {
    for (shard_index i = 0; i < count; ++i) {
      const shard here{i, count};
      const auto make = [&, here](socketio::server& server, output_queue& outputs) {
        auto made = std::make_unique<jam::application>(options, server, outputs, here);
        servers.push_back(&server);
        apps.push_back(made.get());
        return made;
      };
      engines.push_back(std::make_unique<engine>(
          options.engineio, socketio_over_engineio(options.socketio, make, here), here));
    }
  }

  /// The directories of all shards.
  [[nodiscard]] std::vector<const session::directory*> sessions() const {
    std::vector<const session::directory*> all;
    for (const jam::application* app : apps) all.push_back(&app->sessions());
    return all;
  }

  std::vector<std::unique_ptr<engine>> engines;
  std::vector<socketio::server*> servers;
  std::vector<jam::application*> apps;
};

}  // namespace downbeat::test
