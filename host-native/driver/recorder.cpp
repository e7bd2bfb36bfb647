#include "driver/recorder.hpp"

#include "trace/input_line.hpp"
#include "trace/output_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace downbeat::host {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

}  // namespace

recorder::recorder(const std::string& file, std::string_view header)
    // Fails if the file exists, and only its owner may read it.
    : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)), pending_(header) {
  if (!file_) throw std::runtime_error("cannot record to " + file + ": " + reason(errno));
  pending_ += '\n';
  const int error = write_out();
  if (error != 0) throw std::runtime_error("cannot record to " + file + ": " + reason(error));
}

void recorder::write(instant_ms now, const input::any& input) {
  if (!file_) return;
  pending_ += trace::write_input(now, input);
  pending_ += '\n';
}

void recorder::write(instant_ms now, const output::any& output) {
  if (!file_) return;
  pending_ += trace::write_output(now, output);
  pending_ += '\n';
}

void recorder::flush() {
  if (!file_) return;
  const int error = write_out();
  if (error == 0) return;
  file_.close();
  pending_ = {};
  if (failed_) failed_(reason(error));
}

// Returns 0, or the error because of which the recording ends.
int recorder::write_out() {
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_.number(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  pending_.clear();
  return 0;
}

}  // namespace downbeat::host
