#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base64 (RFC 4648).
namespace downbeat::base64 {

/// Encodes with the standard alphabet and padding.
std::string encode(std::string_view bytes);

/// Encodes with the URL alphabet and without padding, as for ids: 15 bytes become 20 characters.
std::string encode_url(std::string_view bytes);

/// Decodes the standard alphabet. Nothing if the text has other characters or an impossible length.
/// Padding must be complete or absent. Unused bits of the last character are ignored, as in
/// browsers.
std::optional<std::string> decode(std::string_view text);

/// The same for the URL alphabet.
std::optional<std::string> decode_url(std::string_view text);

}  // namespace downbeat::base64
