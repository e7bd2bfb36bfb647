#include "http/accept_encoding.hpp"

#include "http/text.hpp"

namespace downbeat::host {
namespace {

// `;q=0`, `; q=0.000`: the client refuses this coding. Other weights are treated alike.
bool is_weight_zero(std::string_view parameters) {
  const auto equals = parameters.find('=');
  if (equals == std::string_view::npos) return false;
  if (!equals_ignoring_case(trim(parameters.substr(0, equals)), "q")) return false;
  const std::string_view weight = trim(parameters.substr(equals + 1));
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_encoding(std::string_view accept_encoding, std::string_view coding) {
  bool is_any_accepted = false;
  while (!accept_encoding.empty()) {
    const auto comma = accept_encoding.find(',');
    const std::string_view one = accept_encoding.substr(0, comma);
    const auto semicolon = one.find(';');
    const std::string_view name = trim(one.substr(0, semicolon));
    const bool is_wanted =
        semicolon == std::string_view::npos || !is_weight_zero(one.substr(semicolon + 1));
    // A named coding takes precedence over `*`, in any order.
    if (equals_ignoring_case(name, coding)) return is_wanted;
    if (name == "*") is_any_accepted = is_wanted;
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return is_any_accepted;
}

}  // namespace downbeat::host
