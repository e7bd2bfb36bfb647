#pragma once

#include <cstdint>
#include <string>

namespace downbeat {

/// The layers that exchange messages with the same layer of another shard.
enum class layer : std::uint8_t { engineio, application };

/// A message between shards. Only the layer that receives it reads the text, which is checked,
/// compact JSON (`engineio/shard_message.hpp`, `jam/shard_message.hpp`).
struct shard_message {
  layer to;
  std::string text;
};

}  // namespace downbeat
