#include "http/head_scanner.hpp"

#include "http/field_line.hpp"
#include "http/text.hpp"

#include <algorithm>

namespace downbeat::host {
namespace {

constexpr int is_fine = 0;

// A browser never sends the fragment (`#…`) of a URL.
constexpr bool is_target_character(char c) {
  return c > 0x20 && c < 0x7f && c != '#';
}

// HTTP-version = "HTTP/" DIGIT "." DIGIT
int judge_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return is_fine;
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  return is_version ? 505 : 400;
}

// request-line = method SP request-target SP HTTP-version
int judge_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return 400;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || target.empty() ||
      !std::all_of(target.begin(), target.end(), is_target_character)) {
    return 400;
  }
  if (const int status = judge_version(line.substr(last + 1)); status != is_fine) return status;
  // After CONNECT, other data than HTTP follows. This server forwards nothing.
  if (method == "CONNECT") return 501;
  const bool is_known_form = target.front() == '/' || (target == "*" && method == "OPTIONS") ||
                             equals_ignoring_case(target.substr(0, 7), "http://") ||
                             equals_ignoring_case(target.substr(0, 8), "https://");
  return is_known_form ? is_fine : 400;
}

}  // namespace

head_scanner::outcome head_scanner::refuse(int status) {
  status_ = status;
  return outcome::refused;
}

head_scanner::outcome head_scanner::scan(std::string_view arrived) {
  const std::size_t end = std::min(arrived.size(), max_bytes_);
  for (;;) {
    const char* at = arrived.data() + seen_;
    while (at != arrived.data() + end && is_line_text(*at)) ++at;
    seen_ = static_cast<std::size_t>(at - arrived.data());
    if (seen_ < end && arrived[seen_] != '\r') return refuse(400);
    // The LF after a CR may not have been received yet.
    if (seen_ + 1 >= end) break;
    if (arrived[seen_ + 1] != '\n') return refuse(400);
    const std::string_view line = arrived.substr(line_begin_, seen_ - line_begin_);
    const bool is_first = line_begin_ == 0;
    seen_ += 2;
    line_begin_ = seen_;
    if (line.empty() && !is_first) return outcome::complete;
    const int status = is_first ? judge_request_line(line) : is_field_line(line) ? is_fine : 400;
    if (status != is_fine) return refuse(status);
  }
  if (arrived.size() <= max_bytes_) return outcome::need_more;
  return refuse(line_begin_ == 0 ? 414 : 431);
}

}  // namespace downbeat::host
