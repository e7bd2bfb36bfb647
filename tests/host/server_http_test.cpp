// HTTP on real sockets: requests, how they are split, and how connections end.
#include "host/comes_to.hpp"
#include "host/open_session.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "host/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;

TEST_CASE("a session is opened, and spoken on over several connections") {
  running_server server;
  peer p(server.port());
  const auto opened = p.ask(poll(polling_query));
  CHECK(opened.status == 200);
  CHECK(opened.field("content-type") == "text/plain; charset=UTF-8");
  CHECK(opened.field("cache-control") == "no-store");
  CHECK(opened.field("x-content-type-options") == "nosniff");
  const std::string session = std::string(polling_query) + "&sid=" + sid_of(opened.body);

  p.send(poll(session));
  peer other(server.port());
  const auto posted = other.ask(post(session, "4hello"));
  CHECK(posted.status == 200);
  CHECK(posted.body == "ok");
  CHECK(posted.field("content-type") == "text/html");
  CHECK(p.read_reply().body == "4hello");
  // Both connections stay open.
  CHECK(other.ask(post(session, "4again")).status == 200);
  CHECK(p.ask(poll(session)).body == "4again");
}

TEST_CASE("a request may come byte by byte") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  for (const char c : post(session, "4slow")) p.send(std::string(1, c));
  CHECK(p.read_reply().body == "ok");
  CHECK(p.ask(poll(session)).body == "4slow");
}

TEST_CASE("requests may come all together, and are answered in order") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  p.send(post(session, "4one") + "\r\n" + poll(session) + get("/healthz") + post(session, "4two") +
         poll(session) + get("/nowhere"));
  CHECK(p.read_reply().body == "ok");
  CHECK(p.read_reply().body == "4one");
  CHECK(p.read_reply().body.find("\"status\":\"ok\"") != std::string::npos);
  CHECK(p.read_reply().body == "ok");
  CHECK(p.read_reply().body == "4two");
  CHECK(p.read_reply().status == 404);
}

TEST_CASE("what follows a pending GET waits for its answer") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  p.send(poll(session) + get("/healthz"));
  CHECK(p.is_silent());
  peer other(server.port());
  other.ask(post(session, "4go"));
  CHECK(p.read_reply().body == "4go");
  CHECK(p.read_reply().status == 200);
}

TEST_CASE("a chunked body is put together") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  p.send("POST /socket.io/?" + session +
         " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\n4he\r\n3;x=y\r\nllo\r\n0\r\n\r\n");
  CHECK(p.read_reply().body == "ok");
  CHECK(p.ask(poll(session)).body == "4hello");
}

TEST_CASE("a request that expects 100 Continue gets it, or the final answer") {
  running_server server;
  const std::string session = open_session(server.port());
  const auto expecting = [](const std::string& query) {
    return "POST /socket.io/?" + query +
           " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  };
  peer p(server.port());
  CHECK(p.ask(expecting(session)).status == 100);
  p.send("4hi");
  CHECK(p.read_reply().body == "ok");

  peer other(server.port());
  const auto refused = other.ask(expecting("EIO=4&transport=polling&sid=unknown"));
  CHECK(refused.status == 400);
  CHECK(other.is_closed_by_server());
}

TEST_CASE("an answer that comes before the body does not disturb the next request") {
  running_server server;
  peer p(server.port());
  const std::string first = post("EIO=4&transport=polling&sid=unknown", std::string(5000, 'x'));
  p.send(first.substr(0, first.size() - 1000));
  CHECK(p.read_reply().status == 400);
  p.send(first.substr(first.size() - 1000) + get("/healthz"));
  CHECK(p.read_reply().status == 200);
}

TEST_CASE("a body may be as large as the limit; past it comes 413, and the session lives on") {
  engineio::options engineio;
  engineio.max_payload_bytes = 100'000;
  running_server server({}, engineio);
  const std::string session = open_session(server.port());
  peer fits(server.port());
  CHECK(fits.ask(post(session, "4" + std::string(99'999, 'x'))).status == 200);
  CHECK(fits.ask(poll(session)).body.size() == 100'000);

  peer announced(server.port());
  announced.try_send(post(session, std::string(3'000'000, 'x')));
  const auto refused = announced.read_reply();
  CHECK(refused.status == 413);
  CHECK(refused.field("connection") == "close");

  peer chunked(server.port());
  chunked.send("POST /socket.io/?" + session +
               " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.try_send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
  CHECK(chunked.read_reply().status == 413);

  CHECK(fits.ask(post(session, "4still here")).status == 200);
  CHECK(fits.ask(poll(session)).body == "4still here");
}

#ifndef BOOST_ASIO_DISABLE_EPOLL  // select(2) reports in another order
TEST_CASE("a peer that goes away takes its session with it") {
  running_server server;
  const auto is_gone = [&](const std::string& session) {
    for (int i = 0; i < 3'000; ++i) {
      peer p(server.port());
      if (p.ask(post(session, "4x")).status == 400) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  const std::string session = open_session(server.port());
  SECTION("by closing while a GET is pending") {
    {
      peer p(server.port());
      p.send(poll(session));
      CHECK(p.is_silent());
    }
    CHECK(is_gone(session));
  }
  SECTION("by a reset") {
    peer p(server.port());
    p.send(poll(session));
    CHECK(p.is_silent());
    p.reset();
    CHECK(is_gone(session));
  }
  SECTION("by closing its half") {
    peer p(server.port());
    p.send(poll(session));
    p.half_close();
    CHECK(p.is_closed_by_server());
    CHECK(is_gone(session));
  }
  SECTION("in the middle of a POST") {
    {
      peer p(server.port());
      const std::string whole = post(session, "4never finished");
      p.send(whole.substr(0, whole.size() - 3));
      CHECK(p.is_silent());
    }
    CHECK(is_gone(session));
  }
  SECTION("with a second POST beside the first") {
    peer first(server.port());
    const std::string whole = post(session, "4never finished");
    first.send(whole.substr(0, whole.size() - 3));
    CHECK(first.is_silent());
    peer second(server.port());
    CHECK(second.ask(post(session, "4x")).status == 400);
    CHECK(first.is_closed_by_server());
  }
}
#endif

TEST_CASE("what is no HTTP is answered with 400 and hung up on") {
  running_server server;
  for (const std::string& noise : {
           std::string("HELLO?\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
           std::string("POST /socket.io/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
           std::string("POST /socket.io/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                       "Content-Length: 2\r\n\r\nx"),
           std::string("POST /socket.io/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                       "Transfer-Encoding: chunked\r\n\r\nx"),
       }) {
    INFO(noise);
    peer p(server.port());
    CHECK(p.ask(noise).status == 400);
    CHECK(p.is_closed_by_server());
  }
}

TEST_CASE("a head that is too large is answered with 431, a target with 414") {
  running_server server;
  peer p(server.port());
  CHECK(p.ask(get("/", "X: " + std::string(20'000, 'a') + "\r\n")).status == 431);
  CHECK(p.is_closed_by_server());
  for (const std::string& head : {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n",
                                  "GET /" + std::string(20'000, 'a')}) {
    peer other(server.port());
    CHECK(other.ask(head).status == 414);
    CHECK(other.is_closed_by_server());
  }
}

TEST_CASE("a peer that takes too long over a request is closed") {
  host::server_options options;
  options.header_timeout_ms = 200;
  options.body_timeout_ms = 200;
  options.keep_alive_timeout_ms = 200;
  running_server server(options);
  SECTION("in the head") {
    peer p(server.port());
    p.send("GET / HT");
    CHECK(p.read_reply().status == 408);
    CHECK(p.is_closed_by_server());
  }
  SECTION("before it has said anything") {
    peer p(server.port());
    CHECK(p.is_closed_by_server());
  }
  SECTION("in the body") {
    const std::string session = open_session(server.port());
    peer p(server.port());
    p.send(post(session, "4hello").substr(0, 100));
    CHECK(p.is_closed_by_server());
  }
  SECTION("between two requests") {
    peer p(server.port());
    CHECK(p.ask(get("/healthz")).status == 200);
    CHECK(p.is_closed_by_server());
  }
  SECTION("but not while the server owes an answer") {
    const std::string session = open_session(server.port());
    peer p(server.port());
    p.send(poll(session));
    CHECK(p.is_silent(1'500));
  }
}

TEST_CASE("connections end as HTTP says") {
  running_server server;
  SECTION("close") {
    peer p(server.port());
    const auto reply = p.ask(get("/healthz", "Connection: close\r\n"));
    CHECK(reply.status == 200);
    CHECK(reply.field("connection") == "close");
    CHECK(p.is_closed_by_server());
  }
  SECTION("HTTP/1.0") {
    peer p(server.port());
    CHECK(p.ask("GET /healthz HTTP/1.0\r\n\r\n").status == 200);
    CHECK(p.is_closed_by_server());
  }
  SECTION("HEAD has no body") {
    peer p(server.port());
    p.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto reply = p.read_reply(true);
    CHECK(reply.status == 200);
    CHECK(std::stoi(reply.field("content-length")) > 0);
    CHECK(p.ask(get("/nowhere")).status == 404);
  }
}

TEST_CASE("beside Engine.IO there are health, metrics and a page") {
  running_server server;
  peer p(server.port());
  CHECK(p.ask(get("/healthz")).field("content-type") == "application/json");
  const auto metrics = p.ask(get("/metrics"));
  CHECK(metrics.body.find("\ndownbeat_tcp_connections 1\n") != std::string::npos);
  CHECK(metrics.body.find("\ndownbeat_handshakes_total 0\n") != std::string::npos);
  CHECK(metrics.body.find("\ndownbeat_http_responses_total{class=\"2xx\"} 1\n") !=
        std::string::npos);
  CHECK(metrics.body.find("\nprocess_resident_memory_bytes ") != std::string::npos);
  const auto landing = p.ask(get("/"));
  CHECK(landing.body.find("<h1>Downbeat</h1>") != std::string::npos);
  CHECK(landing.field("content-security-policy").starts_with("default-src 'none'"));
  for (const char* const path : {"/nowhere", "/socket.io", "/socket.iox/", "/index.html", "//",
                                 "/../../etc/passwd", "/%2e%2e/etc/passwd"}) {
    INFO(path);
    CHECK(p.ask(get(path)).status == 404);
  }
  CHECK(p.ask("DELETE /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status == 405);
  CHECK(p.ask("GET http://jam.example/healthz HTTP/1.1\r\nHost: jam.example\r\n\r\n").status ==
        200);
}

TEST_CASE("a web root is served with types and tags") {
  const temporary_folder root;
  root.write("index.html", "<p>demo");
  root.write("core.wasm", std::string(300'000, '\0'));
  host::server_options options;
  options.web_root = root.path().string();
  running_server server(options);
  peer p(server.port());
  const auto index = p.ask(get("/"));
  CHECK(index.body == "<p>demo");
  CHECK(index.field("content-type") == "text/html; charset=utf-8");
  const auto wasm = p.ask(get("/core.wasm?v=1"));
  CHECK(wasm.body.size() == 300'000);
  CHECK(wasm.field("content-type") == "application/wasm");
  p.send(get("/core.wasm", "If-None-Match: " + wasm.field("etag") + "\r\n"));
  CHECK(p.read_reply().status == 304);
  p.send("HEAD /core.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(p.read_reply(true).field("content-length") == "300000");
  CHECK(p.ask(get("/../core.wasm")).status == 404);
  CHECK(p.ask(get("/healthz")).status == 200);
}

TEST_CASE("a page is sent compressed, is kept as long as it may be, and may do little") {
  const temporary_folder root;
  root.write("index.html", "<p>demo");
  root.write("index.html.gz", "gzip");
  root.write("index.html.br", "brotli");
  root.write("assets/app-Bo8Ugvy1.js", "script");
  host::server_options options;
  options.web_root = root.path().string();
  running_server server(options);
  peer p(server.port());

  const auto index = p.ask(get("/", "Accept-Encoding: gzip, br\r\n"));
  CHECK(index.body == "brotli");
  CHECK(index.field("content-encoding") == "br");
  CHECK(index.field("vary") == "Accept-Encoding");
  CHECK(index.field("content-type") == "text/html; charset=utf-8");
  CHECK(index.field("cache-control") == "no-cache");
  CHECK(index.field("content-security-policy") == host::strict_policy);
  CHECK(index.field("referrer-policy") == "no-referrer");
  CHECK(index.field("cross-origin-opener-policy") == "same-origin");
  CHECK(index.field("x-content-type-options") == "nosniff");

  const std::string known = "If-None-Match: " + index.field("etag") + "\r\n";
  const auto unchanged = p.ask(get("/", "Accept-Encoding: br\r\n" + known));
  CHECK(unchanged.status == 304);
  CHECK(unchanged.field("etag") == index.field("etag"));
  CHECK(unchanged.field("vary") == "Accept-Encoding");
  CHECK(unchanged.field("cache-control") == "no-cache");

  // Another browser, with the same entity tag, that does not accept the encoding.
  const auto plain = p.ask(get("/", known));
  CHECK(plain.body == "<p>demo");
  CHECK(plain.field("content-encoding").empty());
  CHECK(plain.field("vary") == "Accept-Encoding");
  p.send("HEAD / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  const auto head = p.read_reply(true);
  CHECK(head.field("content-encoding") == "gzip");
  CHECK(head.field("content-length") == "4");

  const auto script = p.ask(get("/assets/app-Bo8Ugvy1.js", "Accept-Encoding: br\r\n"));
  CHECK(script.body == "script");
  CHECK(script.field("cache-control") == "public, max-age=31536000, immutable");
  CHECK(script.field("vary").empty());
}

TEST_CASE("a link to a session is answered with a page that names its code, and nothing else") {
  const temporary_folder root;
  root.write("index.html", "<p>demo");
  host::server_options options;
  options.web_root = root.path().string();
  {
    running_server without_page(options);
    CHECK(peer(without_page.port()).ask(get("/j/FUNKY-42")).status == 404);
  }
  root.write("invitation.html", "<title>{{code}}</title>to {{code}}");
  root.write("invitation.html.br", "brotli");
  running_server server(options);
  peer p(server.port());
  const auto first = p.ask(get("/j/funky-42?from=<b>", "Accept-Encoding: br\r\n"));
  CHECK(first.body == "<title>FUNKY-42</title>to FUNKY-42");
  CHECK(first.field("content-type") == "text/html; charset=utf-8");
  CHECK(first.field("content-encoding").empty());
  CHECK(first.field("cache-control") == "no-cache");
  CHECK(first.field("content-security-policy") == host::strict_policy);
  const std::string known = "If-None-Match: " + first.field("etag") + "\r\n";
  CHECK(p.ask(get("/j/FUNKY-42", known)).status == 304);
  CHECK(p.ask(get("/j/FUNKY-43", known)).body == "<title>FUNKY-43</title>to FUNKY-43");
  // Codes of all shapes, and what messengers make of a link at the end of a sentence.
  for (const char* const code : {"FUNKY-4257", "KIND-VD2BT", "BT7K-2XR9M", "BT7K2XR9M"}) {
    CHECK(p.ask(get("/j/" + std::string(code) + ").")).body.ends_with("to " + std::string(code)));
  }
  for (const char* const path :
       {"/j/", "/j", "/j/FUNKY", "/j/-F42NK", "/j/F-U-NKY42", "/j/FUNKY-42/x", "/j/%3Cb%3E-4242",
        "/j/FUNKY%0d%0a-42", "/j/FUNKY-42%00", "/j/FUNKY-42%", "/j/ABCDEFGHI1",
        "/j/F%C3%9CNKY-42"}) {
    INFO(path);
    CHECK(p.ask(get(path)).status == 404);
  }
  CHECK(p.ask("DELETE /j/FUNKY-42 HTTP/1.1\r\nHost: x\r\n\r\n").status == 405);
}

TEST_CASE("only a browser on this machine gets the machine's addresses") {
  running_server server;  // which listens on the loopback only
  peer p(server.port());
  const auto answer = p.ask("GET /network HTTP/1.1\r\nHost: localhost:3001\r\n\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.field("content-type") == "application/json");
  CHECK(answer.field("cache-control") == "no-store");
  CHECK(answer.body == "{\"origins\":[]}\n");
  for (const char* const fields :
       {"Host: jam.example\r\n", "Host: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n",
        "Host: localhost\r\nForwarded: for=192.0.2.1\r\n"}) {
    INFO(fields);
    CHECK(p.ask("GET /network HTTP/1.1\r\n" + std::string(fields) + "\r\n").status == 404);
  }
}

TEST_CASE("a web root has the policy that its owner wants") {
  const temporary_folder root;
  root.write("index.html", "<p>demo");
  host::server_options options;
  options.web_root = root.path().string();
  for (const char* const policy : {"default-src 'self'", ""}) {
    options.content_security_policy = policy;
    running_server server(options);
    peer p(server.port());
    CHECK(p.ask(get("/")).field("content-security-policy") == policy);
  }
}

TEST_CASE("pages of other origins are kept out, unless they are welcome") {
  host::server_options options;
  options.cors_origins = {"https://friend.example"};
  running_server server(options);
  peer p(server.port());
  for (const char* const origin : {"http://jam.example", "https://friend.example"}) {
    const std::string field = "Origin: " + std::string(origin) + "\r\n";
    const auto reply = p.ask(poll(polling_query, field));
    CHECK(reply.status == 200);
    CHECK(reply.field("access-control-allow-origin") == origin);
    CHECK(reply.field("access-control-allow-credentials") == "true");
    CHECK(
        p.ask(poll("EIO=4&transport=polling&sid=x", field)).field("access-control-allow-origin") ==
        origin);
    const auto preflight = p.ask("OPTIONS /socket.io/?EIO=4 HTTP/1.1\r\nHost: jam.example\r\n" +
                                 field + "Access-Control-Request-Headers: x-a\r\n\r\n");
    CHECK(preflight.status == 204);
    CHECK(preflight.field("access-control-allow-headers") == "x-a");
  }
  const std::string evil = "Origin: https://evil.example\r\n";
  for (const std::string& request : {poll(polling_query, evil), post(polling_query, "4x", evil)}) {
    const auto reply = p.ask(request);
    CHECK(reply.status == 403);
    CHECK(reply.body.starts_with(R"({"code":4,"message":"Forbidden)"));
    CHECK(reply.body.find("--cors-origin") != std::string::npos);
    CHECK(reply.field("access-control-allow-origin").empty());
  }
  CHECK(p.ask("OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n" + evil + "\r\n")
            .status == 400);
  CHECK(p.ask(poll(polling_query, "Origin: http://jam.example\r\n")).status == 200);
  CHECK(comes_to(server, "downbeat_origins_refused_total 3"));
}

TEST_CASE("it is the target's authority that an origin is compared with, and not Host") {
  running_server server;
  peer p(server.port());
  const auto ask = [&](const std::string& origin, const std::string& more = {}) {
    return p.ask(
        "GET http://jam.example/socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
        "Host: evil.example\r\nOrigin: " +
        origin + "\r\n" + more + "\r\n");
  };
  CHECK(ask("http://jam.example").status == 200);
  CHECK(ask("http://evil.example").status == 403);
  CHECK(ask("http://jam.example", "Origin: http://evil.example\r\n").status == 400);
}

TEST_CASE("an error is not kept, and may do nothing in a browser") {
  running_server server;
  const std::string strict = "default-src 'none'; frame-ancestors 'none'";
  for (const std::string& request :
       {get("/nowhere"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("DELETE /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("DELETE /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
        "GET /" + std::string(20'000, 'a'), get("/", "X: " + std::string(20'000, 'a') + "\r\n"),
        std::string("CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("GET / HTTP/3.0\r\n\r\n"), poll("EIO=3"), poll("EIO=4&transport=x"),
        poll(polling_query, "Origin: http://evil.example\r\n"),
        poll(polling_query, "Upgrade: websocket\r\n"), get("/nowhere", "Upgrade: websocket\r\n")}) {
    INFO(request.substr(0, 100));
    peer p(server.port());
    const auto reply = p.ask(request);
    CHECK(reply.status >= 400);
    CHECK(reply.field("cache-control") == "no-store");
    CHECK(reply.field("content-security-policy") == strict);
  }
  peer p(server.port());
  CHECK(p.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").field("allow") ==
        "GET, HEAD");
  CHECK(p.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").status == 204);
}

TEST_CASE("past the most connections, new ones are turned away") {
  host::server_options options;
  options.max_connections = 2;
  running_server server(options);
  peer one(server.port());
  CHECK(one.ask(get("/healthz")).status == 200);
  {
    peer two(server.port());
    CHECK(two.ask(get("/healthz")).status == 200);
    peer three(server.port());
    CHECK(three.read_reply().status == 503);
    CHECK(three.is_closed_by_server());
  }
  // As soon as the server notices that one client has gone, there is room again.
  const auto is_alone = [&] {
    return one.ask(get("/metrics")).body.find("\ndownbeat_tcp_connections 1\n") !=
           std::string::npos;
  };
  for (int i = 0; !is_alone(); ++i) {
    REQUIRE(i < 3'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(peer(server.port()).ask(get("/healthz")).status == 200);
}

TEST_CASE("a port in use is an error of one line") {
  running_server server;
  host::server_options options;
  options.host = "127.0.0.1";
  options.port = server.port();
  host::logger log(host::log_level::off, host::log_format::text);
  const auto start = [&] { host::server(options, make_echo(), log); };
  CHECK_THROWS_WITH(start(),
                    Catch::Contains(std::to_string(server.port())) && Catch::Contains("in use"));
}

TEST_CASE("stopping answers pending polls, and does not wait for idle connections") {
  host::server_options options;
  options.drain_timeout_ms = 600'000;  // far longer than a peer here waits
  running_server server(options);
  const std::string session = open_session(server.port());
  peer pending(server.port());
  pending.send(poll(session));
  CHECK(pending.is_silent());
  peer idle(server.port());
  CHECK(idle.ask(get("/healthz")).status == 200);
  peer silent(server.port());

  server.begin_stop();
  CHECK(pending.read_reply().status == 200);
  CHECK(pending.is_closed_by_server());
  CHECK(idle.is_closed_by_server());
  server.stop();
}
