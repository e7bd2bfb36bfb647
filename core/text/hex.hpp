#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Bytes as hexadecimal digits. Writes lower case, reads both cases.
namespace downbeat::hex {

std::string encode(std::string_view bytes);

/// Nothing if the text is not pairs of hexadecimal digits.
std::optional<std::string> decode(std::string_view digits);

/// The value of one digit, or -1.
int value_of(char digit);

}  // namespace downbeat::hex
