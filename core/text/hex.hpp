#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Bytes in hexadecimal digits, lower-case where they are written.
namespace downbeat::hex {

std::string encode(std::string_view bytes);

/// Nothing if there is anything but pairs of digits.
std::optional<std::string> decode(std::string_view digits);

/// The value of one digit, or -1.
int value_of(char digit);

}  // namespace downbeat::hex
