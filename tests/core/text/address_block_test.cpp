#include "text/address_block.hpp"

#include <catch2/catch.hpp>

#include <string>

using downbeat::address_block;

TEST_CASE("an IPv6 address counts with the 2^64 beside it") {
  CHECK(address_block("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(address_block("2001:db8:1:2::6") == "2001:db8:1:2::/64");
  CHECK(address_block("2001:db8::6") == "2001:db8:0:0::/64");
  CHECK(address_block("::1") == "0:0:0:0::/64");
  CHECK(address_block("1::") == "1:0:0:0::/64");
  CHECK(address_block("::") == "0:0:0:0::/64");
  CHECK(address_block("2001:db8:1:2::") == address_block("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  CHECK(address_block("2001:db8:1:3::") != address_block("2001:db8:1:2::"));
}

TEST_CASE("any other address is itself") {
  for (const std::string text :
       {"192.0.2.1", "::ffff:192.0.2.1", "Alice", "", ":", "1:2:3", "1:2:3:4:5:6:7:8:9"}) {
    CAPTURE(text);
    CHECK(address_block(text) == text);
  }
}
