// Lines that are no facts, and what is said about them.

#include "trace/fact.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::trace {
namespace {

/// Why a line cannot be read, empty if it can.
std::string flaw_in(const std::string& line) {
  const auto read = read_fact(line);
  const auto* why = std::get_if<unreadable>(&read);
  return why ? why->why : std::string();
}

std::string wrong(const std::string& kind) {
  return "unknown fact, or its argument is wrong: " + kind;
}

const std::string zeros(64, '0');

}  // namespace

TEST_CASE("a line without a time is no fact") {
  const std::string why = "a line must begin with a time in milliseconds";
  CHECK(flaw_in("") == why);
  CHECK(flaw_in("> deadline") == why);
  CHECK(flaw_in("soon > deadline") == why);
  CHECK(flaw_in("1.5 > deadline") == why);
  CHECK(flaw_in("5x > deadline") == why);
  CHECK(flaw_in("+5 > deadline") == why);
  CHECK(flaw_in(" 5 > deadline") == why);
  CHECK(flaw_in("99999999999999999999 > deadline") == why);
}

TEST_CASE("a time that could not be added to is no time") {
  CHECK(flaw_in("4398046511103 > deadline").empty());
  CHECK(flaw_in("4398046511104 > deadline") == "time must not be later than 4398046511103");
  CHECK(flaw_in("9223372036854775807 > deadline") == "time must not be later than 4398046511103");
}

TEST_CASE("a line without > is no fact") {
  const std::string why = "a fact must have > after its time";
  CHECK(flaw_in("5") == why);
  CHECK(flaw_in("5 deadline") == why);
  CHECK(flaw_in("5 < wait") == why);
  CHECK(flaw_in("5  > deadline") == why);
}

TEST_CASE("all facts but two have a number") {
  for (const std::string kind : {"websocket", "text", "binary", "too-large", "closed", "request",
                                 "body", "body-too-large", "aborted", "sing"}) {
    CHECK(flaw_in("5 > " + kind) == kind + " must be followed by a number");
    CHECK(flaw_in("5 > " + kind + " x") == kind + " must be followed by a number");
    CHECK(flaw_in("5 > " + kind + " -1") == kind + " must be followed by a number");
    CHECK(flaw_in("5 > " + kind + " 18446744073709551616") ==
          kind + " must be followed by a number");
  }
  CHECK(flaw_in("5 > deadline").empty());
  CHECK(flaw_in("5 > shutdown").empty());
}

TEST_CASE("an unknown fact is named") {
  CHECK(flaw_in("5 > sing 1") == wrong("sing"));
  CHECK(flaw_in("5 > sing 1 \"la\"") == wrong("sing"));
  CHECK(flaw_in("5 > Text 1 \"a\"") == wrong("Text"));
  CHECK(flaw_in("5 > ") == " must be followed by a number");
}

TEST_CASE("an argument must be JSON") {
  CHECK(flaw_in("5 > text 1 hello") == "text has broken JSON");
  CHECK(flaw_in("5 > text 1 \"hello") == "text has broken JSON");
  CHECK(flaw_in("5 > text 1 \"a\" \"b\"") == "text has broken JSON");
  CHECK(flaw_in("5 > text 1 \"a\tb\"") == "text has broken JSON");
  CHECK(flaw_in("5 > body 1 \"\xff\"") == "body has broken JSON");
  CHECK(flaw_in("5 > request 1 {") == "request has broken JSON");
}

TEST_CASE("an argument must be of the right kind") {
  for (const std::string kind : {"text", "binary", "body"}) {
    for (const std::string argument :
         {"", " 5", " null", " [\"a\"]", " {}", " {\"base64\":5}", " {\"base64\":\"!\"}",
          " {\"base64\":\"A\"}", " \"\\ud800\""}) {
      CAPTURE(argument);
      CHECK(flaw_in("5 > " + kind + " 1" + argument) == wrong(kind));
    }
  }
  for (const std::string kind : {"websocket", "request"}) {
    for (const std::string argument : {"", " 5", " \"a\"", " []", " {}"}) {
      CAPTURE(argument);
      CHECK(flaw_in("5 > " + kind + " 1" + argument) == wrong(kind));
    }
  }
}

TEST_CASE("what takes no argument must have none") {
  CHECK(flaw_in("5 > deadline 7") == wrong("deadline"));
  CHECK(flaw_in("5 > shutdown {}") == wrong("shutdown"));
  CHECK(flaw_in("5 > closed 1 \"gone\"") == wrong("closed"));
  CHECK(flaw_in("5 > too-large 1 2") == wrong("too-large"));
  CHECK(flaw_in("5 > aborted 1 null") == wrong("aborted"));
  CHECK(flaw_in("5 > body-too-large 1 1") == wrong("body-too-large"));
}

TEST_CASE("a head must be whole") {
  const auto websocket = [](const std::string& members) {
    return flaw_in("5 > websocket 1 {" + members + "}");
  };
  const std::string drawn = "\"entropy\":\"" + zeros + "\"";
  CHECK(websocket(drawn).empty());
  CHECK(websocket("\"query\":\"\"") == wrong("websocket"));
  CHECK(websocket("\"entropy\":\"00\"") == wrong("websocket"));
  CHECK(websocket("\"entropy\":\"" + zeros + "00\"") == wrong("websocket"));
  CHECK(websocket("\"entropy\":\"x" + zeros.substr(1) + "\"") == wrong("websocket"));
  CHECK(websocket("\"entropy\":0") == wrong("websocket"));
  CHECK(websocket(drawn + ",\"query\":7") == wrong("websocket"));
  CHECK(websocket(drawn + ",\"origin\":null") == wrong("websocket"));
  CHECK(websocket(drawn + ",\"contentType\":[]") == wrong("websocket"));
  CHECK(websocket(drawn + ",\"address\":{\"base64\":\"?\"}") == wrong("websocket"));

  CHECK(flaw_in("5 > request 1 {\"method\":\"GET\"," + drawn + "}").empty());
  CHECK(flaw_in("5 > request 1 {" + drawn + "}") == wrong("request"));
  CHECK(flaw_in("5 > request 1 {\"method\":\"PATCH\"," + drawn + "}") == wrong("request"));
  CHECK(flaw_in("5 > request 1 {\"method\":1," + drawn + "}") == wrong("request"));
}

}  // namespace downbeat::trace
