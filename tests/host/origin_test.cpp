// Which web pages may use the server.
#include "http/origin.hpp"

#include <catch2/catch.hpp>

using namespace downbeat::host;

TEST_CASE("pages of the loopback are distinguished from those that only resemble them") {
  for (const char* const origin :
       {"http://localhost", "https://localhost", "http://localhost:5173", "HTTP://LOCALHOST:80",
        "http://127.0.0.1", "http://127.0.0.1:8080", "http://127.255.0.9", "http://[::1]:3000",
        "http://app.localhost:1234"}) {
    INFO(origin);
    CHECK(is_loopback_origin(origin));
  }
  for (const char* const origin : {"",
                                   "null",
                                   "localhost",
                                   "http://",
                                   "http://localhost.evil.example",
                                   "http://127.0.0.1.evil.example",
                                   "http://127.evil.example",
                                   "http://127.0.0",
                                   "http://127.0.0.256",
                                   "http://127.0.0.1.5",
                                   "http://128.0.0.1",
                                   "http://evil-localhost",
                                   "http://localhost@evil.example",
                                   "http://evil.example/localhost",
                                   "http://localhost:x",
                                   "http://localhost:70000",
                                   "http://localhost:",
                                   "http://local*host",
                                   "http://[::2]",
                                   "http://[::1",
                                   "http://[::1]x",
                                   "file://localhost",
                                   "http://localhost/",
                                   "http://evil.example#localhost"}) {
    INFO(origin);
    CHECK_FALSE(is_loopback_origin(origin));
  }
}

TEST_CASE("a page is of the same origin if it came from the host and port that it asks") {
  CHECK(is_same_origin("http://jam.example:3001", "jam.example:3001"));
  CHECK(is_same_origin("http://Jam.Example", "jam.example"));
  CHECK(is_same_origin("https://jam.example", "jam.example:443"));
  CHECK(is_same_origin("http://jam.example:80", "jam.example"));
  CHECK(is_same_origin("http://[2001:db8::1]:3001", "[2001:db8::1]:3001"));

  CHECK_FALSE(is_same_origin("http://jam.example:3002", "jam.example:3001"));
  CHECK_FALSE(is_same_origin("http://jam.example", "jam.example:3001"));
  CHECK_FALSE(is_same_origin("http://evil.example", "jam.example"));
  CHECK_FALSE(is_same_origin("http://jam.example.evil.example", "jam.example"));
  CHECK_FALSE(is_same_origin("http://jam.example@evil.example", "jam.example"));
  CHECK_FALSE(is_same_origin("null", "null"));
  CHECK_FALSE(is_same_origin("http://jam.example", ""));
}

TEST_CASE("by default, foreign pages may not use the server") {
  const origin_policy policy({});
  CHECK(policy.allows("", "jam.example"));
  CHECK(policy.allows("http://jam.example", "jam.example"));
  CHECK_FALSE(policy.allows("http://evil.example", "jam.example"));
  CHECK_FALSE(policy.allows("null", "jam.example"));

  CHECK(policy.response_fields("http://localhost:5173", true) ==
        "Access-Control-Allow-Origin: http://localhost:5173\r\n"
        "Access-Control-Allow-Credentials: true\r\n"
        "Vary: Origin\r\n");
  CHECK(policy.response_fields("http://evil.example", false) == "Vary: Origin\r\n");
  CHECK(policy.response_fields("", true) == "Vary: Origin\r\n");
  CHECK(policy.answers_preflight("http://localhost:5173", true));
  CHECK_FALSE(policy.answers_preflight("http://localhost:5173", false));
  CHECK_FALSE(policy.answers_preflight("", true));
}

TEST_CASE("pages of the loopback may use a server that is addressed there, and no other") {
  const origin_policy policy({});
  for (const char* const host : {"localhost", "localhost:3001", "LOCALHOST:3001", "127.0.0.1:3001",
                                 "127.1.2.3", "[::1]:3001", "[0:0:0:0:0:0:0:1]", "a.localhost"}) {
    INFO(host);
    CHECK(policy.allows("http://localhost:5173", host));
    CHECK(policy.allows("https://127.0.0.1", host));
    CHECK_FALSE(policy.allows("http://evil.example", host));
  }
  for (const char* const host : {"", "jam.example", "192.168.1.7:3001", "localhost.evil.example",
                                 "127.evil.example", "[::2]", "0.0.0.0", "localhost:x"}) {
    INFO(host);
    CHECK_FALSE(policy.allows("http://localhost:5173", host));
  }
}

TEST_CASE("equal origins have one normal form, and what is no origin has none") {
  CHECK(normal_origin("https://jam.example:443") == "https://jam.example");
  CHECK(normal_origin("HTTPS://Jam.Example") == "https://jam.example");
  CHECK(normal_origin("http://jam.example:80") == "http://jam.example");
  CHECK(normal_origin("http://jam.example:443") == "http://jam.example:443");
  CHECK(normal_origin("http://jam.example:0080") == "http://jam.example");
  CHECK(normal_origin("http://[2001:DB8:0::1]:80") == "http://[2001:db8::1]");
  CHECK(normal_origin("capacitor://localhost") == "capacitor://localhost");
  CHECK(normal_origin("null") == "null");
  for (const char* const none :
       {"", "*", "jam.example", "https://", "https://jam.example/", "https://jam.example/a",
        "https://a b", "https://*.example", "https://user@jam.example", "https://jam.example:",
        "https://jam.example:65536", "https://jam.example:-1", "https://[::1", "https://[::g]",
        "ht tp://a", "https://jam.example?x", "https://a,https://b"}) {
    INFO(none);
    CHECK_FALSE(normal_origin(none));
    CHECK_FALSE(is_origin(none));
  }
}

TEST_CASE("an origin is named with or without its scheme's port") {
  CHECK(origin_policy({"https://jam.example:443"}).allows("https://jam.example", "api.example"));
  CHECK(origin_policy({"https://JAM.example"}).allows("https://jam.example", "api.example"));
  CHECK(origin_policy({"http://[::0:1]:80"}).allows("http://[::1]", "api.example"));
  CHECK_FALSE(origin_policy({"https://jam.example:80"}).allows("https://jam.example", "a.example"));
}

TEST_CASE("named origins are allowed exactly") {
  const origin_policy policy({"https://jam.example", "null"});
  CHECK(policy.allows("https://jam.example", "api.example"));
  CHECK(policy.allows("null", "api.example"));
  CHECK_FALSE(policy.allows("http://jam.example", "api.example"));
  CHECK_FALSE(policy.allows("https://jam.example:8443", "api.example"));
  CHECK_FALSE(policy.allows("https://jam.example.evil.example", "api.example"));
}

TEST_CASE("with a star, every page is allowed, but none with credentials") {
  const origin_policy policy({"*"});
  CHECK(policy.allows("https://anyone.example", "api.example"));
  CHECK(policy.allows("null", "api.example"));
  for (const char* const origin : {"", "https://anyone.example"}) {
    CHECK(policy.response_fields(origin, true) == "Access-Control-Allow-Origin: *\r\n");
    CHECK(policy.answers_preflight(origin, true));
  }
}

TEST_CASE("the answer to a preflight says what may be sent") {
  const auto fields =
      origin_policy({}).preflight_fields("http://x", true, "content-type, x-custom");
  CHECK(fields.find("Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n") !=
        std::string::npos);
  CHECK(fields.find("Access-Control-Allow-Headers: content-type, x-custom\r\n") !=
        std::string::npos);
  CHECK(fields.find("Access-Control-Max-Age: ") != std::string::npos);
}

TEST_CASE("behind TLS, a page of the same host that came over plain HTTP is foreign") {
  const origin_policy policy({}, true);
  CHECK(policy.allows("https://jam.example", "jam.example"));
  CHECK(policy.allows("https://jam.example:3001", "jam.example:3001"));
  CHECK(policy.allows("https://JAM.example", "jam.example:443"));
  CHECK_FALSE(policy.allows("http://jam.example", "jam.example"));
  CHECK_FALSE(policy.allows("http://jam.example:3001", "jam.example:3001"));
  CHECK_FALSE(policy.allows("http://JAM.example:80", "jam.example"));
  // Pages that are being written come from there.
  CHECK(policy.allows("http://localhost:5173", "localhost:3001"));
  CHECK(origin_policy({"http://jam.example"}, true).allows("http://jam.example", "jam.example"));
}
