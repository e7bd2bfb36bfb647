#pragma once

#include "base/time.hpp"
#include "log/logger.hpp"

#include <cstdint>
#include <mutex>
#include <string_view>

namespace downbeat::host {

/// Logs handshakes of TLS that failed. One for all event loops, and limited in rate, so that a
/// client that tries again and again does not fill the log.
class handshake_log {
 public:
  explicit handshake_log(logger& log) : log_(log) {}

  /// Thread-safe.
  void failed(instant_ms now, std::string_view reason, std::string_view address);

 private:
  logger& log_;
  std::mutex mutex_;
  std::uint64_t unlogged_ = 0;  ///< failures since the last line
  instant_ms next_log_at_ = 0;
};

}  // namespace downbeat::host
