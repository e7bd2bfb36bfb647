// What an application decides when a client shows the pid of a socket.

#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::test {
namespace {

/// A server with recovery, and one client that has connected.
struct recovery_stage : puppet_stage {
  recovery_stage() : puppet_stage(with_recovery()) {
    app->keeps_lost = true;
    client.connect();
    app->take_notes();
  }

  static socketio::options with_recovery() {
    socketio::options options;
    options.recovers = true;
    return options;
  }

  /// A CONNECT with the pid of the client, and another member.
  [[nodiscard]] std::string connect_with(const std::string& member) const {
    return "40{\"pid\":\"" + client.pid() + "\"," + member + '}';
  }
  [[nodiscard]] std::string recovered_answer() const {
    return R"(40{"sid":")" + client.id() + R"(","pid":")" + client.pid() + R"("})";
  }

  socketio_client client{line};
};

bool has_no_offset(const socketio::connect_request& request) {
  return !json::member(request.auth, "offset");
}

}  // namespace

TEST_CASE("a client that may not recover gets a new socket, and the lost one is kept") {
  recovery_stage stage;
  stage.app->refuses = has_no_offset;
  stage.client.vanish();

  socketio_client refused(stage.line);
  refused.send(stage.connect_with(R"("token":1)"));
  const std::string answer = refused.last_message();
  CHECK(answer.substr(0, 9) == R"(40{"sid":)");
  CHECK(answer.find(stage.client.id()) == std::string::npos);
  CHECK(answer.find(stage.client.pid()) == std::string::npos);
  CHECK(stage.app->take_notes() == transcript{"lost /", "connected /"});

  socketio_client again(stage.line);
  again.send(stage.connect_with(R"("offset":"x")"));
  CHECK(again.messages() == transcript{stage.recovered_answer()});
  CHECK(stage.app->take_notes() == transcript{"recovered /"});
}

TEST_CASE("a client that may not recover takes over no open connection") {
  recovery_stage stage;
  stage.app->refuses = has_no_offset;

  socketio_client refused(stage.line);
  refused.send(stage.connect_with(R"("token":1)"));
  CHECK(refused.last_message().find(stage.client.id()) == std::string::npos);
  CHECK(stage.client.is_open());
  CHECK(stage.app->take_notes() == transcript{"connected /"});

  socketio_client again(stage.line);
  again.send(stage.connect_with(R"("offset":"x")"));
  CHECK(again.messages() == transcript{stage.recovered_answer()});
  CHECK_FALSE(stage.client.is_open());
  CHECK(stage.app->take_notes() == transcript{"taken over /", "recovered /"});
}

TEST_CASE("what is emitted to a socket while it is recovered comes before the answer to CONNECT") {
  recovery_stage stage;
  stage.app->before_answer = [&](const socketio::socket& socket) {
    CHECK(stage.app->server().find("/", socket.id) == &socket);
    stage.app->server().emit(socket, {R"(["missed",1])", {}});
    stage.app->server().broadcast({}, {R"(["for all"])", {}});
  };
  stage.client.vanish();
  socketio_client again(stage.line);
  again.send(stage.connect_with(R"("offset":"x")"));
  CHECK(again.messages() ==
        transcript{R"(42["missed",1])", R"(42["for all"])", stage.recovered_answer()});
}

}  // namespace downbeat::test
