#pragma once

#include "input.hpp"
#include "output.hpp"
#include "time.hpp"

#include <fstream>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Writes what the core is told and what it orders to a file, as a trace that can be replayed.
///
/// A recording holds secrets: session ids that let whoever reads them speak for others, addresses,
/// and all that was said. It is made for its owner alone to read.
class recorder {
 public:
  /// Throws std::runtime_error if the file exists already or cannot be made.
  recorder(const std::string& file, std::string_view header);

  void write(instant_ms now, const input::any& fact);
  void write(instant_ms now, const output::any& order);

  /// What was written so far is in the file, whatever happens next.
  void flush() { out_.flush(); }

 private:
  std::ofstream out_;
};

}  // namespace downbeat::host
