#pragma once

#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace downbeat::test {

/// Whether a server's metrics come to have this line.
inline bool comes_to(const running_server& server, const std::string& line) {
  for (int i = 0; i < 300; ++i) {
    const std::string metrics = peer(server.port()).ask(get("/metrics")).body;
    if (metrics.find("\n" + line + "\n") != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace downbeat::test
