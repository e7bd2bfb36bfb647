#pragma once

#include <cstddef>
#include <string>
#include <variant>

namespace downbeat::host {

/// Why a file could not be read, as text for the operator: `is a folder`, `Permission denied`.
struct unreadable_file {
  std::string why;
};

/// The kinds of file that `read_file` accepts.
enum class file_kind {
  regular,          ///< regular files only: reading them never blocks
  regular_or_pipe,  ///< also a pipe, such as the shell's `<(…)`, which is read to its end
};

/// Reads the whole file `name`. A file of more than `most_bytes` bytes is an error, as is every
/// error of the system. Does not throw for errors of the file system.
std::variant<std::string, unreadable_file> read_file(const std::string& name, file_kind kind,
                                                     std::size_t most_bytes);

/// Reads a whole recording: a file of any size that fits in memory, or a pipe.
std::variant<std::string, unreadable_file> read_recording(const std::string& name);

}  // namespace downbeat::host
