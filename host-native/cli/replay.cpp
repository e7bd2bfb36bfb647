#include "cli/replay.hpp"

#include "cli/files.hpp"
#include "trace/player.hpp"

#include <cinttypes>
#include <cstdio>

namespace downbeat::host {
namespace {

constexpr const char* help =
    "Feeds a recording to a new core, and says whether it orders the same again, byte for byte.\n"
    "\n"
    "Usage: downbeat replay FILE\n"
    "\n"
    "Recordings are made with downbeat serve --record FILE. The digest is the same wherever the\n"
    "same recording is replayed, in WebAssembly too. Exit code: 0 if all is the same, 1 if the\n"
    "recording and the core part, 2 if the file cannot be read.\n";

}  // namespace

int replay(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help")) {
    std::fputs(help, stdout);
    return 0;
  }
  if (arguments.size() != 1) {
    std::fputs("downbeat replay: name one recording; try downbeat replay --help\n", stderr);
    return 2;
  }
  const auto text = read_file(arguments[0]);
  if (!text) {
    std::fprintf(stderr, "downbeat replay: cannot read %s\n", arguments[0].c_str());
    return 2;
  }
  const trace::replay_result found = trace::replay(*text);
  if (!found.difference.empty()) {
    std::printf("%s: %s\n", arguments[0].c_str(), found.difference.c_str());
    return 1;
  }
  std::printf("%s: %" PRId64 " facts, %" PRId64 " orders, all the same; digest %016" PRIx64 "\n",
              arguments[0].c_str(), found.facts, found.orders, found.digest);
  return 0;
}

}  // namespace downbeat::host
