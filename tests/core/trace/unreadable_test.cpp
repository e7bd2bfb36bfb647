// Lines that are no inputs, and what is said about them.

#include "trace/input_line.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::trace {
namespace {

/// Why a line cannot be read, empty if it can.
std::string error_in(const std::string& line) {
  const auto read = read_input(line);
  const auto* why = std::get_if<unreadable>(&read);
  return why ? why->why : std::string();
}

std::string wrong(const std::string& kind) {
  return "unknown input, or its argument is wrong: " + kind;
}

const std::string zeros(128, '0');

}  // namespace

TEST_CASE("a line without a time is no input") {
  const std::string why = "a line must begin with a time in milliseconds";
  CHECK(error_in("") == why);
  CHECK(error_in("> deadline") == why);
  CHECK(error_in("soon > deadline") == why);
  CHECK(error_in("1.5 > deadline") == why);
  CHECK(error_in("5x > deadline") == why);
  CHECK(error_in("+5 > deadline") == why);
  CHECK(error_in(" 5 > deadline") == why);
  CHECK(error_in("99999999999999999999 > deadline") == why);
}

TEST_CASE("a time that could not be added to is no time") {
  CHECK(error_in("4398046511103 > deadline").empty());
  CHECK(error_in("4398046511104 > deadline") == "time must not be later than 4398046511103");
  CHECK(error_in("9223372036854775807 > deadline") == "time must not be later than 4398046511103");
}

TEST_CASE("a line without > is no input") {
  const std::string why = "an input must have > after its time";
  CHECK(error_in("5") == why);
  CHECK(error_in("5 deadline") == why);
  CHECK(error_in("5 < wait") == why);
  CHECK(error_in("5  > deadline") == why);
}

TEST_CASE("only a conflict comes with events, and always") {
  for (const std::string kind : {"appended", "append-failed", "append-unknown"}) {
    CHECK(error_in("5 > " + kind + " 1").empty());
    CHECK(error_in("5 > " + kind + " 1 \"[]\"") == wrong(kind));
    CHECK(error_in("5 > " + kind) == kind + " must be followed by a number");
  }
  CHECK(error_in("5 > append-conflict 1 \"anything\"").empty());
  CHECK(error_in("5 > append-conflict 1") == wrong("append-conflict"));
  CHECK(error_in("5 > append-conflict 1 []") == wrong("append-conflict"));
  CHECK(error_in("5 > appending 1") == wrong("appending"));
}

TEST_CASE("a number that names nothing is no transport's and no request's") {
  for (const std::string kind :
       {"websocket", "text", "binary", "too-large", "closed", "request", "body", "body-too-large",
        "aborted", "appended", "append-failed"}) {
    CHECK(error_in("5 > " + kind + " 18446744073709551615") ==
          kind + " has a number that names nothing");
  }
  CHECK(error_in("5 > closed 18446744073709551614").empty());
  CHECK(error_in("5 > drain 18446744073709551615").empty());
}

TEST_CASE("all inputs but two have a number") {
  for (const std::string kind :
       {"websocket", "text", "binary", "too-large", "closed", "request", "body", "body-too-large",
        "aborted", "clock", "command", "query", "sing"}) {
    CHECK(error_in("5 > " + kind) == kind + " must be followed by a number");
    CHECK(error_in("5 > " + kind + " x") == kind + " must be followed by a number");
    CHECK(error_in("5 > " + kind + " -1") == kind + " must be followed by a number");
    CHECK(error_in("5 > " + kind + " 18446744073709551616") ==
          kind + " must be followed by a number");
  }
  CHECK(error_in("5 > deadline").empty());
  CHECK(error_in("5 > shutdown").empty());
}

TEST_CASE("a wall clock that could not be added to is none") {
  CHECK(error_in("5 > clock 9007199254740991").empty());
  CHECK(error_in("5 > clock 9007199254740992") == wrong("clock"));
  CHECK(error_in("5 > clock 18446744073709551615") == wrong("clock"));
  CHECK(error_in("5 > clock 1 2") == wrong("clock"));
  CHECK(error_in("5 > clock -1") == "clock must be followed by a number");
}

TEST_CASE("an unknown input is named") {
  CHECK(error_in("5 > sing 1") == wrong("sing"));
  CHECK(error_in("5 > sing 1 \"la\"") == wrong("sing"));
  CHECK(error_in("5 > Text 1 \"a\"") == wrong("Text"));
  CHECK(error_in("5 > ") == " must be followed by a number");
}

TEST_CASE("an argument must be JSON") {
  CHECK(error_in("5 > text 1 hello") == "text has broken JSON");
  CHECK(error_in("5 > text 1 \"hello") == "text has broken JSON");
  CHECK(error_in("5 > text 1 \"a\" \"b\"") == "text has broken JSON");
  CHECK(error_in("5 > text 1 \"a\tb\"") == "text has broken JSON");
  CHECK(error_in("5 > body 1 \"\xff\"") == "body has broken JSON");
  CHECK(error_in("5 > request 1 {") == "request has broken JSON");
}

TEST_CASE("an argument must be of the right kind") {
  for (const std::string kind : {"text", "binary", "body", "command", "query"}) {
    for (const std::string argument :
         {"", " 5", " null", " [\"a\"]", " {}", " {\"base64\":5}", " {\"base64\":\"!\"}",
          " {\"base64\":\"A\"}", " \"\\ud800\""}) {
      CAPTURE(argument);
      CHECK(error_in("5 > " + kind + " 1" + argument) == wrong(kind));
    }
  }
  for (const std::string kind : {"websocket", "request"}) {
    for (const std::string argument : {"", " 5", " \"a\"", " []", " {}"}) {
      CAPTURE(argument);
      CHECK(error_in("5 > " + kind + " 1" + argument) == wrong(kind));
    }
  }
}

TEST_CASE("what takes no argument must have none") {
  CHECK(error_in("5 > deadline 7") == wrong("deadline"));
  CHECK(error_in("5 > shutdown {}") == wrong("shutdown"));
  CHECK(error_in("5 > closed 1 \"gone\"") == wrong("closed"));
  CHECK(error_in("5 > too-large 1 2") == wrong("too-large"));
  CHECK(error_in("5 > aborted 1 null") == wrong("aborted"));
  CHECK(error_in("5 > body-too-large 1 1") == wrong("body-too-large"));
}

TEST_CASE("a head must be whole") {
  const auto websocket = [](const std::string& members) {
    return error_in("5 > websocket 1 {" + members + "}");
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

  CHECK(error_in("5 > request 1 {\"method\":\"GET\"," + drawn + "}").empty());
  CHECK(error_in("5 > request 1 {" + drawn + "}") == wrong("request"));
  CHECK(error_in("5 > request 1 {\"method\":\"PATCH\"," + drawn + "}") == wrong("request"));
  CHECK(error_in("5 > request 1 {\"method\":1," + drawn + "}") == wrong("request"));
}

}  // namespace downbeat::trace
