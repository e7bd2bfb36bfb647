#pragma once

#include "log/line.hpp"
#include "notice.hpp"

#include <atomic>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace downbeat::host {

enum class log_level { debug, info, warn, error, off };
enum class log_format { text, json };

/// The operator's log, on the standard output: one line for each event, which no peer can forge.
/// Threads may share it.
class logger {
 public:
  logger(log_level least, log_format format);
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;
  ~logger();

  void write(log_level level, std::string_view event, std::span<const log_field> fields);
  void write(log_level level, std::string_view event,
             std::initializer_list<log_field> fields = {}) {
    write(level, event, std::span(fields.begin(), fields.size()));
  }

  /// What the core has to say.
  void write(const notice& what);

  /// Lines are gathered; this hands them over.
  void flush();

  [[nodiscard]] log_format format() const { return format_; }

 private:
  class sink;

  log_level least_;
  log_format format_;
  std::atomic<bool> has_written_ = false;
  std::unique_ptr<sink> sink_;
};

/// How much a notice matters to an operator.
log_level level_of(notice::kind kind);

}  // namespace downbeat::host
