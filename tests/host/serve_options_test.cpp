// Options come from the command line, the environment and a file, and each mistake is one line.
#include "cli/serve_options.hpp"

#include "host/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

using namespace downbeat::host;
using downbeat::test::temporary_folder;

namespace {

// An environment variable, set while this object exists.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { unsetenv(name_); }

 private:
  const char* name_;
};

serve_options options(const std::vector<std::string>& arguments) {
  auto read = read_serve_options(arguments);
  if (const auto* none = std::get_if<no_options>(&read)) FAIL(none->text);
  return std::get<serve_options>(read);
}

std::string mistake(const std::vector<std::string>& arguments) {
  auto read = read_serve_options(arguments);
  const auto* none = std::get_if<no_options>(&read);
  REQUIRE(none != nullptr);
  CHECK(none->is_mistake);
  CHECK(none->text.find('\n') == std::string::npos);
  return none->text;
}

}  // namespace

TEST_CASE("without arguments, everything has its default") {
  const auto o = options({});
  CHECK(o.server.host.empty());
  CHECK(o.server.port == 3001);
  CHECK(o.server.path == "/socket.io/");
  CHECK(o.threads == 1);
  CHECK(o.server.max_queued_bytes == 1024 * 1024);
  CHECK(o.server.max_payload_bytes == o.jam.engineio.max_payload_bytes);
  CHECK(o.jam.engineio.ping_interval_ms == 25'000);
  CHECK(o.jam.session.max_participants == 10);
  CHECK(o.jam.reconnect_grace_s == 120);
  CHECK(o.format == log_format::text);
}

TEST_CASE("flags set what they name") {
  const auto o = options({"--host",
                          "127.0.0.1",
                          "--port=0",
                          "--path",
                          "/jam/",
                          "--ping-interval",
                          "300",
                          "--ping-timeout",
                          "200",
                          "--max-payload",
                          "5000",
                          "--max-participants",
                          "0",
                          "--cors-origin",
                          "https://a.example",
                          "--cors-origin",
                          "https://b.example,null",
                          "--log-format",
                          "json",
                          "--log-level",
                          "debug"});
  CHECK(o.server.host == "127.0.0.1");
  CHECK(o.server.port == 0);
  CHECK(o.server.path == "/jam/");
  CHECK(o.jam.engineio.ping_interval_ms == 300);
  CHECK(o.jam.engineio.ping_timeout_ms == 200);
  CHECK(o.jam.engineio.max_payload_bytes == 5000);
  CHECK(o.server.max_payload_bytes == 5000);
  CHECK(o.jam.session.max_participants == 0);
  CHECK(o.server.cors_origins ==
        std::vector<std::string>{"https://a.example", "https://b.example", "null"});
  CHECK(o.format == log_format::json);
  CHECK(o.least_level == log_level::debug);
}

TEST_CASE("the command line overrides the environment, which overrides the file") {
  const temporary_folder folder;
  folder.write("downbeat.toml",
               "# a comment\n"
               "port = 1001\n"
               "max-sessions = 5\n"
               "host = \"127.0.0.1\"\n"
               "cors-origin = [\"https://a.example\", \"https://b.example\"]\n"
               "no-limits = false\n");
  const std::string file = (folder.path() / "downbeat.toml").string();
  {
    const auto o = options({"--config", file});
    CHECK(o.server.port == 1001);
    CHECK(o.jam.session.max_sessions == 5);
    CHECK(o.server.host == "127.0.0.1");
    CHECK(o.server.cors_origins.size() == 2);
  }
  const variable port("DOWNBEAT_PORT", "1002");
  const variable origins("DOWNBEAT_CORS_ORIGIN", "https://c.example");
  const variable config("DOWNBEAT_CONFIG", file.c_str());
  CHECK(options({}).server.port == 1002);
  CHECK(options({}).jam.session.max_sessions == 5);
  CHECK(options({}).server.cors_origins == std::vector<std::string>{"https://c.example"});
  CHECK(options({"--port", "1003"}).server.port == 1003);
  CHECK(options({"--port=1003"}).server.port == 1003);
}

TEST_CASE("no limits lifts counts") {
  const variable flag("DOWNBEAT_NO_LIMITS", "1");
  const auto o = options({});
  CHECK(o.server.max_connections == 0);
  CHECK(o.jam.session.max_participants == 0);
}

TEST_CASE("what is said closer to the command line lifts limits, or keeps one") {
  using Catch::Matchers::Contains;
  const temporary_folder folder;
  folder.write("downbeat.conf", "max-sessions = 5\n");
  folder.write("lifted.conf", "no-limits = true\n");
  folder.write("both.conf", "max-sessions = 5\nno-limits\n");
  const auto file = [&](const char* name) { return (folder.path() / name).string(); };
  CHECK(options({"--no-limits", "--config", file("downbeat.conf")}).jam.session.max_sessions == 0);
  const auto kept = options({"--max-sessions", "5", "--config", file("lifted.conf")});
  CHECK(kept.jam.session.max_sessions == 5);
  CHECK(kept.server.max_connections == 0);
  CHECK(options({"--no-limits", "--max-sessions", "0"}).jam.session.max_sessions == 0);
  CHECK_THAT(mistake({"--no-limits", "--max-sessions", "5"}), Contains("--max-sessions"));
  CHECK_THAT(mistake({"--config", file("both.conf")}), Contains("--max-sessions"));
}

TEST_CASE("the policy of pages is strict, another one, or none") {
  using Catch::Matchers::Contains;
  CHECK_THAT(options({}).server.content_security_policy, Contains("default-src 'none'"));
  const auto policy = [](const char* text) {
    return options({"--content-security-policy", text}).server.content_security_policy;
  };
  CHECK(policy("default-src *") == "default-src *");
  CHECK(policy("none").empty());
  CHECK_THAT(mistake({"--content-security-policy", "default-src *\r\nSet-Cookie: x=y"}),
             Contains("--content-security-policy"));
}

TEST_CASE("a mistake is one line that names it") {
  using Catch::Matchers::Contains;
  CHECK_THAT(mistake({"--no-such-option"}), Contains("--no-such-option"));
  CHECK_THAT(mistake({"surplus"}), Contains("surplus"));
  CHECK_THAT(mistake({"--port", "three"}), Contains("--port") && Contains("three"));
  CHECK_THAT(mistake({"--port", "65536"}), Contains("--port"));
  CHECK_THAT(mistake({"--port", "-1"}), Contains("--port"));
  CHECK_THAT(mistake({"--port"}), Contains("--port"));
  CHECK_THAT(mistake({"--ping-interval", "0"}), Contains("--ping-interval"));
  CHECK_THAT(mistake({"--ping-interval", "2147483647"}), Contains("--ping-timeout"));
  CHECK_THAT(mistake({"--max-participants", "99999999999999999999"}),
             Contains("--max-participants"));
  CHECK_THAT(mistake({"--log-format", "opera"}), Contains("json, text"));
  CHECK_THAT(mistake({"--path", "socket.io"}), Contains("--path"));
  CHECK_THAT(mistake({"--web-root", "/no/such/folder"}), Contains("/no/such/folder"));
  CHECK_THAT(mistake({"--cors-origin", "jam.example"}), Contains("--cors-origin"));
  CHECK_THAT(mistake({"--config", "/no/such/file"}), Contains("/no/such/file"));
  CHECK_THAT(mistake({"--port", "1\n2"}), Contains("--port"));
  CHECK_THAT(mistake({"--prot", "3"}), Contains("did you mean --port?"));
  CHECK_THAT(mistake({"-p", "3"}), Contains("-p"));
  CHECK_THAT(mistake({"--record", "--port", "4310"}), Contains("--record needs a value"));
  CHECK_THAT(mistake({"--cors-origin", "https://a.example,,https://b.example"}),
             Contains("--cors-origin"));
  CHECK_THAT(mistake({"--threads", "0"}), Contains("--threads"));
}

TEST_CASE("a mistake of the environment or the file says where it is") {
  using Catch::Matchers::Contains;
  const temporary_folder folder;
  folder.write("bad.toml", "port = 99999\n");
  folder.write("unknown.toml", "prot = 1\n");
  folder.write("section.toml", "[server]\nport = 1\n");
  const auto file = [&](const char* name) { return (folder.path() / name).string(); };
  CHECK_THAT(mistake({"--config", file("bad.toml")}), Contains("bad.toml"));
  CHECK_THAT(mistake({"--config", file("unknown.toml")}),
             Contains("unknown.toml") && Contains("prot"));
  CHECK_THAT(mistake({"--config", file("section.toml")}), Contains("section.toml"));
  const variable port("DOWNBEAT_PORT", "abc");
  CHECK_THAT(mistake({}), Contains("DOWNBEAT_PORT"));
}

TEST_CASE("help names every option") {
  auto read = read_serve_options({"--help"});
  const auto* help = std::get_if<no_options>(&read);
  REQUIRE(help != nullptr);
  CHECK_FALSE(help->is_mistake);
  for (const char* const name : {"host",
                                 "port",
                                 "path",
                                 "cors-origin",
                                 "web-root",
                                 "content-security-policy",
                                 "config",
                                 "log-level",
                                 "log-format",
                                 "ping-interval",
                                 "ping-timeout",
                                 "upgrade-timeout",
                                 "connect-timeout",
                                 "max-payload",
                                 "max-participants",
                                 "max-sessions",
                                 "max-event-bytes",
                                 "max-queued-bytes",
                                 "max-connections",
                                 "max-connects-per-second-by-address",
                                 "max-messages-per-second",
                                 "header-timeout",
                                 "no-limits",
                                 "shutdown-timeout",
                                 "version"}) {
    CHECK_THAT(help->text, Catch::Matchers::Contains("--" + std::string(name)));
  }
}

TEST_CASE("a message may be as large as the largest event needs, unless an option says how large") {
  CHECK(options({}).server.max_payload_bytes == 65'536);
  CHECK(options({"--max-event-bytes", "100"}).server.max_payload_bytes == 65'536);
  CHECK(options({"--max-event-bytes", "50000"}).server.max_payload_bytes == 200'000);
  CHECK(options({"--max-event-bytes", "0"}).server.max_payload_bytes == 1'000'000);
  CHECK(options({"--max-event-bytes", "2147483647"}).server.max_payload_bytes == 1'000'000'000);
  CHECK(
      options({"--max-event-bytes", "50000", "--max-payload", "50000"}).server.max_payload_bytes ==
      50'000);
  CHECK_THAT(mistake({"--max-event-bytes", "50000", "--max-payload", "7"}),
             Catch::Matchers::Contains("--max-payload"));
}

TEST_CASE("an address keeps no more seats than it may have connections, unless an option says so") {
  const auto seats = [](const std::vector<std::string>& arguments) {
    const auto o = options(arguments);
    return std::vector{o.jam.max_away_seats_by_address, o.jam.max_away_seats};
  };
  using counts = std::vector<std::int64_t>;
  CHECK(seats({}) == counts{1'000, 20'000});
  CHECK(seats({"--max-connections-by-address", "20", "--max-connections", "300"}) ==
        counts{20, 300});
  CHECK(seats({"--max-connections-by-address", "5000", "--max-connections", "50000"}) ==
        counts{1'000, 20'000});
  CHECK(seats({"--max-connections-by-address", "0", "--max-connections", "0"}) ==
        counts{1'000, 20'000});
  CHECK(seats({"--max-connections-by-address", "20", "--max-away-seats-by-address", "40"}) ==
        counts{40, 20'000});
  CHECK(seats({"--no-limits"}) == counts{0, 0});
}
