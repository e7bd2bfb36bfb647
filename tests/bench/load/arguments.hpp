#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::bench {

/// The command line: one word, then pairs such as `--rooms 20`. Each option that the program reads
/// is marked as used, so that `refuse_unknown` finds misspelt ones.
class arguments {
 public:
  arguments(int count, char** words);

  [[nodiscard]] const std::string& command() const { return command_; }
  std::int64_t number(std::string_view name, std::int64_t fallback);
  /// Whole numbers with commas between them; empty if the option is not given.
  std::vector<std::int64_t> numbers(std::string_view name);
  double real(std::string_view name, double fallback);
  std::string text(std::string_view name, std::string_view fallback);

  /// Ends the program with a message if an option was given that the program has not read.
  void refuse_unknown() const;

 private:
  std::string command_;
  std::map<std::string, std::string, std::less<>> given_;
};

/// Prints a message and ends the program: wrong arguments, or it cannot do its work.
[[noreturn]] void give_up(const std::string& why);

}  // namespace downbeat::bench
