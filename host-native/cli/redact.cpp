#include "cli/redact.hpp"

#include "cli/files.hpp"
#include "cli/output.hpp"
#include "driver/entropy_source.hpp"
#include "replay/redact.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace downbeat::host {
namespace {

constexpr const char* redact_help =
    "Prints a recording of downbeat serve --record without its secrets.\n"
    "\n"
    "Usage: downbeat redact FILE >REDACTED\n"
    "\n"
    "Session ids, socket ids, room codes and addresses are replaced by others. In everything that\n"
    "people wrote or played, letters and digits are replaced, but the length stays. The result "
    "can\n"
    "be replayed like any other recording. It still shows when each client was connected, and how\n"
    "much it sent.\n";

}  // namespace

int redact(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help")) {
    return print_result("redact", redact_help);
  }
  if (arguments.size() != 1) {
    return print_mistake("redact", "name one recording; try downbeat redact --help", 2);
  }
  const auto text = read_recording(arguments[0]);
  if (const auto* none = std::get_if<unreadable_file>(&text)) {
    return print_mistake("redact", "cannot read " + arguments[0] + ": " + none->why, 2);
  }
  entropy_source source;
  std::uint64_t seed = 0;
  for (const std::uint8_t byte : source.draw()) seed = seed * 257 + byte;
  const auto told = replay::redact(std::get<std::string>(text), seed);
  if (const auto* why = std::get_if<trace::unreadable>(&told)) {
    return print_mistake("redact", arguments[0] + ": " + why->why, 2);
  }
  return print_result("redact", std::get<std::string>(told));
}

}  // namespace downbeat::host
