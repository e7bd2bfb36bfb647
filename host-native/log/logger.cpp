#include "log/logger.hpp"

#include "log/line_writer.hpp"

#include <string>
#include <utility>

namespace downbeat::host {

logger::logger(log_level least, log_format format) : least_(least), format_(format) {}
logger::~logger() = default;

line_writer& logger::out() {
  std::call_once(once_, [this] {
    out_ = std::make_unique<line_writer>(format_);
    has_begun_ = true;
  });
  return *out_;
}

void logger::write(log_level level, std::string_view event, std::span<const log_field> fields) {
  if (level < least_ || least_ == log_level::off) return;
  out().write(level, line_of(level, event, fields));
}

std::string logger::line_of(log_level level, std::string_view event,
                            std::span<const log_field> fields) const {
  return format_ == log_format::json ? json_line(utc_now(), name_of(level), event, fields)
                                     : text_line(event, fields);
}

void logger::write(const notice& what) {
  write(level_of(what.what), to_string(what.what),
        {{"room", what.room},
         {"user", what.user},
         {"name", what.name},
         {"reason", what.reason},
         {"address", what.address}});
}

void logger::announce(std::string line) {
  out().write_as_it_is(std::move(line));
}

bool logger::finish(std::chrono::milliseconds most) {
  return !has_begun_ || out_->finish(most);
}

std::uint64_t logger::dropped() const {
  return has_begun_ ? out_->dropped() : 0;
}

log_level level_of(notice::kind kind) {
  switch (kind) {
    case notice::kind::protocol_error:
    case notice::kind::slow_reader_dropped: return log_level::warn;
    // Any client can cause one with any request, so it is not shown by default.
    case notice::kind::request_refused: return log_level::debug;
    default: return log_level::info;
  }
}

}  // namespace downbeat::host
