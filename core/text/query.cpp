#include "text/query.hpp"

#include "text/hex.hpp"

#include <cstddef>

namespace downbeat {
namespace {

// Most requests have these: Engine.IO version, transport, session id, cache buster.
constexpr std::size_t usual_count = 4;

std::string decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex::value_of(text[i + 1]);
      const int low = hex::value_of(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i] == '+' ? ' ' : text[i];
  }
  return decoded;
}

}  // namespace

query_parameters parse_query(std::string_view query) {
  // Most queries have nothing to decode, and every request has a query.
  const bool is_plain =
      query.find('%') == std::string_view::npos && query.find('+') == std::string_view::npos;
  const auto text_of = [&](std::string_view part) {
    return is_plain ? std::string(part) : decode(part);
  };
  query_parameters parameters;
  parameters.reserve(usual_count);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!pair.empty()) {
      parameters.emplace_back(
          text_of(pair.substr(0, equals)),
          equals == std::string_view::npos ? std::string() : text_of(pair.substr(equals + 1)));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return parameters;
}

std::string_view value_of(const query_parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace downbeat
