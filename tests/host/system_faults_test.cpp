// Failing system calls, with each error of their manual, at each step of what clients do. Other
// clients are served all the while, and nothing is left behind.
#include "host/client_frames.hpp"
#include "host/comes_to.hpp"
#include "host/faults.hpp"
#include "host/open_session.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "jam/make_engine.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;
using host::opcode;

namespace {

constexpr int always = std::numeric_limits<int>::max();

host::server_options impatient() {
  host::server_options o;
  o.close_timeout_ms = 100;
  o.max_connects_per_second_by_address = 0;
  return o;
}

// Short timeouts, so that sessions of clients that have gone are soon closed.
engineio::options attentive() {
  engineio::options o;
  o.ping_interval_ms = 1'000;
  o.ping_timeout_ms = 4'000;
  o.upgrade_timeout_ms = 1'500;
  return o;
}

/// A client that is not concerned, and for which no call fails.
class bystander {
 public:
  explicit bystander(const running_server& server) : line_(peer::websocket(server.port())) {
    REQUIRE(line_.read_frame().data.starts_with("0{"));
    descriptor_ = descriptor_of_peer(line_.port());
    REQUIRE(descriptor_ >= 0);
  }

  /// Sends a message and receives its echo.
  void chat() {
    const std::string said = "4chat " + std::to_string(++count_);
    line_.send_frame(opcode::text, said);
    for (;;) {
      const auto heard = line_.read_frame();
      if (heard.data == said) return;
      REQUIRE(heard.data == "2");
      line_.send_frame(opcode::text, "3");
    }
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  peer line_;
  int descriptor_ = -1;
  int count_ = 0;
};

/// What a client does; returns whether everything went well. Calls `between` between its steps.
/// Ends if the server closes the connection.
using conversation = bool (*)(const running_server& server, const std::function<void()>& between);

bool polls(const running_server& server, const std::function<void()>& between) {
  peer p(server.port());
  if (!p.try_send(poll(polling_query))) return false;
  const auto opened = p.hear_until("}");
  if (!opened || !opened->starts_with("HTTP/1.1 200")) return false;
  between();
  const std::string query = std::string(polling_query) + "&sid=" + sid_of(*opened);
  if (!p.try_send(post(query, "4hello")) || !p.hear_until("\r\n\r\nok")) return false;
  between();
  if (!p.try_send(poll(query)) || !p.hear_until("4hello")) return false;
  between();
  // A GET that waits, answered by a POST on another connection.
  if (!p.try_send(poll(query))) return false;
  peer second(server.port());
  if (!second.try_send(post(query, "4again")) || !second.hear_until("\r\n\r\nok")) return false;
  if (!p.hear_until("4again")) return false;
  between();
  if (!p.try_send(post(query, "1", "Connection: close\r\n")) || !p.hear_until("\r\n\r\nok")) {
    return false;
  }
  return p.is_closed_by_server();
}

bool asks(const running_server& server, const std::function<void()>& between) {
  peer p(server.port());
  if (!p.try_send(get("/healthz")) || !p.hear_until("}\n")) return false;
  between();
  if (!p.try_send(get("/metrics", "Connection: close\r\n"))) return false;
  if (!p.hear_until("downbeat_build_info{")) return false;
  return p.is_closed_by_server();
}

bool uses_a_websocket(const running_server& server, const std::function<void()>& between) {
  peer p(server.port());
  if (!p.try_send(websocket_handshake("EIO=4&transport=websocket"))) return false;
  const auto opened = p.hear_until("}");
  if (!opened || !opened->starts_with("HTTP/1.1 101")) return false;
  between();
  const auto echoes = [&p](const std::string& bytes, std::string_view answer) {
    return p.try_send(bytes) && p.hear_until(answer);
  };
  if (!echoes(client_frame(opcode::text, "4one"), "4one")) return false;
  const std::string much(20'000, 'x');
  if (!echoes(client_frame(opcode::binary, much), much)) return false;
  between();
  if (!echoes(client_frame(opcode::ping, "here?"), "here?")) return false;
  if (!echoes(client_frame(opcode::text, "4fr", {.is_final = false}) +
                  client_frame(opcode::continuation, "ag"),
              "4frag")) {
    return false;
  }
  between();
  if (!echoes(client_frame(opcode::close, "\x03\xe8"), "\x88\x02\x03\xe8")) return false;
  return p.is_closed_by_server();
}

bool upgrades(const running_server& server, const std::function<void()>& between) {
  peer first(server.port());
  if (!first.try_send(poll(polling_query))) return false;
  const auto opened = first.hear_until("}");
  if (!opened || !opened->starts_with("HTTP/1.1 200")) return false;
  const std::string sid = sid_of(*opened);
  peer p(server.port());
  if (!p.try_send(websocket_handshake("EIO=4&transport=websocket&sid=" + sid))) return false;
  if (!p.hear_until("\r\n\r\n")) return false;
  between();
  if (!p.try_send(client_frame(opcode::text, "2probe")) || !p.hear_until("3probe")) return false;
  if (!p.try_send(client_frame(opcode::text, "5") + client_frame(opcode::text, "4moved"))) {
    return false;
  }
  if (!p.hear_until("4moved")) return false;
  between();
  // The server closes, and receives the answer.
  if (!p.try_send(client_frame(opcode::text, "4close")) || !p.hear_until("\x88")) return false;
  p.try_send(client_frame(opcode::close, ""));
  return p.is_closed_by_server();
}

constexpr conversation conversations[] = {asks, polls, uses_a_websocket, upgrades};

/// A server, a client that is served all the while, and the number of descriptors before.
struct stage {
  const running_server server{impatient(), attentive()};
  bystander other{server};
  const int descriptors = open_descriptors();

  /// Whether all connections but the bystander's, and the one that asks, get closed.
  bool is_cleared(const std::vector<std::string>& lines = {"downbeat_tcp_connections 2",
                                                           "downbeat_websockets 1",
                                                           "downbeat_connections_websocket 1"}) {
    for (int i = 0; i < 1'000; ++i) {
      other.chat();
      const std::string metrics = peer(server.port()).ask(get("/metrics")).body;
      bool is_clear = open_descriptors() == descriptors;
      for (const std::string& line : lines) {
        is_clear = is_clear && metrics.find("\n" + line + "\n") != std::string::npos;
      }
      if (is_clear) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// Makes each call of this kind fail in turn, with each of these errors. Unless
  /// `is_to_be_noticed`, the call only has to be repeated, and no client must notice.
  void fail_each(system_call what, const std::vector<int>& errors, bool is_to_be_noticed,
                 int times = 1) {
    int hits = 0;
    for (const int error : errors) {
      for (std::size_t which = 0; which < std::size(conversations); ++which) {
        for (int first = 0;; ++first) {
          INFO("call " << static_cast<int>(what) << ", errno " << error << ", conversation "
                       << which << ", from the " << first << "th");
          const fault_plan plan({what, error, first, times}, {other.descriptor()});
          const bool is_well = conversations[which](server, [this] { other.chat(); });
          other.chat();
          if (plan.hits() == 0) {
            REQUIRE(is_well);
            break;
          }
          hits += plan.hits();
          if (!is_to_be_noticed) REQUIRE(is_well);
          REQUIRE(first < 200);
        }
      }
    }
    CHECK(hits >= static_cast<int>(errors.size()));
    CHECK(is_cleared());
  }
};

}  // namespace

TEST_CASE("a system call that fails costs one connection at most, whichever it is", "[faults]") {
  stage s;
  // Calls that only have to be repeated: no client notices.
  s.fail_each(system_call::recv, {EINTR, EAGAIN}, false);
  s.fail_each(system_call::send, {EINTR, EAGAIN}, false);
  s.fail_each(system_call::send, {EINTR, EAGAIN}, false, 3);
  s.fail_each(system_call::accept, {EINTR, EAGAIN}, false);
#ifndef BOOST_ASIO_DISABLE_EPOLL
  s.fail_each(system_call::epoll_wait, {EINTR}, false);
  s.fail_each(system_call::epoll_wait, {0}, false, always);
#endif
  // Calls that do a single byte, or one item: everything is done in the end.
  for (const system_call what : {system_call::recv, system_call::send}) {
    s.fail_each(what, {0}, false, always);
  }
  // Calls that cannot succeed: only the connection concerned is lost.
  s.fail_each(system_call::recv,
              {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENOMEM, ENOBUFS, EIO}, true);
  s.fail_each(
      system_call::send,
      {EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ENOBUFS, ENOMEM, EACCES},
      true);
#ifndef BOOST_ASIO_DISABLE_EPOLL
  s.fail_each(system_call::epoll_ctl, {ENOMEM, ENOSPC, EPERM}, true);
#endif
  s.fail_each(system_call::shutdown, {ENOTCONN, ENOBUFS}, true);
  // Sessions whose polling clients were lost are closed after a timeout.
  CHECK(s.is_cleared({"downbeat_connections_polling 0"}));
}

TEST_CASE("a peer that does not read is dropped, also if setsockopt fails", "[faults]") {
  host::server_options options;
  options.max_queued_bytes = 100'000;
  const running_server server(options);
  const fault_plan plan({system_call::setsockopt, ENOMEM, 0, always});
  peer slow = peer::websocket(server.port(), "EIO=4&transport=websocket", 4096);
  const std::string note = client_frame(opcode::binary, std::string(50'000, 'x'));
  bool is_dropped = false;
  for (int i = 0; i < 2'000 && !is_dropped; ++i) is_dropped = !slow.try_send(note);
  CHECK(is_dropped);
  CHECK(plan.hits() > 0);
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}

TEST_CASE("a connection that cannot be accepted keeps no other out", "[faults]") {
  // Clients behind it in the queue are accepted, at once or after a while.
  stage s;
  const running_server& server = s.server;
  bystander& other = s.other;
  for (const int error : {ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN,
                          EHOSTUNREACH, ENETUNREACH, ENONET, EOPNOTSUPP}) {
    INFO(error);
    const fault_plan plan({system_call::accept, error}, {other.descriptor()});
    CHECK_FALSE(asks(server, [] {}));
    CHECK(asks(server, [&s] { s.other.chat(); }));
    CHECK(plan.hits() == 1);
  }
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EINVAL, EBADF, EFAULT}) {
    INFO(error);
    const fault_plan plan({system_call::accept, error}, {other.descriptor()});
    CHECK(asks(server, [&s] { s.other.chat(); }));
    CHECK(plan.hits() == 1);
  }
  CHECK(comes_to(server, "downbeat_accept_errors_total 17"));
  CHECK(s.is_cleared());
}

TEST_CASE("accepting that goes on failing is tried now and then, and not all the time",
          "[faults]") {
  stage s;
  const running_server& server = s.server;
  bystander& other = s.other;
  for (const int error : {EMFILE, EINVAL, ENOTSOCK, EINTR}) {
    INFO(error);
    peer waits(server.port());
    {
      const fault_plan plan({system_call::accept, error, 0, always}, {other.descriptor()});
      waits.try_send(get("/healthz"));
      const auto begin = std::chrono::steady_clock::now();
      const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      };
      while (seconds() < 0.5) other.chat();
      const int hits = plan.hits();
      CHECK(hits >= 1);
      // Each attempt may take a few calls, for each of the two addresses.
      CHECK(hits <= 40 * (1 + seconds() / 0.2));
    }
    CHECK(waits.hear_until("}\n"));
  }
  // If very many connections in a row fail, the kernel may be the cause.
  {
    const fault_plan plan({system_call::accept, ECONNABORTED, 0, always}, {other.descriptor()});
    std::vector<peer> gone;
    for (int i = 0; i < 20; ++i) {
      gone.emplace_back(server.port());
      gone.back().try_send(get("/healthz"));
    }
    for (peer& one : gone) CHECK_FALSE(one.hear_until("}\n"));
  }
  CHECK(asks(server, [&s] { s.other.chat(); }));
}

TEST_CASE("without entropy, requests that need some get 503, and others play on", "[faults]") {
  for (const int error : {EAGAIN, ENOSYS, EPERM, EFAULT, EINVAL}) {
    INFO(error);
    // Random bytes are fetched in blocks, the first one for the first client that needs some.
    const running_server server(impatient(), attentive());
    {
      const fault_plan plan({system_call::getrandom, error, 0, 3});
      CHECK(peer(server.port()).ask(poll(polling_query)).status == 503);
      CHECK(peer(server.port()).ask(post(polling_query, "4x")).status == 503);
      peer p(server.port());
      CHECK(p.ask(websocket_handshake("EIO=4&transport=websocket")).status == 503);
      CHECK(p.is_closed_by_server());
      CHECK(asks(server, [] {}));
      CHECK(plan.hits() == 3);
    }
    CHECK(comes_to(server, "downbeat_entropy_errors_total 3"));
    CHECK(comes_to(server, "downbeat_tcp_connections 1"));
    CHECK(uses_a_websocket(server, [] {}));
  }
  for (const int error : {EINTR, 0}) {
    INFO(error);
    const running_server server(impatient(), attentive());
    const fault_plan plan({system_call::getrandom, error, 0, 100});
    CHECK(uses_a_websocket(server, [] {}));
    CHECK(plan.hits() == 100);
  }
}

#ifndef BOOST_ASIO_DISABLE_EPOLL
TEST_CASE("a session that moves to a loop which cannot wait for it is lost, and no other",
          "[faults]") {
  constexpr shard_index loops = 3;
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < loops; ++i) cores.push_back(jam::make_engine({}, {i, loops}));
  const running_server server(impatient(), std::move(cores));

  peer ada = peer::websocket(server.port());
  const int spared = descriptor_of_peer(ada.port());
  REQUIRE(ada.read_frame().data.starts_with("0{"));
  ada.send_frame(opcode::text, "40");
  REQUIRE(ada.read_frame().data.starts_with("40{"));
  ada.send_frame(opcode::text, R"(42["session:create",{"name":"Ada"}])");
  const std::string created = ada.read_frame().data;
  const std::size_t at = created.find("\"roomCode\":\"") + 12;
  const std::string code = created.substr(at, created.find('"', at) - at);

  const std::string joins = client_frame(opcode::text, "40") +
                            client_frame(opcode::text, R"(42["session:join",{"roomCode":")" + code +
                                                           R"(","name":"Bob"}])");
  int survivors = 0;
  for (int round = 0; round < 12; ++round) {
    // The first registration is in the loop that accepted the connection, the second in the loop
    // that it migrates to.
    const fault_plan plan({system_call::epoll_ctl, round % 2 == 0 ? ENOSPC : ENOMEM, round / 4},
                          {spared});
    peer bob(server.port());
    if (bob.try_send(websocket_handshake("EIO=4&transport=websocket") + joins)) {
      survivors += bob.hear_until("session:joined") ? 1 : 0;
    }
    bob.reset();
    ada.send_frame(opcode::ping, std::to_string(round));
    CHECK(ada.hear_until("\x8a"));
    // Registering can also fail for a forwarded request.
    peer poller(server.port());
    poller.try_send(poll(polling_query));
    const auto opened = poller.hear_until("}");
    if (!opened) continue;
    peer other(server.port());
    other.try_send(
        poll(std::string(polling_query) + "&sid=" + sid_of(*opened), "Connection: close\r\n"));
    peer closes(server.port());
    closes.try_send(
        post(std::string(polling_query) + "&sid=" + sid_of(*opened), "1", "Connection: close\r\n"));
    closes.is_closed_by_server();
  }
  CHECK(survivors > 0);
  CHECK(survivors < 12);
  CHECK(comes_to(server, "downbeat_participants 1"));
  CHECK(comes_to(server, "downbeat_websockets 1"));
  CHECK(comes_to(server, "downbeat_tcp_connections 2"));
}
#endif

namespace {

/// An application with a bug: it throws.
class faulty final : public engineio::application {
 public:
  void opened(instant_ms, engineio::connection_id, const engineio::handshake&) override {}
  void received(instant_ms, engineio::connection_id, bool, std::string_view data) override {
    if (data == "throw") throw std::runtime_error("a fault for a test");
  }
  void closed(instant_ms, engineio::connection_id, engineio::close_reason) override {}
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  void measure(instant_ms, std::vector<measurement>&) const override {}
};

}  // namespace

TEST_CASE("a loop that fails takes nobody's words away, and ends the server with its error",
          "[faults]") {
  constexpr shard_index loops = 2;
  // Connections go to the loops in turn.
  for (std::size_t failing = 0; failing < loops; ++failing) {
    std::vector<std::unique_ptr<engine>> cores;
    for (shard_index i = 0; i < loops; ++i) {
      cores.push_back(std::make_unique<engine>(
          engineio::options{},
          [](engineio::server&, output_queue&) { return std::make_unique<faulty>(); },
          shard{i, loops}));
    }
    host::server_options options;
    options.host = "127.0.0.1";
    options.port = 0;
    options.shutdown_timeout_ms = 300;
    host::logger log{host::log_level::off, host::log_format::text};
    host::server server(options, std::move(cores), log);
    std::string error;
    std::thread thread([&] {
      try {
        server.run();
      } catch (const std::exception& thrown) {
        error = thrown.what();
      }
    });
    std::vector<peer> peers;
    for (shard_index i = 0; i < loops; ++i) {
      peers.push_back(peer::websocket(server.port()));
      CHECK(peers.back().read_frame().data.starts_with("0{"));
    }
    peers[failing].send_frame(opcode::text, "4throw");
    // Only the first loop can shut down the others.
    if (failing != 0) CHECK(peers[0].read_frame().code == opcode::close);
    thread.join();
    CHECK(error == "a fault for a test");
  }
}
