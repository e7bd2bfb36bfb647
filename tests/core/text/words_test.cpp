#include "text/words.hpp"

#include <catch2/catch.hpp>

namespace words = downbeat::words;

TEST_CASE("a word's first byte is its lowest on every machine", "[words]") {
  CHECK(words::load("\x01\x02\x03\x04\x05\x06\x07\x08") == 0x0807060504030201u);
}

TEST_CASE("the first mark of a search is right for any byte and place", "[words]") {
  for (std::size_t at = 0; at != 8; ++at) {
    for (unsigned code = 0; code != 256; ++code) {
      char bytes[] = {'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
      bytes[at] = static_cast<char>(code);
      const words::word word = words::load(bytes);
      for (const unsigned sought : {0x22u, 0x5cu, 0x7bu}) {
        const words::word marks = words::mark_equal(word, static_cast<unsigned char>(sought));
        if ((marks != 0) != (code == sought)) FAIL(code << " at " << at);
        if (marks != 0 && words::first_marked(marks) != at) FAIL(code << " at " << at);
      }
      const words::word controls = words::mark_below(word, 0x20);
      if ((controls != 0) != (code < 0x20)) FAIL(code << " at " << at);
      if (controls != 0 && words::first_marked(controls) != at) FAIL(code << " at " << at);
      if ((words::mark_non_ascii(word) != 0) != (code >= 0x80)) FAIL(code << " at " << at);
    }
  }
}

TEST_CASE("a match that makes the next byte look like one still comes first", "[words]") {
  // '#' is one above '"', and '!' one below: subtraction borrows from them.
  CHECK(words::first_marked(words::mark_equal(words::load("##\"#####"), '"')) == 2);
  CHECK(words::first_marked(words::mark_equal(words::load("!!!\"!#\"#"), '"')) == 3);
  CHECK(words::mark_equal(words::load("#!#!#!#!"), '"') == 0);
}
