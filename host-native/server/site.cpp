#include "server/site.hpp"

#include "http/landing_page.hpp"
#include "http/media_type.hpp"

#include <utility>

namespace downbeat::host {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

// No other page is told where somebody was, may script this one's window, or show it in a frame.
constexpr std::string_view page_fields =
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

// The page that is built in has a style sheet inside, and nothing else.
constexpr std::string_view landing_policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view a_year = "Cache-Control: public, max-age=31536000, immutable\r\n";
// The tag changes with the file, so a browser that asks again is told the truth.
constexpr std::string_view ask_again = "Cache-Control: no-cache\r\n";

std::string fields_of_pages(std::string_view policy) {
  std::string fields(page_fields);
  if (!policy.empty()) fields.append("Content-Security-Policy: ").append(policy).append("\r\n");
  return fields;
}

constexpr std::string_view health_path = "/healthz";
constexpr std::string_view ready_path = "/readyz";
constexpr std::string_view metrics_path = "/metrics";

bool is_operators(std::string_view path) {
  return path == health_path || path == ready_path || path == metrics_path;
}

bool is_read(const request& asked) {
  return asked.method() == request::verb::get || asked.method() == request::verb::head;
}

response not_found() {
  return {404, plain, "Not found\n", {}};
}

}  // namespace

site::site(const std::string& web_root, std::string_view policy, std::string engineio_path,
           sources from)
    : file_fields_(fields_of_pages(policy)),
      engineio_path_(std::move(engineio_path)),
      from_(std::move(from)) {
  if (!web_root.empty()) files_.emplace(web_root);
}

response site::answer(const request& asked) const {
  if (is_read(asked)) return page(asked);
  if (is_operators(asked.path())) {
    return {405, plain, "Method not allowed\n", "Allow: GET, HEAD\r\n"};
  }
  return not_found();
}

bool site::is_for_operator(const request& asked) {
  return is_read(asked) && is_operators(asked.path());
}

response site::answer_operator(std::string_view path, const figures& all) const {
  const std::string uncached =
      "Cache-Control: no-store\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
  if (path == health_path) return {200, "application/json", from_.health(all), uncached};
  if (path == ready_path) {
    if (all.is_stopping) return {503, plain, "draining\n", uncached};
    return {200, plain, "ready\n", uncached};
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", from_.metrics(all), uncached};
}

response site::page(const request& asked) const {
  if (!files_) {
    if (asked.path() != "/") return not_found();
    return {200, "text/html; charset=utf-8", landing_page(engineio_path_),
            fields_of_pages(landing_policy)};
  }
  const auto file = files_->find(asked.path());
  if (!file) return not_found();
  const auto sent = files_->choose(*file, asked.field("Accept-Encoding"));
  std::string fields = file_fields_;
  fields.append("ETag: ").append(sent.bytes.etag).append("\r\n");
  fields.append(is_immutable(asked.path()) ? a_year : ask_again);
  if (sent.has_others) fields.append("Vary: Accept-Encoding\r\n");
  if (matches_etag(asked.field("If-None-Match"), sent.bytes.etag)) return {304, {}, {}, fields};
  auto bytes = static_files::read(sent.bytes);
  if (!bytes) return not_found();
  if (!sent.encoding.empty()) {
    fields.append("Content-Encoding: ").append(sent.encoding).append("\r\n");
  }
  return {200, media_type_of(file->path.filename().string()), std::move(*bytes), fields};
}

}  // namespace downbeat::host
