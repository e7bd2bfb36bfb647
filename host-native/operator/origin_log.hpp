#pragma once

#include "base/time.hpp"
#include "log/logger.hpp"

#include <cstdint>
#include <mutex>
#include <string_view>

namespace downbeat::host {

/// Logs refused origins for the operator, because a browser does not show the reason to its user.
/// One for all event loops, and limited in rate, so that a page that retries does not fill the log.
class origin_log {
 public:
  explicit origin_log(logger& log) : log_(log) {}

  /// A request was refused. Thread-safe.
  void refused(instant_ms now, std::string_view origin, std::string_view address);

 private:
  logger& log_;
  std::mutex mutex_;
  std::uint64_t unlogged_ = 0;  ///< refused requests since the last line
  instant_ms next_log_at_ = 0;
};

}  // namespace downbeat::host
