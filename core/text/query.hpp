#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat {

/// The parameters of a URL's query, decoded, in their order in the text.
using query_parameters = std::vector<std::pair<std::string, std::string>>;

/// Parses `a=1&b=two%20words`. A `+` becomes a space; an invalid escape is kept as it is.
query_parameters parse_query(std::string_view query);

/// The value of the first parameter with this name, or an empty text.
std::string_view value_of(const query_parameters& parameters, std::string_view name);

}  // namespace downbeat
