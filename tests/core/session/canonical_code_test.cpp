#include "session/canonical_code.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::session {
namespace {

TEST_CASE("a code is found in any case") {
  CHECK(canonicalize("MUSIC-42") == "MUS1C42");
  CHECK(canonicalize("music-42") == "MUS1C42");
  CHECK(canonicalize("mUsIc-42") == "MUS1C42");
  CHECK(canonicalize("abcdefghijklmnopqrstuvwxyz") == canonicalize("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

TEST_CASE("a code is found with space around it") {
  CHECK(canonicalize("  FUNKY-42 ") == "FUNKY42");
  CHECK(canonicalize("\tFUNKY-42\r\n") == "FUNKY42");
  CHECK(canonicalize("\u00a0FUNKY-42\u3000\ufeff") == "FUNKY42");
}

TEST_CASE("a code is found without its separator, or with another one") {
  CHECK(canonicalize("FUNKY42") == "FUNKY42");
  const auto* const separator =
      GENERATE(" ", "\t", "-", "_", ".", ":", "/", "+", "--", " - ", "\u00a0", "\u2010", "\u2011",
               "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uff0d", ",", "*", "~", "=", "#",
               "!", "'", "\"", "\\", "|", "(", ")", "&", "%", "$", "@", "^", "`", "<", ">", "?",
               ";", "[", "]", "{", "}", "\u00b7", "\u2022", "\u2026", "\u2192", "\u3001", "\u3002",
               "\u30fb", "\uff0c", "\uff0e", "\uff1d", "\uff5e", "\u00d7");
  CHECK(canonicalize(std::string("FUNKY") + separator + "42") == "FUNKY42");
}

TEST_CASE("letters and digits that look alike are the same") {
  CHECK(canonicalize("OOH-42") == canonicalize("00h-42"));
  CHECK(canonicalize("LYRIC-42") == canonicalize("1yr1c-42"));
  CHECK(canonicalize("LYRIC-42") == canonicalize("iyrlc-42"));
  CHECK(canonicalize("OIL") == "011");
  CHECK(canonicalize("SBZ") == "SBZ");
  CHECK(canonicalize("23456789") == "23456789");
}

TEST_CASE("what no code consists of matches nothing") {
  const auto* const impossible =
      GENERATE("FUNKÝ-42", "ſky", "\u212a", "FUNKY-42🎸", "@", "[", "`", "\u200b", "FUNKY\x01");
  CHECK(canonicalize(impossible) == std::nullopt);
}

TEST_CASE("a code is found with what was pasted along and nobody sees") {
  const auto* const invisible =
      GENERATE("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202c", "\u202e",
               "\u2060", "\u2066", "\u2069", "\u00ad", "\u061c", "\ufeff", "\u00a0", "\u202f",
               "\u3000", "\ufe0f", "\u034f", "\u180e");
  CHECK(canonicalize(invisible + std::string("FUNKY-") + invisible + "42" + invisible) ==
        "FUNKY42");
}

TEST_CASE("a code is found in full-width letters and digits") {
  CHECK(canonicalize("ＦＵＮＫＹ－４２") == "FUNKY42");
  CHECK(canonicalize("ｆｕｎｋｙ　４２") == "FUNKY42");
  CHECK(canonicalize("ｏｉｌ") == "011");
}

TEST_CASE("a NUL matches nothing") {
  CHECK(canonicalize(std::string_view("FUNKY\0", 6)) == std::nullopt);
}

TEST_CASE("nothing, or only separators, matches nothing") {
  CHECK(canonicalize("") == std::nullopt);
  CHECK(canonicalize("   ") == std::nullopt);
  CHECK(canonicalize("-") == std::nullopt);
  CHECK(canonicalize("\u2014 _") == std::nullopt);
}

TEST_CASE("up to 64 bytes are read as a code, and no more") {
  CHECK(canonicalize(std::string(64, 'x')) == std::string(64, 'X'));
  CHECK(canonicalize(std::string(65, 'x')) == std::nullopt);
  CHECK(canonicalize(std::string(56, ' ') + "FUNKY-42") == "FUNKY42");
  CHECK(canonicalize(std::string(57, ' ') + "FUNKY-42") == std::nullopt);
  CHECK(canonicalize(std::string(1 << 20, 'x')) == std::nullopt);
}

TEST_CASE("bytes that are not UTF-8 match nothing") {
  CHECK(canonicalize("\x80") == std::nullopt);
  CHECK(canonicalize("FUNKY\xe2\x80") == std::nullopt);
}

}  // namespace
}  // namespace downbeat::session
