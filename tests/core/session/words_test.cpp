#include "session/words.hpp"

#include "session/canonical_code.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace downbeat::session {
namespace {

bool has_word(std::string_view word) {
  return std::find(all_words().begin(), all_words().end(), word) != all_words().end();
}

TEST_CASE("there are at least 256 words") {
  CHECK(all_words().size() >= 256);
}

TEST_CASE("the words of the story are there") {
  const auto* const word = GENERATE("MUSIC", "FUNKY", "HAPPY", "JAZZY", "ROCKY");
  CHECK(has_word(word));
}

TEST_CASE("every word has three to five capital letters") {
  for (const std::string_view word : all_words()) {
    CAPTURE(word);
    CHECK(word.size() >= 3);
    CHECK(word.size() <= 5);
    CHECK(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  }
}

TEST_CASE("no two words look alike") {
  std::set<canonical_code> keys;
  for (const std::string_view word : all_words()) {
    CAPTURE(word);
    CHECK(keys.insert(canonicalize(word).value()).second);
  }
}

TEST_CASE("the short words are those of at most four letters") {
  std::set<std::string_view> expected;
  for (const std::string_view word : all_words()) {
    if (word.size() <= 4) expected.insert(word);
  }
  CHECK(std::set<std::string_view>(short_words().begin(), short_words().end()) == expected);
  CHECK(expected.size() >= 128);
}

TEST_CASE("no word is unfortunate in a common language") {
  const auto* const unfortunate = GENERATE(
      "ANAL", "ANUS", "ARSE", "ASS", "BITCH", "BITE", "BONG", "BOOB", "BRA", "BUM", "BUTT", "CACA",
      "CLAP", "COCK", "CON", "COON", "CRAP", "CUL", "CULO", "CUM", "CUNT", "DAMN", "DICK", "DIE",
      "DILDO", "DOPE", "DRUG", "DUMB", "DYKE", "FAG", "FART", "FAT", "FICK", "FIGA", "FUCK", "GAY",
      "GIFT", "GOD", "GUN", "HATE", "HELL", "HOE", "HOMO", "HORNY", "HURE", "IDIOT", "JACK", "JAP",
      "JERK", "JUGS", "KAPO", "KILL", "KIKE", "KINKY", "KNOB", "KUK", "KUT", "LICK", "LUL", "MERDE",
      "MILF", "MINOR", "MIST", "MUTE", "NAZI", "NIG", "NUDE", "ORGY", "PAKI", "PEDAL", "PEDO",
      "PEE", "PENIS", "PICO", "PIMP", "PINE", "PIPA", "PIPE", "PISS", "PITO", "PLUG", "POLLA",
      "POO", "POOP", "PORN", "PUFF", "PULA", "PUNK", "PUSSY", "PUTA", "RAPE", "RIM", "SCAT", "SEX",
      "SEXY", "SHIT", "SIKU", "SLAVE", "SLUR", "SLUT", "SPIC", "SUCK", "SUKA", "TARD", "TIT",
      "TITS", "TRANS", "TURD", "TWAT", "UGLY", "VIOL", "VIOLA", "WANK", "WEED", "WHORE", "WOG");
  CHECK_FALSE(has_word(unfortunate));
}

TEST_CASE("no word contains an obscenity") {
  const auto* const obscenity = GENERATE("FUCK", "SHIT", "CUNT", "PISS", "WANK", "SEX", "COCK",
                                         "DICK", "TIT", "NAZI", "CUM", "FAG", "PUT", "NIG", "PORN");
  for (const std::string_view word : all_words()) {
    CAPTURE(word);
    CHECK(word.find(obscenity) == std::string_view::npos);
  }
}

}  // namespace
}  // namespace downbeat::session
