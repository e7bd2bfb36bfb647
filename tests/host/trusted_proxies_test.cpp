#include "http/trusted_proxies.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::host;

TEST_CASE("networks are addresses, or prefixes of them") {
  for (const std::string good :
       {"192.0.2.1", "10.0.0.0/8", "10.1.2.3/8", "::1", "2001:db8::/32", "0.0.0.0/0"}) {
    CAPTURE(good);
    CHECK(is_network(good));
  }
  for (const std::string bad : {"", "localhost", "10.0.0.0/33", "10.0.0/8", "::/129", "1.2.3.4/",
                                "1.2.3.4/x", "*", "192.0.2.1:80"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_network(bad));
  }
}

TEST_CASE("a proxy is trusted by its address or its network") {
  const trusted_proxies proxies({"127.0.0.1", "10.9.9.9/8", "2001:db8::/32"});
  CHECK(proxies.trusts("127.0.0.1"));
  CHECK_FALSE(proxies.trusts("127.0.0.2"));
  CHECK(proxies.trusts("10.255.0.1"));
  CHECK_FALSE(proxies.trusts("11.0.0.1"));
  CHECK(proxies.trusts("2001:db8:1::7"));
  CHECK_FALSE(proxies.trusts("2001:db9::7"));
  CHECK(proxies.trusts("::ffff:10.0.0.1"));
  CHECK_FALSE(proxies.trusts("nonsense"));
  CHECK_FALSE(trusted_proxies({}).trusts("127.0.0.1"));
}

TEST_CASE("the client is the first from the right that is no trusted proxy") {
  const trusted_proxies proxies({"10.0.0.0/8"});
  CHECK(proxies.client_of("10.0.0.1", "203.0.113.7") == "203.0.113.7");
  CHECK(proxies.client_of("10.0.0.1", "203.0.113.7, 10.0.0.2") == "203.0.113.7");
  CHECK(proxies.client_of("10.0.0.1", " 203.0.113.7 ,10.0.0.3,\t10.0.0.2") == "203.0.113.7");
  // Entries to the left of the client may be forged by the client.
  CHECK(proxies.client_of("10.0.0.1", "198.51.100.1, 203.0.113.7") == "203.0.113.7");
  CHECK(proxies.client_of("10.0.0.1", "10.0.0.9, 203.0.113.7") == "203.0.113.7");
  CHECK(proxies.client_of("10.0.0.1", "nonsense, 203.0.113.7") == "203.0.113.7");
}

TEST_CASE("a proxy that names nobody speaks for itself, or for the last one that can be read") {
  const trusted_proxies proxies({"10.0.0.0/8"});
  CHECK(proxies.client_of("10.0.0.1", "") == "10.0.0.1");
  CHECK(proxies.client_of("10.0.0.1", "unknown") == "10.0.0.1");
  CHECK(proxies.client_of("10.0.0.1", "203.0.113.7,") == "10.0.0.1");
  CHECK(proxies.client_of("10.0.0.1", "evil\n, 10.0.0.2") == "10.0.0.2");
  CHECK(proxies.client_of("10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3");
}

TEST_CASE("an address is written in one way, with or without its port") {
  const trusted_proxies proxies({"10.0.0.0/8"});
  CHECK(proxies.client_of("10.0.0.1", "203.0.113.7:4711") == "203.0.113.7");
  CHECK(proxies.client_of("10.0.0.1", "[2001:DB8:0::1]:4711") == "2001:db8::1");
  CHECK(proxies.client_of("10.0.0.1", "2001:0db8::0001") == "2001:db8::1");
  CHECK(proxies.client_of("10.0.0.1", "::ffff:203.0.113.7") == "203.0.113.7");
}
