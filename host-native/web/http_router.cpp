#include "web/http_router.hpp"

#include "http/authority.hpp"
#include "http/landing_page.hpp"
#include "http/static_files.hpp"
#include "web/invitation.hpp"

#include <utility>

namespace downbeat::host {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

// Other sites do not get this page's URL as referrer, cannot script its window, and cannot show it
// in a frame.
constexpr std::string_view page_fields =
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

// The built-in page has an inline style sheet and nothing else.
constexpr std::string_view landing_policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view a_year = "Cache-Control: public, max-age=31536000, immutable\r\n";
// Browsers must revalidate with the entity tag, which changes with the file.
constexpr std::string_view ask_again = "Cache-Control: no-cache\r\n";

std::string fields_of_pages(std::string_view policy) {
  std::string fields(page_fields);
  if (!policy.empty()) fields.append("Content-Security-Policy: ").append(policy).append("\r\n");
  return fields;
}

constexpr std::string_view health_path = "/healthz";
constexpr std::string_view ready_path = "/readyz";
constexpr std::string_view metrics_path = "/metrics";
constexpr std::string_view network_path = "/network";

bool is_operator_path(std::string_view path) {
  return path == health_path || path == ready_path || path == metrics_path;
}

bool is_read(const request& asked) {
  return asked.method() == request::verb::get || asked.method() == request::verb::head;
}

constexpr const char* allow_reading = "Allow: GET, HEAD\r\n";

// Addresses in the local network are nothing for strangers. A page of another site cannot choose
// the host. A proxy on this machine passes on the host that it was asked for, or says who asks.
bool is_from_this_machine(const request& asked, std::string_view client) {
  const auto named = parse_authority(asked.host());
  const bool is_local_client = client == "::1" || client.starts_with("127.");
  return is_local_client && named && is_loopback_host(named->host) &&
         asked.count("X-Forwarded-For") == 0 && asked.count("Forwarded") == 0 &&
         asked.count("X-Real-IP") == 0 && asked.count("Via") == 0;
}

response not_found() {
  return error_response(404, "Not found");
}

}  // namespace

http_router::http_router(const web_root* root, std::string_view policy, std::string engineio_path,
                         operator_endpoints endpoints)
    : root_(root),
      file_fields_(fields_of_pages(policy)),
      engineio_path_(std::move(engineio_path)),
      endpoints_(std::move(endpoints)) {}

response http_router::answer(const request& asked, std::string_view client) const {
  if (is_read(asked) && asked.path() == network_path && is_from_this_machine(asked, client)) {
    return network();
  }
  if (is_read(asked)) return page(asked);
  // `OPTIONS *` asks about the server as a whole (RFC 9110, 9.3.7).
  if (asked.path() == "*") return {204, {}, {}, "Allow: GET, HEAD, POST, OPTIONS\r\n"};
  if (is_operator_path(asked.path()) || has_page(asked)) {
    return error_response(405, "Method not allowed", allow_reading);
  }
  return not_found();
}

bool http_router::is_operator_request(const request& asked) {
  return is_read(asked) && is_operator_path(asked.path());
}

response http_router::answer_operator(std::string_view path, const metrics_snapshot& all) const {
  const std::string uncached(own_fields);
  if (path == health_path) return {200, "application/json", endpoints_.health(all), uncached};
  if (path == ready_path) {
    if (all.is_stopping) return {503, plain, "draining\n", uncached};
    return {200, plain, "ready\n", uncached};
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", endpoints_.metrics(all), uncached};
}

bool http_router::has_page(const request& asked) const {
  if (root_ == nullptr) return asked.path() == "/";
  const auto files = root_->files();
  return files->find(asked.path()) != nullptr ||
         (invited_code(asked.path()) && files->find(invitation_file) != nullptr);
}

response http_router::network() const {
  std::string origins;
  for (const std::string& one : endpoints_.network_origins()) {
    origins.append(origins.empty() ? "\"" : ",\"").append(one).append("\"");
  }
  return {200, "application/json", "{\"origins\":[" + origins + "]}\n", std::string(own_fields)};
}

// Nothing but the code comes from the request, so that a cache cannot be given what is not in its
// key. The page is small, and has no compressed forms.
response http_router::invitation(const request& asked, std::string_view code) const {
  const auto files = root_->files();
  const auto* const file = files->find(invitation_file);
  if (file == nullptr) return not_found();
  std::string etag = file->etag;
  etag.insert(etag.size() - 1, "-" + std::string(code));
  std::string fields = file_fields_;
  fields.append("ETag: ").append(etag).append("\r\n").append(ask_again);
  if (matches_etag(asked.fields("If-None-Match"), etag)) return {304, {}, {}, fields};
  return {200, file->media_type, invitation_page(*file->bytes, code), fields};
}

response http_router::page(const request& asked) const {
  if (root_ == nullptr) {
    if (asked.path() != "/") return not_found();
    return {200, "text/html; charset=utf-8", landing_page(engineio_path_),
            fields_of_pages(landing_policy)};
  }
  if (const auto code = invited_code(asked.path())) return invitation(asked, *code);
  const auto files = root_->files();
  const auto* const file = files->find(asked.path());
  const auto sent = files->choose(asked.path(), asked.fields("Accept-Encoding"));
  if (!sent) return not_found();
  std::string fields = file_fields_;
  fields.append("ETag: ").append(sent->what->etag).append("\r\n");
  fields.append(is_immutable(asked.path()) ? a_year : ask_again);
  if (sent->has_others) fields.append("Vary: Accept-Encoding\r\n");
  if (matches_etag(asked.fields("If-None-Match"), sent->what->etag)) return {304, {}, {}, fields};
  if (!sent->encoding.empty()) {
    fields.append("Content-Encoding: ").append(sent->encoding).append("\r\n");
  }
  return {200, file->media_type, {}, fields, sent->what->bytes};
}

}  // namespace downbeat::host
