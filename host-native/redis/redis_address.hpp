#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace downbeat::host {

/// The URL of a Redis cannot be used. The text says what it must be, for the operator, without
/// secrets.
class unusable_redis_url : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a Redis is, and how one logs in.
struct redis_address {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;      ///< empty: Redis' default user
  std::string password;  ///< empty: none
  std::uint32_t database = 0;
  bool is_tls = false;
  std::string ca_file = {};  ///< certificates to trust, in PEM; empty: those of the system

  /// The URL without user and password.
  [[nodiscard]] std::string name() const;
};

/// Reads `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or the same with `rediss://` for TLS.
/// Throws unusable_redis_url.
redis_address read_redis_url(const std::string& text);

}  // namespace downbeat::host
