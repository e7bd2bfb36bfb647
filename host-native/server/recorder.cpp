#include "server/recorder.hpp"

#include "trace/fact.hpp"
#include "trace/order.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace downbeat::host {

recorder::recorder(const std::string& file, std::string_view header) {
  // An older recording is not overwritten, and nobody else may read this one.
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) {
    throw std::runtime_error("cannot record to " + file + ": " +
                             std::generic_category().message(errno));
  }
  ::close(made);
  out_.open(file, std::ios::binary);
  out_ << header << '\n';
}

void recorder::write(instant_ms now, const input::any& fact) {
  out_ << trace::write_fact(now, fact) << '\n';
}

void recorder::write(instant_ms now, const output::any& order) {
  out_ << trace::write_order(now, order) << '\n';
}

}  // namespace downbeat::host
