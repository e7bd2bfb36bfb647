// Whose pages may use the server.
#include "http/origin.hpp"

#include <catch2/catch.hpp>

using namespace downbeat::host;

TEST_CASE("pages of the loopback are told from those that only resemble them") {
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
  CHECK(policy.allows("http://localhost:5173", "jam.example"));
  CHECK_FALSE(policy.allows("http://evil.example", "jam.example"));
  CHECK_FALSE(policy.allows("null", "jam.example"));

  CHECK(policy.response_fields("http://localhost:5173", "jam.example") ==
        "Access-Control-Allow-Origin: http://localhost:5173\r\n"
        "Access-Control-Allow-Credentials: true\r\n"
        "Vary: Origin\r\n");
  CHECK(policy.response_fields("http://evil.example", "jam.example") == "Vary: Origin\r\n");
  CHECK(policy.response_fields("", "jam.example") == "Vary: Origin\r\n");
  CHECK(policy.answers_preflight("http://localhost:5173", "jam.example"));
  CHECK_FALSE(policy.answers_preflight("http://evil.example", "jam.example"));
  CHECK_FALSE(policy.answers_preflight("", "jam.example"));
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
    CHECK(policy.response_fields(origin, "x") == "Access-Control-Allow-Origin: *\r\n");
    CHECK(policy.answers_preflight(origin, "x"));
  }
}

TEST_CASE("a preflight is told what may be sent") {
  const auto fields =
      origin_policy({}).preflight_fields("http://localhost", "x", "content-type, x-custom");
  CHECK(fields.find("Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n") !=
        std::string::npos);
  CHECK(fields.find("Access-Control-Allow-Headers: content-type, x-custom\r\n") !=
        std::string::npos);
  CHECK(fields.find("Access-Control-Max-Age: ") != std::string::npos);
}
