// Compares with nlohmann's check of UTF-8, which refuses to write anything else.

#include "text/utf8.hpp"

#include "fuzz/fuzz.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace downbeat;
using fuzz::must;

namespace {

bool is_valid_to_another(std::string_view bytes) {
  try {
    (void)nlohmann::json(std::string(bytes)).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  must(utf8::is_valid(bytes) == is_valid_to_another(bytes), "both see UTF-8, or neither");
  if (!utf8::is_valid(bytes)) return 0;

  std::string again;
  for (std::string_view rest = bytes; !rest.empty();) utf8::append(again, utf8::next(rest));
  must(again == bytes, "the code points write the same bytes");
  return 0;
}
