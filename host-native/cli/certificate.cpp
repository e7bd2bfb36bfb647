#include "cli/certificate.hpp"

#include "cli/files.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <ctime>
#include <string>
#include <variant>

namespace downbeat::host {
namespace {

using certificate_part = unusable_certificate::part;

// A chain of certificates is a few pages. What is larger is something else, by mistake.
constexpr std::size_t most_certificate_bytes = 1024 * 1024;

std::string read_part(certificate_part which, const std::string& file) {
  auto read = read_file(file, file_kind::regular, most_certificate_bytes);
  if (const auto* none = std::get_if<unreadable_file>(&read)) {
    throw unusable_certificate(which, "cannot be read: " + none->why);
  }
  return std::get<std::string>(std::move(read));
}

}  // namespace

std::shared_ptr<tls_context> read_certificate(const server_options& options) {
  if (!options.is_tls()) return nullptr;
  try {
    const std::string certificate =
        read_part(certificate_part::certificate, options.tls_certificate);
    const std::string key = read_part(certificate_part::key, options.tls_key);
    return std::make_shared<tls_context>(certificate, key);
  } catch (const unusable_certificate& error) {
    const bool is_key = error.which() == certificate_part::key;
    throw unusable_certificate(error.which(),
                               (is_key ? "--tls-key: " + options.tls_key
                                       : "--tls-certificate: " + options.tls_certificate) +
                                   " " + error.what());
  }
}

bool is_key_open(const server_options& options) {
  struct stat info {};
  return ::stat(options.tls_key.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

std::string expiry_of(const tls_context& context) {
  const std::time_t at = context.expiry_s();
  std::tm parts{};
  char text[32];
  if (::gmtime_r(&at, &parts) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace downbeat::host
