#include "cli/redact.hpp"
#include "cli/replay.hpp"
#include "cli/serve.hpp"
#include "version.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr const char* help =
    "A server for jam sessions over Socket.IO.\n"
    "\n"
    "Usage: downbeat COMMAND [OPTIONS]\n"
    "\n"
    "Commands:\n"
    "  serve       Serve until SIGTERM or SIGINT; downbeat serve --help lists its options\n"
    "  replay      Replay a recording of downbeat serve --record, and compare\n"
    "  redact      Tell a recording again without its secrets\n"
    "\n"
    "Options:\n"
    "  -h,--help   Print this help\n"
    "  --version   Print the version and the commit\n";

}  // namespace

int main(int count, char** values) {
  std::vector<std::string> arguments(values + (count > 0 ? 1 : 0), values + count);
  if (arguments.empty()) {
    std::fputs("downbeat: no command; try downbeat serve, or downbeat --help\n", stderr);
    return 2;
  }
  const std::string command = arguments.front();
  arguments.erase(arguments.begin());
  if (command == "serve") return downbeat::host::serve(std::move(arguments));
  if (command == "redact") return downbeat::host::redact(arguments);
  if (command == "replay") return downbeat::host::replay(arguments);
  if (command == "-h" || command == "--help" || command == "help") {
    std::fputs(help, stdout);
    return 0;
  }
  if (command == "--version") {
    std::printf("downbeat %s\n", downbeat::host::version_text().c_str());
    return 0;
  }
  std::fprintf(stderr, "downbeat: there is no command %s; try downbeat --help\n", command.c_str());
  return 2;
}
