#include "load/arguments.hpp"

#include <cstdio>
#include <cstdlib>

namespace downbeat::bench {

arguments::arguments(int count, char** words) {
  if (count > 1) command_ = words[1];
  for (int i = 2; i < count; i += 2) {
    const std::string name = words[i];
    if (name.rfind("--", 0) != 0 || i + 1 == count) give_up("what is " + name + "?");
    given_[name.substr(2)] = words[i + 1];
  }
}

std::string arguments::text(std::string_view name, std::string_view fallback) {
  const auto found = given_.find(name);
  if (found == given_.end()) return std::string(fallback);
  std::string value = found->second;
  given_.erase(found);
  return value;
}

std::int64_t arguments::number(std::string_view name, std::int64_t fallback) {
  const std::vector<std::int64_t> all = numbers(name);
  if (all.empty()) return fallback;
  if (all.size() > 1) give_up("--" + std::string(name) + " takes one whole number");
  return all.front();
}

std::vector<std::int64_t> arguments::numbers(std::string_view name) {
  const std::string value = text(name, "");
  std::vector<std::int64_t> all;
  if (value.empty()) return all;
  const char* at = value.c_str();
  for (;;) {
    char* end = nullptr;
    all.push_back(std::strtoll(at, &end, 10));
    if (end == at || (*end != '\0' && *end != ',')) {
      give_up("--" + std::string(name) + " takes a whole number");
    }
    if (*end == '\0') return all;
    at = end + 1;
  }
}

double arguments::real(std::string_view name, double fallback) {
  const std::string value = text(name, "");
  if (value.empty()) return fallback;
  char* end = nullptr;
  const double result = std::strtod(value.c_str(), &end);
  if (*end != '\0') give_up("--" + std::string(name) + " takes a number");
  return result;
}

void arguments::refuse_unknown() const {
  if (!given_.empty()) give_up("there is no option --" + given_.begin()->first + " here");
}

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench-load: %s\n", why.c_str());
  std::exit(2);
}

}  // namespace downbeat::bench
