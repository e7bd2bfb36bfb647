// bench-relay --port N [--mode each|batch] [--fault none|lose|double|swap] [--every N]
//
// Listens on 127.0.0.1:N, or on a free port for 0, until it is ended. With --fault it makes that
// error with one delivery in N.

#include "relay/relay.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace downbeat::bench;

[[noreturn]] void explain() {
  std::fprintf(stderr,
               "usage: bench-relay --port N [--mode each|batch] [--fault none|lose|double|swap] "
               "[--every N]\n");
  std::exit(2);
}

fault read_fault(std::string_view name) {
  if (name == "none") return fault::none;
  if (name == "lose") return fault::lose;
  if (name == "double") return fault::twice;
  if (name == "swap") return fault::swap;
  explain();
}

}  // namespace

int main(int count, char** words) {
  std::uint16_t port = 0;
  relay_mode mode = relay_mode::batch;
  fault_plan faults;
  if (count % 2 == 0) explain();
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option = words[i];
    const std::string_view value = words[i + 1];
    if (option == "--port") {
      port = static_cast<std::uint16_t>(std::atoi(words[i + 1]));
    } else if (option == "--mode" && (value == "each" || value == "batch")) {
      mode = value == "each" ? relay_mode::each : relay_mode::batch;
    } else if (option == "--fault") {
      faults.kind = read_fault(value);
    } else if (option == "--every" && std::atoi(words[i + 1]) > 0) {
      faults.every = static_cast<std::uint64_t>(std::atoi(words[i + 1]));
    } else {
      explain();
    }
  }
  relay server(port, mode, faults);
  std::printf("bench-relay listening on http://127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.run();
}
