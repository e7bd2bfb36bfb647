#pragma once

#include "jam/options.hpp"
#include "shard.hpp"
#include "trace/input_line.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace downbeat::replay {

/// What is needed to make an engine like the recorded one.
struct header {
  jam::options options = {};
  shard here = {};
};

/// The first line of a trace, without the line feed: the version, the shard if there are several,
/// and the engine's options.
///
///     downbeat trace 2 {"pingInterval":25000,…}
///     downbeat trace 2 shard 0 of 2 {"pingInterval":25000,…}
std::string write_header(const jam::options& options, shard here = {});

/// Reads the first line of a trace, or says why that is not possible.
std::variant<header, trace::unreadable> read_header(std::string_view line);

/// Whether a line looks like the first line of a trace, even if it cannot be read.
bool is_header(std::string_view line);

}  // namespace downbeat::replay
