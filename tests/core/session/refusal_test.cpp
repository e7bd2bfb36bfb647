#include "session/refusal.hpp"

#include <catch2/catch.hpp>

namespace downbeat::session {
namespace {

TEST_CASE("an unknown room is refused in the words of the story") {
  CHECK(message_of(refusal::session_not_found) == "Session not found");
}

TEST_CASE("every refusal has a code for programs and a message for people") {
  CHECK(code_of(refusal::session_not_found) == "session_not_found");
  CHECK(code_of(refusal::session_full) == "session_full");
  CHECK(code_of(refusal::server_full) == "server_full");
  CHECK(code_of(refusal::not_in_session) == "not_in_session");
  CHECK(message_of(refusal::session_full) == "Session is full");
  CHECK(message_of(refusal::server_full) == "Server is full");
  CHECK(message_of(refusal::not_in_session) == "Not in this session");
}

}  // namespace
}  // namespace downbeat::session
