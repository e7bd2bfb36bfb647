#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// Prints a command's result on stdout. Returns 0, or 1 after a line on stderr if it could not be
/// written (disk full, stdout closed).
int print_result(std::string_view command, std::string_view text);

/// Prints one line on stderr: `downbeat COMMAND: why`. Characters that could end the line or
/// control a terminal are replaced. Returns `exit_code`.
int print_mistake(std::string_view command, std::string_view why, int exit_code);

/// Prints a line on stderr without changes. Returns `exit_code`.
int print_line_of_error(std::string_view line, int exit_code);

/// Returns the text with all characters replaced that could end the line or control a terminal.
std::string in_one_line(std::string_view text);

}  // namespace downbeat::host
