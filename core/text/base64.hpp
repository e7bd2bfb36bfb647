#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base64 (RFC 4648).
namespace downbeat::base64 {

/// With the standard alphabet and padding.
std::string encode(std::string_view bytes);

/// With the alphabet for URLs and no padding, as ids are written: 15 bytes become 20 characters.
std::string encode_url(std::string_view bytes);

/// The bytes of a text in the standard alphabet, or nothing if it has other characters or an
/// impossible length. Padding is complete or absent. The bits that the last character has too many
/// are ignored, as decoders in browsers do.
std::optional<std::string> decode(std::string_view text);

}  // namespace downbeat::base64
