#pragma once

#include "jam/options.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::jam {

/// One number that can be set, by the name that it has in traces and in JavaScript.
struct setting {
  std::string_view name;
  std::int64_t& (*in)(options&);
  std::int64_t least;  ///< the smallest value that makes sense
};

/// All of them.
std::span<const setting> settings();

/// The options as a JSON object, such as `{"pingInterval":25000,…}`.
std::string write_options(const options& options);

/// The options in a JSON object of whole numbers; what it does not name keeps its default. If it
/// cannot be read, why, in words such as `pingInterval must be a whole number of at least 1`.
std::variant<options, std::string> read_options(std::string_view json);

}  // namespace downbeat::jam
