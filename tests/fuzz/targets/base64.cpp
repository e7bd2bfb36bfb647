// Encoding and decoding gives the same bytes. A text that can be decoded equals the encoding of the
// result, except for padding and the unused bits of the last character.

#include "text/base64.hpp"

#include "fuzz/fuzz.hpp"
#include "text/hex.hpp"

#include <string>

using namespace downbeat;
using fuzz::must;

namespace {

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);

  const std::string encoded = base64::encode(text);
  must(encoded.size() == (size + 2) / 3 * 4, "base64 has four characters for three bytes");
  must(base64::decode(encoded) == text, "base64 decodes to what was encoded");
  must(base64::decode(without_padding(encoded)) == text, "base64 does without its padding");

  std::string for_urls(without_padding(encoded));
  for (char& c : for_urls) c = c == '+' ? '-' : c == '/' ? '_' : c;
  must(base64::encode_url(text) == for_urls, "the alphabets differ in two characters");

  if (const auto bytes = base64::decode(text)) {
    const std::string again = base64::encode(*bytes);
    const auto is = without_padding(text);
    const auto expected = without_padding(again);
    must(is.size() == expected.size(), "what was decoded is as long when encoded again");
    if (!is.empty()) {
      must(is.substr(0, is.size() - 1) == expected.substr(0, is.size() - 1),
           "what was decoded is the same when encoded again");
      if (is.size() % 4 == 0) must(is == expected, "no bit of a full group is ignored");
    }
  }

  must(hex::decode(hex::encode(text)) == text, "hexadecimal digits decode to what was encoded");
  if (const auto bytes = hex::decode(text)) {
    must(bytes->size() * 2 == size, "two hexadecimal digits make one byte");
  }
  return 0;
}
