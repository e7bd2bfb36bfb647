#include "server/site.hpp"

#include "http/landing_page.hpp"
#include "http/media_type.hpp"

#include <utility>

namespace downbeat::host {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

response not_found() {
  return {404, plain, "Not found\n", {}};
}

}  // namespace

site::site(const std::string& web_root, std::string engineio_path, sources from)
    : engineio_path_(std::move(engineio_path)), from_(std::move(from)) {
  if (!web_root.empty()) files_.emplace(web_root);
}

response site::answer(const request& asked) const {
  const bool is_read =
      asked.method() == request::verb::get || asked.method() == request::verb::head;
  if (asked.path() == "/healthz" || asked.path() == "/metrics") {
    if (!is_read) return {405, plain, "Method not allowed\n", "Allow: GET, HEAD\r\n"};
    const std::string uncached = "Cache-Control: no-store\r\n";
    if (asked.path() == "/healthz") return {200, "application/json", from_.health(), uncached};
    return {200, "text/plain; version=0.0.4; charset=utf-8", from_.metrics(), uncached};
  }
  return is_read ? page(asked) : not_found();
}

response site::page(const request& asked) const {
  if (!files_) {
    if (asked.path() != "/") return not_found();
    return {200, "text/html; charset=utf-8", landing_page(engineio_path_), {}};
  }
  const auto file = files_->find(asked.path());
  if (!file) return not_found();
  // The tag changes with the file, so a browser that asks again is told the truth.
  const std::string fields = "ETag: " + file->etag + "\r\nCache-Control: no-cache\r\n";
  if (matches_etag(asked.field("If-None-Match"), file->etag)) return {304, {}, {}, fields};
  auto bytes = static_files::read(*file);
  if (!bytes) return not_found();
  return {200, media_type_of(file->path.filename().string()), std::move(*bytes), fields};
}

}  // namespace downbeat::host
