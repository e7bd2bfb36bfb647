#include "cli/data.hpp"
#include "cli/describe.hpp"
#include "cli/healthcheck.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/redact.hpp"
#include "cli/replay.hpp"
#include "cli/serve.hpp"
#include "version.hpp"

#include <exception>
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
    "  replay      Replay a recording of downbeat serve --record, and compare the outputs\n"
    "  redact      Print a recording without its secrets\n"
    "  sessions    List the sessions in a folder of downbeat serve --data\n"
    "  check       Look for faults in such a folder\n"
    "  backup      Copy the sessions of such a folder into a file\n"
    "  healthcheck Ask the server on this machine whether it is ready\n"
    "\n"
    "Options:\n"
    "  -h,--help   Print this help\n"
    "  --version   Print the version and the commit\n";

int run(std::vector<std::string> arguments) {
  using namespace downbeat::host;
  if (arguments.empty()) {
    return print_mistake("", "no command; try downbeat serve, or downbeat --help", 2);
  }
  const std::string command = arguments.front();
  arguments.erase(arguments.begin());
  if (command == "serve") return serve(arguments);
  if (command == "redact") return redact(arguments);
  if (command == "replay") return replay(arguments);
  if (command == "sessions") return sessions(arguments);
  if (command == "check") return check(arguments);
  if (command == "backup") return backup(arguments);
  if (command == "healthcheck") return healthcheck(arguments);
  // Of use to nobody who runs a server, and so not in the help.
  if (command == "describe") return describe(arguments);
  if (command == "-h" || command == "--help" || command == "help") return print_result("", help);
  if (command == "--version") return print_result("", "downbeat " + version_text() + "\n");
  return print_mistake("", "there is no command " + command + "; try downbeat --help", 2);
}

}  // namespace

int main(int count, char** values) {
  downbeat::host::prepare_process();
  try {
    return run({values + (count > 0 ? 1 : 0), values + count});
  } catch (const std::exception& error) {
    return downbeat::host::print_mistake("", downbeat::host::reason_of(error), 2);
  }
}
