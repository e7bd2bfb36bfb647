#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace downbeat {

using sha256_digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of any bytes.
sha256_digest sha256(std::string_view bytes);

/// Compares in a time that does not depend on the contents. Use it for secrets: otherwise an
/// attacker could find a secret byte by byte by measuring time.
bool equal_in_constant_time(const sha256_digest& a, const sha256_digest& b);

}  // namespace downbeat
