#pragma once

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::test {

/// The value of a string member in a text that contains JSON.
inline std::string json_member_of(const std::string& text, const std::string& key) {
  const std::string name = '"' + key + "\":\"";
  const auto at = text.find(name);
  REQUIRE(at != std::string::npos);
  const auto begin = at + name.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

/// The session's id in the answer to a handshake.
inline std::string sid_of(const std::string& answer) {
  return json_member_of(answer, "sid");
}

}  // namespace downbeat::test
