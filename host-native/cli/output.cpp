#include "cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

namespace downbeat::host {
namespace {

// Writes with write(2): stdio would report a full disk only after main has returned. Returns 0 or
// the error.
int write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

int print_result(std::string_view command, std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0) return 0;
  return print_mistake(command,
                       "cannot write the output: " + std::generic_category().message(error), 1);
}

int print_mistake(std::string_view command, std::string_view why, int exit_code) {
  const std::string words =
      command.empty() ? "downbeat: " : "downbeat " + std::string(command) + ": ";
  return print_line_of_error(in_one_line(words + std::string(why)), exit_code);
}

int print_line_of_error(std::string_view line, int exit_code) {
  write_all(STDERR_FILENO, std::string(line) + '\n');
  return exit_code;
}

std::string in_one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

}  // namespace downbeat::host
