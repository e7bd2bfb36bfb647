#include "operations/request.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace downbeat::operations {
namespace {

std::string error_of_query(std::string_view json) {
  const auto read = read_query(json);
  const auto* const wrong = std::get_if<error>(&read);
  return wrong == nullptr ? std::string() : wrong->why;
}

std::string error_of_command(std::string_view json) {
  const auto read = read_command(json);
  const auto* const wrong = std::get_if<error>(&read);
  return wrong == nullptr ? std::string() : wrong->why;
}

}  // namespace

TEST_CASE("an operator's query is read") {
  const auto read = std::get<query>(read_query(
      R"( { "query" : "participants", "after":"x\u0041", "roomCode":"JAM-42","limit":7 } )"));
  CHECK(read.what == "participants");
  CHECK(read.room_code == "JAM-42");
  CHECK(read.after == "xA");
  CHECK(read.limit == 7);
  const auto first = std::get<query>(read_query(R"({"query":"sessions"})"));
  CHECK(first.what == "sessions");
  CHECK(first.after.empty());
  CHECK(first.limit == 100);
  CHECK(write(first) == R"({"query":"sessions","limit":100})");
  CHECK(write(read) == R"({"query":"participants","roomCode":"JAM-42","after":"xA","limit":7})");
}

TEST_CASE("an operator's command is read") {
  const auto close =
      std::get<command>(read_command(R"({"roomCode":"JAM-42","command":"close_session"})"));
  CHECK(close.what == "close_session");
  CHECK(close.room_code == "JAM-42");
  CHECK(write(close) == R"({"command":"close_session","roomCode":"JAM-42"})");
  const auto kick = std::get<command>(
      read_command(R"({"command":"disconnect_participant","participantId":"abc"})"));
  CHECK(kick.participant_id == "abc");
  CHECK(write(kick) == R"({"command":"disconnect_participant","participantId":"abc"})");
}

TEST_CASE("what is no query is refused with the reason") {
  CHECK(error_of_query("") == "a request must be JSON");
  CHECK(error_of_query("{") == "a request must be JSON");
  CHECK(error_of_query("\"\xff\"") == "a request must be JSON");
  CHECK(error_of_query("[]") == "a request must be an object");
  CHECK(error_of_query("7") == "a request must be an object");
  CHECK(error_of_query("{}") == "query is required");
  CHECK(error_of_query(R"({"query":7})") == "query must be a text, and not empty");
  CHECK(error_of_query(R"({"query":""})") == "query must be a text, and not empty");
  CHECK(error_of_query(R"({"query":"\ud800"})") == "query must be a text, and not empty");
  CHECK(error_of_query(R"({"query":"songs"})") ==
        "query must be sessions, participants or connections");
  CHECK(error_of_query(R"({"query":"participants"})") == "roomCode is required");
  CHECK(error_of_query(R"({"query":"sessions","roomCode":"JAM-42"})") ==
        "a request of this kind has no member \"roomCode\"");
  CHECK(error_of_query(R"({"query":"sessions","afer":{"x":[1]}})") ==
        "a request of this kind has no member \"afer\"");
  CHECK(error_of_query(R"({"query":"sessions","after":7})") ==
        "after must be a text, and not empty");
  CHECK(error_of_query(R"({"query":"sessions","after":{}})") ==
        "after must be a text, and not empty");
  for (const std::string limit :
       {"0", "-1", "1001", "1.5", "1e2", "\"7\"", "null", "[]", "99999999999999999999"}) {
    CAPTURE(limit);
    CHECK(error_of_query(R"({"query":"sessions","limit":)" + limit + "}") ==
          "limit must be a whole number from 1 to 1000");
  }
  CHECK(error_of_query(R"({"query":"sessions","limit":1000})").empty());
  CHECK(error_of_query(R"({"query":"sessions","after":")" + std::string(4'096, '1') + "\"}") ==
        "a request must not be larger than 4096 bytes");
}

TEST_CASE("what is no command is refused with the reason") {
  CHECK(error_of_command("nonsense") == "a request must be JSON");
  CHECK(error_of_command(R"({"query":"sessions"})") == "command is required");
  CHECK(error_of_command(R"({"command":"reboot"})") ==
        "command must be close_session or disconnect_participant");
  CHECK(error_of_command(R"({"command":"close_session"})") == "roomCode is required");
  CHECK(error_of_command(R"({"command":"disconnect_participant"})") == "participantId is required");
  CHECK(error_of_command(R"({"command":"close_session","roomCode":"A","participantId":"b"})") ==
        "a request of this kind has no member \"participantId\"");
}

TEST_CASE("a refusal says why, in words and in a word") {
  CHECK(failure(error{"say \"please\""}) ==
        R"({"ok":false,"error":{"message":"say \"please\"","code":"invalid_request"}})");
}

}  // namespace downbeat::operations
