#include "cli/redact.hpp"

#include "cli/files.hpp"
#include "jam/redact.hpp"
#include "server/entropy_source.hpp"

#include <cstdint>
#include <cstdio>
#include <variant>

namespace downbeat::host {
namespace {

constexpr const char* help =
    "Prints a recording of downbeat serve --record without its secrets.\n"
    "\n"
    "Usage: downbeat redact FILE >REDACTED\n"
    "\n"
    "Session ids, socket ids and room codes become others, addresses become examples, and "
    "whatever\n"
    "people wrote or played loses its letters and digits but not its length. The result can be\n"
    "replayed like any other recording. Who was there when, and how much they said, still shows.\n";

}  // namespace

int redact(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help")) {
    std::fputs(help, stdout);
    return 0;
  }
  if (arguments.size() != 1) {
    std::fputs("downbeat redact: name one recording; try downbeat redact --help\n", stderr);
    return 2;
  }
  const auto text = read_file(arguments[0]);
  if (!text) {
    std::fprintf(stderr, "downbeat redact: cannot read %s\n", arguments[0].c_str());
    return 2;
  }
  entropy_source source;
  std::uint64_t seed = 0;
  for (const std::uint8_t byte : source.draw()) seed = seed * 257 + byte;
  const auto told = jam::redact(*text, seed);
  if (const auto* why = std::get_if<trace::unreadable>(&told)) {
    std::fprintf(stderr, "downbeat redact: %s: %s\n", arguments[0].c_str(), why->why.c_str());
    return 2;
  }
  const auto& redacted = std::get<std::string>(told);
  return std::fwrite(redacted.data(), 1, redacted.size(), stdout) == redacted.size() ? 0 : 2;
}

}  // namespace downbeat::host
