#include "http/response.hpp"

#include <array>
#include <ctime>
#include <utility>

namespace downbeat::host {
namespace {

// RFC 9110, 6.6.1 requires a Date from every server with a clock. The text changes once a second;
// each loop's thread caches its own.
std::string_view date_field() {
  thread_local std::time_t written_at = -1;
  thread_local std::array<char, 64> text;
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != written_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    size = std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    written_at = now;
  }
  return {text.data(), size};
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

response error_response(int status, std::string_view text, std::string_view more_fields) {
  std::string body(text);
  body += '\n';
  return {status, "text/plain; charset=utf-8", std::move(body),
          std::string(own_fields).append(more_fields)};
}

void append_response(std::string& out, const response& what, bool is_keep_alive, bool is_head) {
  const bool has_body = what.status != 204 && what.status != 304;
  out.reserve(out.size() + 320 + what.fields.size() + (is_head ? 0 : what.body.size()));
  out.append("HTTP/1.1 ").append(std::to_string(what.status)).append(" ");
  out.append(reason_phrase(what.status)).append("\r\n");
  if (!what.content_type.empty()) {
    out.append("Content-Type: ").append(what.content_type).append("\r\n");
  }
  if (has_body) {
    out.append("Content-Length: ").append(std::to_string(what.body_size())).append("\r\n");
  }
  out.append(what.fields);
  out.append(date_field());
  out.append("X-Content-Type-Options: nosniff\r\n");
  if (!is_keep_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (has_body && !is_head) out.append(what.body);
}

}  // namespace downbeat::host
