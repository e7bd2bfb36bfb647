#include "log/logger.hpp"

#include "log/line_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace downbeat::host {
namespace {

// Limit on the bytes of a line, which may wait in memory. In text, time and level come on top.
constexpr std::size_t most_line_bytes = 4096;

// Fields whose longer values are cut after `most` bytes.
class shortened_fields {
 public:
  shortened_fields(std::span<const log_field> all, std::size_t most) {
    texts_.reserve(all.size());
    for (const auto& [name, value] : all) {
      fields_.emplace_back(name, texts_.emplace_back(shortened(value, most)));
    }
  }
  [[nodiscard]] std::span<const log_field> get() const { return fields_; }

 private:
  std::vector<std::string> texts_;
  std::vector<log_field> fields_;
};

std::string bounded_line(const logger& log, log_level level, std::string_view event,
                         std::span<const log_field> fields) {
  std::size_t most = most_line_bytes / 2;
  const auto is_short = [&](const log_field& field) { return field.second.size() <= most; };
  if (std::all_of(fields.begin(), fields.end(), is_short)) {
    std::string line = log.line_of(level, event, fields);
    if (line.size() <= most_line_bytes) return line;
  }
  // Escapes make a value up to six times as long.
  for (;; most /= 2) {
    std::string line = log.line_of(level, event, shortened_fields(fields, most).get());
    if (line.size() <= most_line_bytes || most == 0) return line;
  }
}

}  // namespace

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
  out().write(level, bounded_line(*this, level, event, fields));
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

void logger::announce(std::string_view line) {
  out().write_as_it_is(line);
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
