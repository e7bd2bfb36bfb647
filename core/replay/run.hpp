#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::replay {

/// The result of a replay.
struct replay_result {
  std::int64_t traces = 0;  ///< number of traces in the text, one for each shard
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  std::uint64_t digest = 0;  ///< of all lines that the engine produced
  /// The first difference between trace and engine, with its line number; empty if there is none.
  std::string difference;
  /// The line at which the trace is cut off, for example by a crash or a full disk; 0 if it is
  /// complete. Trace and engine agree up to there, and `difference` only says that something is
  /// missing.
  std::int64_t cut_off_line = 0;
};

/// Replays a trace with a new engine and compares its outputs with those in the trace, line by
/// line. A trace without outputs always agrees. A text may contain several traces, such as those of
/// all shards of a server; each is replayed separately.
replay_result run(std::string_view text);

}  // namespace downbeat::replay
