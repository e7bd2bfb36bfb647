#include "engine.hpp"
#include "engineio/application.hpp"
#include "engineio/packet.hpp"
#include "engineio/server.hpp"
#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace downbeat::test;

namespace {

namespace engineio = downbeat::engineio;

/// An application that greets, and says goodbye at once if the query asks for that.
class greeter final : public engineio::application {
 public:
  greeter(engineio::server& server, std::vector<std::string>& heard)
      : server_(server), heard_(heard) {}

  void opened(downbeat::instant_ms, engineio::connection_id connection,
              const engineio::handshake& handshake) override {
    heard_.emplace_back(handshake.query);
    heard_.emplace_back(handshake.remote_address);
    heard_.emplace_back(server_.remote_address_of(connection));
    server_.send(connection, engineio::encode_message("welcome"));
    if (handshake.query.find("brief") != std::string_view::npos) server_.close(connection);
  }

  void received(downbeat::instant_ms, engineio::connection_id, bool, std::string_view) override {}
  void closed(downbeat::instant_ms, engineio::connection_id,
              engineio::close_reason reason) override {
    heard_.emplace_back(to_string(reason));
  }
  [[nodiscard]] std::optional<downbeat::instant_ms> next_deadline() const override { return {}; }
  void deadline_reached(downbeat::instant_ms) override {}
  void measure(downbeat::instant_ms, std::vector<downbeat::measurement>&) const override {}

 private:
  engineio::server& server_;
  std::vector<std::string>& heard_;
};

std::unique_ptr<downbeat::engine> make_greeter(std::vector<std::string>& heard) {
  return std::make_unique<downbeat::engine>(
      engineio::options{}, [&heard](engineio::server& server, downbeat::output_queue&) {
        return std::make_unique<greeter>(server, heard);
      });
}

}  // namespace

TEST_CASE("a handshake on polling is answered at once with the open packet") {
  wire line(make_echo());
  const auto request = line.get(by_polling);
  const std::string sid = member_of(line.response(request), "sid");
  CHECK(line.response(request) ==
        "200 0{\"sid\":\"" + sid +
            "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,"
            "\"maxPayload\":1000000}");
  CHECK(line.content_type(request) == "text/plain; charset=UTF-8");
  CHECK(line.measure("connections_polling") == 1);
}

TEST_CASE("a handshake on a WebSocket is answered with an open packet that offers no upgrade") {
  wire line(make_echo());
  const auto peer = line.open_websocket();
  const transcript sent = line.sent(peer);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0] == "<accepted>");
  CHECK(sent[1] == "0{\"sid\":\"" + member_of(sent[1], "sid") +
                       "\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
                       "\"maxPayload\":1000000}");
  CHECK(line.measure("connections_websocket") == 1);
}

TEST_CASE("the open packet has the server's settings") {
  engineio::options options;
  options.ping_interval_ms = 300;
  options.ping_timeout_ms = 200;
  options.max_payload_bytes = 12'345;
  wire line(make_echo_with(options));
  const std::string response = line.response(line.get(by_polling));
  CHECK(response.substr(response.find(",\"pingInterval")) ==
        ",\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":12345}");
}

TEST_CASE("a handshake's parameters come in any order, among others, and percent-encoded") {
  wire line(make_echo());
  for (const std::string_view query :
       {"transport=polling&EIO=4", "t=abc123&b64=1&transport=polling&user=me&EIO=4",
        "&&EIO=4&&transport=polling&", "E%49O=%34&transport=pollin%67",
        "EIO=4&transport=polling&sid=", "EIO=4&transport=polling&sid"}) {
    CAPTURE(query);
    CHECK(line.response(line.get(query)).substr(0, 7) == "200 0{\"");
  }
}

TEST_CASE("of a parameter that comes twice the first one counts") {
  wire line(make_echo());
  CHECK(line.response(line.get("EIO=4&EIO=3&transport=polling&transport=pigeon")).substr(0, 5) ==
        "200 0");
  CHECK(line.response(line.get("EIO=3&EIO=4&transport=polling")) == bad_version);
}

TEST_CASE("the application learns of a handshake what the peer asked for and where it is") {
  std::vector<std::string> heard;
  wire line(make_greeter(heard));
  line.get("EIO=4&transport=polling&user=a%20b");
  CHECK(heard ==
        std::vector<std::string>{"EIO=4&transport=polling&user=a%20b", "192.0.2.1", "192.0.2.1"});
}

TEST_CASE("what the application says at once comes with the open packet or right after it") {
  std::vector<std::string> heard;
  wire line(make_greeter(heard));
  const std::string response = line.response(line.get(by_polling));
  CHECK(response.substr(response.find("1000000}")) ==
        "1000000}\x1e"
        "4welcome");

  const transcript sent = line.sent(line.open_websocket());
  REQUIRE(sent.size() == 3);
  CHECK(sent[2] == "4welcome");
}

TEST_CASE("an application may close a connection as soon as it opens") {
  std::vector<std::string> heard;
  wire line(make_greeter(heard));
  const std::string response = line.response(line.get("EIO=4&transport=polling&brief"));
  const std::string sid = member_of(response, "sid");
  CHECK(response.substr(response.find("1000000}")) ==
        "1000000}\x1e"
        "4welcome");
  CHECK(line.response(line.get(polling(sid))) == "200 1");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK(heard.back() == "forced close");

  const auto peer = line.open_websocket("EIO=4&transport=websocket&brief");
  const transcript sent = line.sent(peer);
  REQUIRE(sent.size() == 4);
  CHECK(sent[2] == "4welcome");
  CHECK(sent[3] == "<closed 1005>");
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a handshake survives every failure of its peer") {
  conversation by_get(make_echo);
  by_get.gets("EIO=4&transport=polling").expects_response("200 0{\"sid\":\"*").gets();
  by_get.run();
  by_get.run_failing_at_every_step();

  conversation by_upgrade(make_echo);
  by_upgrade.opens_websocket().expects_messages({"<accepted>", "0{\"sid\":\"*"});
  by_upgrade.run();
  by_upgrade.run_failing_at_every_step();
}
