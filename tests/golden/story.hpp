#pragma once

#include <string>
#include <string_view>

namespace downbeat::golden {

/// A trace that was filled in from a story, or why that failed, with the line's number.
struct filled {
  std::string trace;
  std::string problem;
};

/// A story is a trace with everything left out that the engine can say by itself. It begins with
/// the header of the trace, which names the options that matter, and goes on with
///
///     # a remark, which goes into the trace as it is, like an empty line
///     > websocket 1          an input at the time of the last one; see `golden/shorthand.hpp`
///     +250 > text 1 40       the same, this many milliseconds later
///     > deadline             the deadline that the engine waits for, at its time
///     ? send 1 40{"sid"      a text that must be among the engine's outputs for the last input
///     ! close                a text that must not be
///
/// Expectations see outputs without their times, and text unquoted: `send 1 40{"sid":"…"}`,
/// `respond 3 200 4hello␞2`, `close 1 1005`. Inputs and expectations refer to what the server drew;
/// see `golden/known.hpp`. The last two kinds keep a trace from going wrong unseen when all of them
/// are filled in anew.
filled fill(std::string_view story);

}  // namespace downbeat::golden
