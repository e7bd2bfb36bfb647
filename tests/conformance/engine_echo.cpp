#include "engine_echo.hpp"

#include "engineio/packet.hpp"

#include <string>

namespace downbeat::conformance {

void engine_echo::received(instant_ms, engineio::connection_id connection, bool is_binary,
                           std::string_view data) {
  const std::string copy(data);
  server_.send(connection, is_binary ? frame::binary(copy) : engineio::encode_message(copy));
}

}  // namespace downbeat::conformance
