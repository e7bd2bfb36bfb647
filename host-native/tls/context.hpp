#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

struct ssl_ctx_st;

namespace downbeat::host {

/// A certificate or its key cannot be used. The text is for the operator, in one line.
class unusable_certificate : public std::runtime_error {
 public:
  enum class part : std::uint8_t { certificate, key };

  unusable_certificate(part which, const std::string& why)
      : std::runtime_error(why), which_(which) {}

  [[nodiscard]] part which() const { return which_; }

 private:
  part which_;
};

/// A certificate with its key, and how TLS is spoken with them: 1.2 and 1.3 with forward secrecy,
/// HTTP/1.1 in ALPN, tickets for resumption; no compression, no renegotiation. Sessions keep what
/// they need of it, so that it may be replaced while they go on. Several threads may use it.
class tls_context {
 public:
  /// Both in PEM. After the certificate come those of the authorities that link it to a root.
  /// Throws unusable_certificate.
  tls_context(const std::string& certificate, const std::string& key);
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;
  ~tls_context();

  [[nodiscard]] ssl_ctx_st* native() const;

  /// The end of the certificate's validity, in seconds since 1970-01-01 00:00 UTC.
  [[nodiscard]] std::int64_t expiry_s() const { return expiry_s_; }

 private:
  struct state;
  std::unique_ptr<state> state_;
  std::int64_t expiry_s_ = 0;
};

}  // namespace downbeat::host
