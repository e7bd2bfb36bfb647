#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat {

/// The parameters of a URL's query, decoded, in their order.
using query_parameters = std::vector<std::pair<std::string, std::string>>;

/// Reads `a=1&b=two%20words`. A `+` is a space; a broken escape stands for itself.
query_parameters parse_query(std::string_view query);

/// The first value of a parameter, empty if it is absent.
std::string_view value_of(const query_parameters& parameters, std::string_view name);

}  // namespace downbeat
