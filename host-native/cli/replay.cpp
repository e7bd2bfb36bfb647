#include "cli/replay.hpp"

#include "cli/files.hpp"
#include "cli/output.hpp"
#include "replay/run.hpp"

#include <cinttypes>
#include <cstdio>
#include <string>
#include <variant>

namespace downbeat::host {
namespace {

constexpr const char* replay_help =
    "Replays a recording: gives its inputs to a new server without network, and compares the\n"
    "outputs with the recorded ones, byte for byte.\n"
    "\n"
    "Usage: downbeat replay FILE\n"
    "\n"
    "Recordings are made with downbeat serve --record FILE. With several threads there is one\n"
    "file for each: FILE.0, FILE.1 and so on. Replay them one by one, or all of them joined into\n"
    "one file (cat FILE.*) if none is cut off. The digest of a recording is the same on every\n"
    "machine, also in WebAssembly. A recording that was cut off (a crash, a full disk) is\n"
    "replayed up to that line, which the result names.\n"
    "\n"
    "Exit code: 0 if all outputs are equal, 1 if they differ, 2 if the recording cannot be\n"
    "replayed.\n";

}  // namespace

int replay(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help")) {
    return print_result("replay", replay_help);
  }
  if (arguments.size() != 1) {
    return print_mistake("replay", "name one recording; try downbeat replay --help", 2);
  }
  const auto text = read_recording(arguments[0]);
  if (const auto* none = std::get_if<unreadable_file>(&text)) {
    return print_mistake("replay", "cannot read " + arguments[0] + ": " + none->why, 2);
  }
  const replay::replay_result found = replay::run(std::get<std::string>(text));
  if (!found.difference.empty() && found.cut_off_line == 0) {
    const int written = print_result("replay", arguments[0] + ": " + found.difference + "\n");
    return written == 0 ? 1 : 2;
  }
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016" PRIx64, found.digest);
  std::string line = arguments[0] + ": ";
  if (found.traces > 1) line += std::to_string(found.traces) + " recordings, ";
  line += std::to_string(found.inputs) + " inputs, " + std::to_string(found.outputs) +
          " outputs, all equal; digest " + digest;
  if (found.cut_off_line != 0) {
    line += "; the recording is cut off in line " + std::to_string(found.cut_off_line);
  }
  const int written = print_result("replay", line + "\n");
  return written == 0 ? 0 : 2;
}

}  // namespace downbeat::host
