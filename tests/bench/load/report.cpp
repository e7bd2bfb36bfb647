#include "load/report.hpp"

#include <array>
#include <cstdio>

namespace downbeat::bench {

void report::key(std::string_view name) {
  if (!members_.empty()) members_ += ',';
  members_.append("\"").append(name).append("\":");
}

void report::add(std::string_view name, std::int64_t value) {
  key(name);
  members_ += std::to_string(value);
}

void report::add(std::string_view name, std::uint64_t value) {
  key(name);
  members_ += std::to_string(value);
}

void report::add(std::string_view name, double value) {
  key(name);
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.6g", value);
  members_ += digits.data();
}

void report::add(std::string_view name, std::string_view text) {
  key(name);
  members_.append("\"").append(text).append("\"");
}

void report::print() const {
  std::printf("{%s}\n", members_.c_str());
}

}  // namespace downbeat::bench
