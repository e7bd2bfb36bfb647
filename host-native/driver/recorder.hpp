#pragma once

#include "base/time.hpp"
#include "input.hpp"
#include "io/file_descriptor.hpp"
#include "output.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Writes the core's inputs and outputs to a file, as a trace that can be replayed.
///
/// A recording contains secrets: session ids, with which others could take over connections,
/// addresses, and everything that clients sent. Only the file's owner may read it.
///
/// If the file can no longer be written (disk full, for example), the recording ends. What has been
/// written so far can be replayed.
class recorder {
 public:
  /// Called once, with the reason, if the recording ends because of an error.
  using failure_handler = std::function<void(std::string_view why)>;

  /// Creates the file and writes the header. Throws std::runtime_error if the file exists or cannot
  /// be created or written.
  recorder(const std::string& file, std::string_view header);

  void on_failure(failure_handler failed) { failed_ = std::move(failed); }

  void write(instant_ms now, const input::any& input);
  void write(instant_ms now, const output::any& output);

  /// Passes everything to the operating system. It is then safe if the process crashes, but not if
  /// the machine does.
  void flush();

 private:
  [[nodiscard]] int write_out();

  file_descriptor file_;
  std::string pending_;
  failure_handler failed_;
};

}  // namespace downbeat::host
