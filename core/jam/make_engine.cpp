#include "jam/make_engine.hpp"

#include "jam/application.hpp"
#include "stack/socketio_over_engineio.hpp"

namespace downbeat::jam {

std::unique_ptr<downbeat::engine> make_engine(const options& options, shard here) {
  const auto make_application = [options, here](socketio::server& server, output_queue& outputs) {
    return std::make_unique<application>(options, server, outputs, here);
  };
  return std::make_unique<downbeat::engine>(
      options.engineio, socketio_over_engineio(socketio_options(options), make_application, here),
      here);
}

}  // namespace downbeat::jam
