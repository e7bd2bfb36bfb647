#pragma once

#include "jam/options.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::jam {

/// What JSON needs of a row of the table of options.
struct setting {
  std::string_view name;
  std::int64_t& (*in)(options&);
  std::int64_t least;  ///< the smallest value that makes sense
};

/// All of them.
std::span<const setting> settings();

/// The options as a JSON object, such as `{"pingInterval":25000,…}`.
std::string write_options(const options& given);

/// The options in a JSON object of whole numbers; what it does not name keeps its default. If it
/// cannot be read, why, in words such as
/// `pingInterval must be a whole number from 1 to 2147483647`.
std::variant<options, std::string> read_options(std::string_view json);

}  // namespace downbeat::jam
