#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// The command line: one word, then pairs such as `--rooms 20`. Each pair that is asked for is
/// ticked off, so that a misspelt one does not go unnoticed.
class arguments {
 public:
  arguments(int count, char** words);

  [[nodiscard]] const std::string& command() const { return command_; }
  std::int64_t number(std::string_view name, std::int64_t fallback);
  double real(std::string_view name, double fallback);
  std::string text(std::string_view name, std::string_view fallback);

  /// Ends the program with a message if anything was given that nobody asked for.
  void refuse_unknown() const;

 private:
  std::string command_;
  std::map<std::string, std::string, std::less<>> given_;
};

/// Ends the program: it was called wrongly, or cannot do its work.
[[noreturn]] void give_up(const std::string& why);

}  // namespace downbeat::bench
