#include "session/room_key.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::session {
namespace {

TEST_CASE("a code is found in any case") {
  CHECK(fold("MUSIC-42") == "MUS1C42");
  CHECK(fold("music-42") == "MUS1C42");
  CHECK(fold("mUsIc-42") == "MUS1C42");
  CHECK(fold("abcdefghijklmnopqrstuvwxyz") == fold("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

TEST_CASE("a code is found with space around it") {
  CHECK(fold("  FUNKY-42 ") == "FUNKY42");
  CHECK(fold("\tFUNKY-42\r\n") == "FUNKY42");
  CHECK(fold("\u00a0FUNKY-42\u3000\ufeff") == "FUNKY42");
}

TEST_CASE("a code is found without its separator, or with another one") {
  CHECK(fold("FUNKY42") == "FUNKY42");
  const auto* const separator =
      GENERATE(" ", "\t", "-", "_", ".", ":", "/", "+", "--", " - ", "\u00a0", "\u2010", "\u2011",
               "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uff0d");
  CHECK(fold(std::string("FUNKY") + separator + "42") == "FUNKY42");
}

TEST_CASE("letters and digits that look alike are the same") {
  CHECK(fold("OOH-42") == fold("00h-42"));
  CHECK(fold("LYRIC-42") == fold("1yr1c-42"));
  CHECK(fold("LYRIC-42") == fold("iyrlc-42"));
  CHECK(fold("OIL") == "011");
  CHECK(fold("SBZ") == "SBZ");
  CHECK(fold("23456789") == "23456789");
}

TEST_CASE("what no code consists of matches nothing") {
  const auto* const impossible =
      GENERATE("FUNKY-42!", "FUNKÝ-42", "ＦＵＮＫＹ", "FUNKY,42", "\"FUNKY\"", "FUNKY\\42", "ſky",
               "\u212a", "🎸", "@", "[", "`");
  CHECK(fold(impossible) == std::nullopt);
}

TEST_CASE("a NUL matches nothing") {
  CHECK(fold(std::string_view("FUNKY\0", 6)) == std::nullopt);
}

TEST_CASE("nothing, or only separators, matches nothing") {
  CHECK(fold("") == std::nullopt);
  CHECK(fold("   ") == std::nullopt);
  CHECK(fold("-") == std::nullopt);
  CHECK(fold("\u2014 _") == std::nullopt);
}

TEST_CASE("up to 64 bytes are read as a code, and no more") {
  CHECK(fold(std::string(64, 'x')) == std::string(64, 'X'));
  CHECK(fold(std::string(65, 'x')) == std::nullopt);
  CHECK(fold(std::string(56, ' ') + "FUNKY-42") == "FUNKY42");
  CHECK(fold(std::string(57, ' ') + "FUNKY-42") == std::nullopt);
  CHECK(fold(std::string(1 << 20, 'x')) == std::nullopt);
}

TEST_CASE("bytes that are not UTF-8 match nothing") {
  CHECK(fold("\x80") == std::nullopt);
  CHECK(fold("FUNKY\xe2\x80") == std::nullopt);
}

}  // namespace
}  // namespace downbeat::session
