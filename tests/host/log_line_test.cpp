// A client cannot forge a line of the log, or control the terminal that shows it.
#include "log/line.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <string>

using namespace downbeat::host;

namespace {

std::string text_of(std::string_view value) {
  const std::array<log_field, 1> fields = {{{"name", value}}};
  return text_line("said", fields);
}

}  // namespace

TEST_CASE("fields are written as key=value, quoted where that is needed") {
  const std::array<log_field, 4> fields = {
      {{"room", "FLUTE-22"}, {"user", ""}, {"name", "Ann Lee"}, {"address", "[::1]:80"}}};
  CHECK(text_line("session created", fields) ==
        "session created room=FLUTE-22 name=\"Ann Lee\" address=[::1]:80");
}

TEST_CASE("whatever could end a line or a value is escaped") {
  CHECK(text_of("a\nb\r\tc") == R"(said name="a\nb\r\tc")");
  CHECK(text_of("a\" room=\"X") == R"(said name="a\" room=\"X")");
  CHECK(text_of("a\\") == R"(said name="a\\")");
  CHECK(text_of(std::string_view("a\0b", 3)) == R"(said name="a\u0000b")");
  CHECK(text_of("\x1b[2J\x7f") == R"(said name="\u001b[2J\u007f")");
  CHECK(text_of("\u009b31m") == R"(said name="\u009b31m")");
  CHECK(text_of("\u2028\u202e\ufeff\U000e0041") == R"(said name="\u2028\u202e\ufeff\U000e0041")");
  CHECK(text_of("a=b") == R"(said name="a=b")");
}

TEST_CASE("text of people is left alone, and what is no text is shown in bytes") {
  CHECK(text_of("Zoë 🎷") == "said name=\"Zoë 🎷\"");
  CHECK(text_of("a\xff\n") == R"(said name="a\xff\x0a")");
}

TEST_CASE("JSON lines are ASCII, one line, and say the same") {
  const std::string name = "Zoë\n\"\x1b\u2028\x7f";
  const std::array<log_field, 3> fields = {{{"room", ""}, {"name", name}, {"reason", "a\xff"}}};
  const std::string line = json_line("2026-01-02T03:04:05.678Z", "info", "said", fields);
  for (const char c : line) CHECK((c >= 0x20 && c <= 0x7f));
  const auto read = nlohmann::json::parse(line);
  CHECK(read["time"] == "2026-01-02T03:04:05.678Z");
  CHECK(read["level"] == "info");
  CHECK(read["event"] == "said");
  CHECK(read["name"] == name);
  CHECK(read["reason"] == "a\ufffd");
  CHECK_FALSE(read.contains("room"));
}

TEST_CASE("a long value is cut between two characters") {
  CHECK(shortened("Zoë 🎷", 9) == "Zoë 🎷");
  CHECK(shortened("Zoë 🎷", 8) == "Zoë …");
  CHECK(shortened("Zoë 🎷", 5) == "Zoë …");
  CHECK(shortened("Zoë 🎷", 3) == "Zo…");
  CHECK(shortened("", 0).empty());
  CHECK(shortened("ë", 0) == "…");
  // What is no text is cut anywhere.
  CHECK(shortened("\x80\x80\x80\x80\x80\x80", 5) == "\x80\x80…");
}
