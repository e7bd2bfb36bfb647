#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace downbeat::host {

/// All of a file, or nothing if it cannot be read.
inline std::optional<std::string> read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return std::nullopt;
  return text;
}

}  // namespace downbeat::host
