#include "log/logger.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace downbeat::host {
namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::string_view name_of(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warn: return "warn";
    case log_level::error: return "error";
    case log_level::off: break;
  }
  return "off";
}

std::string utc_now() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  const auto millis =
      static_cast<int>(duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", millis);
  return text;
}

}  // namespace

// spdlog brings the time, the colours and the terminal; what a line says is made here.
class logger::sink {
 public:
  sink(log_level least, log_format format)
      : log_("downbeat", std::make_shared<spdlog::sinks::stdout_color_sink_mt>()) {
    log_.set_level(spdlog_level(least));
    log_.set_pattern(format == log_format::json ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  }

  void write(log_level level, const std::string& line) {
    log_.log(spdlog_level(level), spdlog::string_view_t(line));
  }

  void flush() { log_.flush(); }

 private:
  spdlog::logger log_;
};

logger::logger(log_level least, log_format format)
    : least_(least), format_(format), sink_(std::make_unique<sink>(least, format)) {}
logger::~logger() {
  flush();
}

void logger::write(log_level level, std::string_view event, std::span<const log_field> fields) {
  if (level < least_ || least_ == log_level::off) return;
  sink_->write(level, format_ == log_format::json
                          ? json_line(utc_now(), name_of(level), event, fields)
                          : text_line(event, fields));
  has_written_.store(true, std::memory_order_relaxed);
}

void logger::write(const notice& what) {
  write(level_of(what.what), to_string(what.what),
        {{"room", what.room},
         {"user", what.user},
         {"name", what.name},
         {"reason", what.reason},
         {"address", what.address}});
}

void logger::flush() {
  if (!has_written_.load(std::memory_order_relaxed)) return;
  has_written_.store(false, std::memory_order_relaxed);
  sink_->flush();
}

log_level level_of(notice::kind kind) {
  switch (kind) {
    case notice::kind::protocol_error:
    case notice::kind::slow_reader_dropped: return log_level::warn;
    // Any passer-by can cause one with any request, so they are not for every day.
    case notice::kind::request_refused: return log_level::debug;
    default: return log_level::info;
  }
}

}  // namespace downbeat::host
