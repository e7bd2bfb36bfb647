#pragma once

#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace downbeat::test {

/// Whether the server's metrics show this line within this many requests.
inline bool comes_to(const running_server& server, const std::string& line, int looks = 3'000) {
  for (int i = 0; i < looks; ++i) {
    const std::string metrics = peer(server.port()).ask(get("/metrics")).body;
    if (metrics.find("\n" + line + "\n") != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace downbeat::test
