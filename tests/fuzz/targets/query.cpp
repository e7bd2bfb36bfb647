#include "text/query.hpp"

#include "fuzz/fuzz.hpp"
#include "text/hex.hpp"

#include <string>

using namespace downbeat;
using fuzz::must;

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += '%' + hex::encode({&c, 1});
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const query_parameters parameters = parse_query(fuzz::text_of(data, size));
  std::string written;
  for (const auto& [name, value] : parameters) {
    must(name.size() + value.size() <= size, "nothing grows by being decoded");
    if (!written.empty()) written += '&';
    written += escaped(name) + '=' + escaped(value);
  }
  must(parse_query(written) == parameters, "what is escaped whole reads the same");
  for (const auto& [name, value] : parameters) {
    const auto first = value_of(parameters, name);
    bool is_there = false;
    for (const auto& [other, at] : parameters)
      is_there = is_there || (other == name && at == first);
    must(is_there, "a value that is found is there");
  }
  return 0;
}
