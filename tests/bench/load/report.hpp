#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// The results of a run as a flat JSON object on one line. Names and texts must not need escapes.
class report {
 public:
  void add(std::string_view name, std::int64_t value);
  void add(std::string_view name, std::uint64_t value);
  void add(std::string_view name, double value);
  void add(std::string_view name, std::string_view text);

  void print() const;

 private:
  void key(std::string_view name);

  std::string members_;
};

}  // namespace downbeat::bench
