// The simulator's world, driven by the input: a byte for each decision, and the last byte is the
// number of shards. Its invariants must hold, and nothing may be left when all clients have gone.

#include "simulation/world.hpp"

#include "fuzz/fuzz.hpp"

using namespace downbeat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto shards = static_cast<shard_index>(1 + data[size - 1] % 3);
  simulation::world world(simulation::chance::written(fuzz::text_of(data, size - 1)), shards);
  while (!world.is_spent() && world.failure().empty()) world.step();
  if (world.failure().empty()) world.settle();
  fuzz::must(world.failure().empty(), world.failure());
  return 0;
}
