#include "cli/files.hpp"

#include "io/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

namespace downbeat::host {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

unreadable_file because_of(int error) {
  return {std::generic_category().message(error)};
}

}  // namespace

std::variant<std::string, unreadable_file> read_file(const std::string& name, file_kind kind,
                                                     std::size_t most_bytes) {
  // Without O_NONBLOCK, opening a pipe that has no writer blocks, and so do some devices.
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
  const bool takes_pipes = kind == file_kind::regular_or_pipe;
  const file_descriptor file(::open(name.c_str(), takes_pipes ? flags : flags | O_NONBLOCK));
  if (!file) return because_of(errno);
  struct stat info {};
  if (::fstat(file.number(), &info) != 0) return because_of(errno);
  if (S_ISDIR(info.st_mode)) return unreadable_file{"it is a folder"};
  if (!S_ISREG(info.st_mode) && !(takes_pipes && S_ISFIFO(info.st_mode))) {
    return unreadable_file{"it is not a regular file"};
  }
  std::string text;
  if (info.st_size > 0) {
    text.reserve(std::min(static_cast<std::size_t>(info.st_size), most_bytes) + piece_bytes);
  }
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + piece_bytes);
    const ssize_t got = ::read(file.number(), text.data() + before, piece_bytes);
    const int error = errno;
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
    if (got < 0 && error != EINTR) return because_of(error);
    if (text.size() > most_bytes) {
      return unreadable_file{"it has more than " + std::to_string(most_bytes) + " bytes"};
    }
  }
}

std::variant<std::string, unreadable_file> read_recording(const std::string& name) {
  return read_file(name, file_kind::regular_or_pipe, std::numeric_limits<std::size_t>::max());
}

}  // namespace downbeat::host
