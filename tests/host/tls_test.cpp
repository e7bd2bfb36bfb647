// TLS on real sockets: the stock OpenSSL is the client.
#include "host/client_frames.hpp"
#include "host/faults.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "host/test_certificate.hpp"
#include "tls/context.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <cerrno>
#include <ctime>
#include <string>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;
using Catch::Matchers::Contains;
using host::opcode;
using host::tls_context;

namespace {

host::server_options with_tls() {
  host::server_options options;
  options.tls_certificate = "certificate.pem";  // running_server has one of its own
  options.tls_key = "key.pem";
  options.max_connects_per_second_by_address = 0;
  return options;
}

peer shake(const running_server& server, const std::function<void(ssl_ctx_st*)>& configure = {}) {
  peer one(server.port());
  REQUIRE(one.start_tls(configure).empty());
  return one;
}

peer websocket(const running_server& server) {
  peer one = shake(server);
  REQUIRE(one.ask(websocket_handshake("EIO=4&transport=websocket")).status == 101);
  REQUIRE(one.read_frame().data.starts_with("0{"));
  return one;
}

void speak_1_2(ssl_ctx_st* context) {
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
}

}  // namespace

TEST_CASE("a certificate says when it ends, and one that cannot be used says why") {
  const certificate_files good = make_certificate(10);
  const std::int64_t left = tls_context(good.certificate, good.key).expiry_s() - std::time(nullptr);
  CHECK(left > 9 * 86'400);
  CHECK(left <= 10 * 86'400);

  const certificate_files other = make_certificate();
  const certificate_files locked = make_certificate(1, "secret");
  using pair = std::pair<certificate_files, std::string>;
  for (const auto& [files, why] :
       std::vector<pair>{{{"", good.key}, "has no certificate in PEM"},
                         {{"hello", good.key}, "has no certificate in PEM"},
                         {{good.key, good.key}, "has no certificate in PEM"},
                         {{good.certificate.substr(0, 200), good.key}, "cannot be used"},
                         {{good.certificate, ""}, "has no private key in PEM"},
                         {{good.certificate, good.certificate}, "has no private key in PEM"},
                         {{good.certificate, other.key}, "does not belong to the certificate"},
                         {{locked.certificate, locked.key}, "is encrypted"}}) {
    INFO(why);
    CHECK_THROWS_WITH(tls_context(files.certificate, files.key), Contains(why));
  }
}

TEST_CASE("HTTP and WebSockets go through TLS 1.2 and 1.3") {
  const running_server server(with_tls());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    peer p = shake(server, [version](ssl_ctx_st* context) {
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
    });
    CHECK(SSL_version(p.tls()) == version);
    CHECK(p.ask(get("/healthz")).status == 200);
    CHECK(p.ask(get("/metrics", "Connection: close\r\n")).status == 200);
    CHECK(p.is_closed_by_server());
    // It has said so, and was not just cut off.
    CHECK((SSL_get_shutdown(p.tls()) & SSL_RECEIVED_SHUTDOWN) != 0);
  }
  peer p = websocket(server);
  p.send_frame(opcode::text, "4hello");
  CHECK(p.read_frame().data == "4hello");
}

TEST_CASE("an old version of TLS is refused") {
  const running_server server(with_tls());
  peer p(server.port());
  const std::string why = p.start_tls([](ssl_ctx_st* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  });
  CHECK_THAT(why, Contains("protocol version"));
  CHECK(shake(server).ask(get("/healthz")).status == 200);
}

TEST_CASE("plain HTTP gets one clear answer from a server that speaks TLS") {
  const running_server server(with_tls());
  peer p(server.port());
  const auto reply = p.ask(get("/"));
  CHECK(reply.status == 400);
  CHECK_THAT(reply.body, Contains("https://"));
  CHECK(p.is_closed_by_server());
}

TEST_CASE("renegotiation is refused") {
  const running_server server(with_tls());
  peer p = shake(server, speak_1_2);
  REQUIRE(SSL_renegotiate(p.tls()) == 1);
  CHECK(SSL_do_handshake(p.tls()) != 1);
  CHECK(shake(server).ask(get("/healthz")).status == 200);
}

TEST_CASE("many records that arrive together are all read, although the socket is reported once") {
  const running_server server(with_tls());
  peer p = websocket(server);
  for (const std::size_t size : {std::size_t{10}, std::size_t{3'000}, std::size_t{16'000}}) {
    std::vector<std::string> records;
    const std::string said(size, 'x');
    for (int i = 0; i < 60; ++i) records.push_back(client_frame(opcode::text, "4" + said));
    p.send_together(records);
    for (int i = 0; i < 60; ++i) REQUIRE(p.read_frame().data == "4" + said);
  }
}

TEST_CASE("requests in many records are answered in order, however many wait") {
  const running_server server(with_tls());
  peer p = shake(server);
  const std::vector<std::string> requests(300,
                                          get("/healthz", "X: " + std::string(200, 'x') + "\r\n"));
  p.send_together(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) REQUIRE(p.read_reply().status == 200);
}

TEST_CASE("a paused WebSocket goes on with what TLS has taken from the socket") {
  host::server_options options = with_tls();
  options.max_messages_per_second = 500;
  const running_server server(options);
  peer p = websocket(server);
  std::vector<std::string> records;
  for (int i = 0; i < 200; ++i)
    records.push_back(client_frame(opcode::text, "4" + std::to_string(i)));
  p.send_together(records);
  for (int i = 0; i < 200; ++i) REQUIRE(p.read_frame().data == "4" + std::to_string(i));
}

TEST_CASE("large messages and answers are cut into records, and arrive whole") {
  engineio::options engineio;
  engineio.max_payload_bytes = 3'000'000;
  const running_server server(with_tls(), engineio);
  peer p = websocket(server);
  const std::string much(900'000, 'x');
  for (int i = 0; i < 3; ++i) {
    p.send_frame(opcode::binary, much);
    const auto heard = p.read_frame();
    REQUIRE(heard.data.size() == much.size());
    REQUIRE(heard.data == much);
  }
}

TEST_CASE("system calls that take little, or nothing for now, change nothing that TLS carries") {
  const running_server server(with_tls());
  using fault = fault_plan::fault;
  for (const auto& [what, error] : {std::pair{system_call::recv, 0},
                                    {system_call::send, 0},
                                    {system_call::recv, EAGAIN},
                                    {system_call::send, EAGAIN},
                                    {system_call::recv, EINTR},
                                    {system_call::send, EINTR}}) {
    for (int first = 0; first < 12; ++first) {
      for (const int times : {1, 3}) {
        INFO("call " << static_cast<int>(what) << ", errno " << error << ", from " << first);
        const fault_plan plan(fault{what, error, first, times});
        peer p = websocket(server);
        p.send_frame(opcode::text, "4hello");
        CHECK(p.read_frame().data == "4hello");
        const std::string much(40'000, 'x');
        p.send_frame(opcode::binary, much);
        CHECK(p.read_frame().data == much);
        p.send_frame(opcode::close, "\x03\xe8");
        CHECK(p.is_closed_by_server());
      }
    }
  }
}

TEST_CASE("a handshake that stops is cut off in the time of a head, wherever it stops") {
  host::server_options options = with_tls();
  // Enough for the handshakes that do not stop, on a busy machine too.
  options.header_timeout_ms = 2'000;
  const running_server server(options);
  // The head of a record and of a ClientHello, byte by byte.
  const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<peer> all;
  for (std::size_t size = 0; size <= hello.size(); ++size) {
    all.emplace_back(server.port());
    all.back().send(std::string_view(hello).substr(0, size));
  }
  for (peer& one : all) CHECK(one.is_closed_by_server());
  peer p = shake(server);
  CHECK(p.is_closed_by_server());
  CHECK_THAT(shake(server).ask(get("/metrics")).body,
             Contains("downbeat_limited_total{limit=\"header_time\"} 12"));
}

TEST_CASE("a handshake that fails is counted") {
  const running_server server(with_tls());
  for (int i = 0; i < 3; ++i) {
    peer p(server.port());
    p.send(std::string("\x16\x03\x01\x00\x04nope", 9));
    CHECK(p.is_closed_by_server());
  }
  CHECK_THAT(shake(server).ask(get("/metrics")).body,
             Contains("\ndownbeat_tls_handshakes_failed_total 3\n"));
}
