// HTTP/1 on bytes: what a request means does not depend on how it is split.
#include "http/request_reader.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using downbeat::host::request_reader;

namespace {

constexpr std::uint32_t max_head_bytes = 200;

// Feeds the text in pieces of this size until the reader is finished or refuses.
struct reading_in_pieces {
  reading_in_pieces(std::string_view text, std::size_t piece) {
    while (!text.empty() && !is_over) {
      in += text.substr(0, piece);
      text.remove_prefix(std::min(piece, text.size()));
      do {
        last = reader.read(in);
      } while (last == request_reader::outcome::head);
      is_over = last != request_reader::outcome::need_more;
    }
  }

  request_reader reader{max_head_bytes};
  std::string in;
  request_reader::outcome last = request_reader::outcome::need_more;
  bool is_over = false;
};

const std::string chunked_head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("a head may be as large as the limit, and no larger, however it arrives") {
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::string fits =
      begin + std::string(max_head_bytes - begin.size() - end.size(), 'x') + end;
  for (std::size_t piece = 1; piece <= fits.size() + 1; ++piece) {
    CAPTURE(piece);
    CHECK(reading_in_pieces(fits, piece).last == request_reader::outcome::done);
    for (const std::string& more : {begin + 'x' + fits.substr(begin.size()),
                                    std::string(fits).insert(fits.size() - 2, "Y:\r\n")}) {
      const reading_in_pieces r(more, piece);
      CHECK(r.last == request_reader::outcome::refused);
      CHECK(r.reader.refusal() == 431);
    }
    const reading_in_pieces long_target("GET /" + std::string(max_head_bytes, 'a'), piece);
    CHECK(long_target.last == request_reader::outcome::refused);
    CHECK(long_target.reader.refusal() == 414);
  }
  // Bytes after the head do not count.
  CHECK(reading_in_pieces(fits + fits, 1'000).last == request_reader::outcome::done);
}

TEST_CASE("a body in chunks is the same, however it arrives") {
  for (const std::string_view body : {"", "3\r\nabc\r\n", "1;note\r\na\r\n2\r\nbc\r\n"}) {
    const std::string text = chunked_head + std::string(body) + "0\r\n\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      reading_in_pieces r(text + "GET", piece);
      CAPTURE(text, piece);
      CHECK(r.last == request_reader::outcome::done);
      CHECK(r.reader.body() == (body.empty() ? "" : "abc"));
      // The next request may have begun.
      CHECK(std::string_view("GET").substr(0, r.in.size()) == r.in);
    }
  }
}

TEST_CASE("the last chunk may break off and go wrong") {
  for (const std::string_view end :
       {"0\r\n\r\x13", "0\r\n\rx\r\n", "0\r\nx\r\n\r\n", "0 \r\n\r\n"}) {
    for (std::size_t piece = 1; piece <= 8; ++piece) {
      const reading_in_pieces r(chunked_head + std::string(end), piece);
      CAPTURE(end, piece);
      CHECK(r.last != request_reader::outcome::done);
    }
  }
}

TEST_CASE("a line between chunks that does not end is not kept for ever") {
  for (const std::string_view begin : {"1;", "0;", "0\r\nX: ", "3\r\nabc\r\n1;"}) {
    const std::string text = chunked_head + std::string(begin) + std::string(10'000, 'x');
    for (const std::size_t piece : {std::size_t{1}, std::size_t{64}}) {
      const reading_in_pieces r(text, piece);
      CAPTURE(begin, piece);
      CHECK(r.last == request_reader::outcome::refused);
      CHECK(r.in.size() <= max_head_bytes + piece);
      CHECK(r.reader.refusal() == 400);
    }
  }
}

namespace {

struct refused_case {
  const char* what;
  std::string bytes;
  int status;
};

std::string with_fields(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string with_line(const std::string& line) {
  return line + "\r\nHost: a\r\n\r\n";
}

std::string with_body(const std::string& body) {
  return chunked_head + body;
}

}  // namespace

// RFC 9112. All of these must be refused, because another reader, such as a proxy, may understand
// them differently.
TEST_CASE("what could be read in two ways is refused") {
  const std::string nul(1, '\0');
  const std::vector<refused_case> cases = {
      {"6.3: a final coding that is not chunked", with_fields("Transfer-Encoding: gzip\r\n"), 400},
      {"6.3: identity", with_fields("Transfer-Encoding: identity\r\n"), 400},
      {"6.3: resembling chunked", with_fields("Transfer-Encoding: xchunked\r\n"), 400},
      {"6.3: behind chunked", with_fields("Transfer-Encoding: chunked, gzip\r\n"), 400},
      {"6.3: behind chunked, in lines",
       with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), 400},
      {"6.1: chunked twice", with_fields("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"6.1: chunked twice, in lines",
       with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"6.1: a coding that is not known", with_fields("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"6.1: the same, in lines",
       with_fields("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501},
      {"6.1: a coding with parameters", with_fields("Transfer-Encoding: gzip;q=1, chunked\r\n"),
       501},
      {"7.1: chunked has no parameters", with_fields("Transfer-Encoding: chunked;x=1\r\n"), 400},
      {"7: a coding is a token", with_fields("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"7: a coding is a token, before chunked",
       with_fields("Transfer-Encoding: \"a\", chunked\r\n"), 400},
      {"6.1: no coding", with_fields("Transfer-Encoding: \r\n"), 400},
      {"6.1: an empty one at the end", with_fields("Transfer-Encoding: chunked,\r\n"), 400},
      {"6.1: an empty one before", with_fields("Transfer-Encoding: ,chunked\r\n"), 400},
      {"6.1: with a length", with_fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
       400},
      {"6.1: with a length before it",
       with_fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"6.1: in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"6.3: a length with a sign", with_fields("Content-Length: +5\r\n"), 400},
      {"6.3: a negative length", with_fields("Content-Length: -5\r\n"), 400},
      {"6.3: a hexadecimal length", with_fields("Content-Length: 0x5\r\n"), 400},
      {"6.3: a fraction", with_fields("Content-Length: 5.0\r\n"), 400},
      {"6.3: a length in a list", with_fields("Content-Length: 5, 5\r\n"), 400},
      {"6.3: two lengths in a list", with_fields("Content-Length: 5,6\r\n"), 400},
      {"6.3: two lengths", with_fields("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"6.3: one length twice", with_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"6.3: no length", with_fields("Content-Length: \r\n"), 400},
      {"6.3: a blank in a length", with_fields("Content-Length: 5 5\r\n"), 400},
      {"6.3: more than any length", with_fields("Content-Length: 18446744073709551616\r\n"), 400},
      {"2.2: lines that end with LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"2.2: one line that ends with LF", with_fields("X: y\nZ: z\r\n"), 400},
      {"2.2: an empty line that ends with LF", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"2.2: CR without LF", with_fields("X: y\rz\r\n"), 400},
      {"2.2: CR CR LF", with_fields("X: y\r\r\n"), 400},
      {"2.2: blanks before the first field", "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n", 400},
      {"5.2: a folded value", with_fields("X: y\r\n z\r\n"), 400},
      {"5.2: a folded length", with_fields("Content-Length:\r\n 5\r\n"), 400},
      {"5.1: a blank before the colon", with_fields("Transfer-Encoding : chunked\r\n"), 400},
      {"5.1: a tab before the colon", with_fields("X\t: y\r\n"), 400},
      {"5: a line without a colon", with_fields("X\r\n"), 400},
      {"5: no name", with_fields(": y\r\n"), 400},
      {"5: a name that is no token", with_fields("X(y): z\r\n"), 400},
      {"5: a name beyond ASCII", with_fields("\xc3\xa4: z\r\n"), 400},
      {"5.5: NUL in a value", with_fields("X: y" + nul + "z\r\n"), 400},
      {"5.5: NUL in a name", with_fields("X" + nul + ": z\r\n"), 400},
      {"5.5: a control character in a value", with_fields("X: \x0b\r\n"), 400},
      {"5.5: DEL in a value", with_fields("X: \x7f\r\n"), 400},
      {"3.1: no method", with_line(" / HTTP/1.1"), 400},
      {"3.1: a method that is no token", with_line("G(T / HTTP/1.1"), 400},
      {"3: two blanks", with_line("GET  / HTTP/1.1"), 400},
      {"3: a blank at the end", with_line("GET / HTTP/1.1 "), 400},
      {"3: a tab", with_line("GET\t/\tHTTP/1.1"), 400},
      {"3.2: a blank in the target", with_line("GET /a b HTTP/1.1"), 400},
      {"3.2: a fragment", with_line("GET /a#b HTTP/1.1"), 400},
      {"3.2: beyond ASCII", with_line("GET /\xc3\xa4 HTTP/1.1"), 400},
      {"3.2: no target", with_line("GET HTTP/1.1"), 400},
      {"3.2.1: a path without a slash", with_line("GET index.html HTTP/1.1"), 400},
      {"3.2.2: another scheme", with_line("GET ftp://a/ HTTP/1.1"), 400},
      {"3.2.2: no host", with_line("GET http:///a HTTP/1.1"), 400},
      {"3.2.2: a user", with_line("GET http://user@a/ HTTP/1.1"), 400},
      {"3.2.2: a port that is none", with_line("GET http://a:b/ HTTP/1.1"), 400},
      {"3.2.3: an authority alone", with_line("GET a:80 HTTP/1.1"), 400},
      {"3.2.3: CONNECT", with_line("CONNECT a:80 HTTP/1.1"), 501},
      {"3.2.4: a star with another method", with_line("GET * HTTP/1.1"), 400},
      {"2.3: HTTP/0.9", "GET /\r\n", 400},
      {"2.3: small letters", with_line("GET / http/1.1"), 400},
      {"2.3: more digits", with_line("GET / HTTP/1.10"), 400},
      {"2.3: another protocol", with_line("GET / HTCPCP/1.1"), 400},
      {"2.3: another version", with_line("GET / HTTP/2.0"), 505},
      {"2.3: a minor version that is not known", with_line("GET / HTTP/1.2"), 505},
      {"3.2: no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"3.2: no Host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
      {"3.2: two Hosts", with_fields("Host: a\r\n"), 400},
      {"3.2: two Hosts in one", "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400},
      {"3.2: a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"3.2: a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"3.2: a Host with a port that is none", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"3.2: a Host with a port too high", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"3.2: a Host with an address that is none", "GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n", 400},
      {"3.2: two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"7.1: no size", with_body("\r\nabc\r\n"), 400},
      {"7.1: a size with a sign", with_body("+3\r\nabc\r\n"), 400},
      {"7.1: a negative size", with_body("-3\r\nabc\r\n"), 400},
      {"7.1: a size with a prefix", with_body("0x3\r\nabc\r\n"), 400},
      {"7.1: a blank before the size", with_body(" 3\r\nabc\r\n"), 400},
      {"7.1: a blank behind the size", with_body("3 \r\nabc\r\n"), 400},
      {"7.1: more than any size", with_body("10000000000000000\r\n"), 400},
      {"7.1: data that is too long", with_body("3\r\nabcd\r\n"), 400},
      {"7.1: data that ends with LF", with_body("3\r\nabc\n0\r\n\r\n"), 400},
      {"7.1: a size that ends with LF", with_body("3\nabc\r\n0\r\n\r\n"), 400},
      {"7.1.1: an extension that ends with LF", with_body("3;a\nabc\r\n0\r\n\r\n"), 400},
      {"7.1.1: LF in a quoted value", with_body("3;a=\"\n\"\r\nabc\r\n"), 400},
      {"7.1.1: a quoted value that does not end", with_body("3;a=\"b\r\nabc\r\n"), 400},
      {"7.1.1: an extension without a name", with_body("3;\r\nabc\r\n"), 400},
      {"7.1.1: an extension without a value", with_body("3;a=\r\nabc\r\n"), 400},
      {"7.1.1: CR in an extension", with_body("3;a\rb\r\nabc\r\n"), 400},
      {"7.1.2: a trailer without a colon", with_body("0\r\nX\r\n\r\n"), 400},
      {"7.1.2: a folded trailer", with_body("0\r\nX: y\r\n z\r\n\r\n"), 400},
      {"7.1.2: a trailer that ends with LF", with_body("0\r\nX: y\n\r\n"), 400},
      {"7.1.2: an end with LF", with_body("0\r\n\n"), 400},
      {"TLS", "\x16\x03\x01\x02" + nul + "\x01", 400},
  };
  for (const refused_case& one : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, one.bytes.size()}) {
      const reading_in_pieces r(one.bytes, piece);
      CAPTURE(one.what, one.bytes, piece);
      CHECK(r.last == request_reader::outcome::refused);
      CHECK(r.reader.refusal() == one.status);
    }
  }
}

TEST_CASE("what the syntax allows is read, however seldom it is seen") {
  for (const std::string& text : {
           with_line("GET / HTTP/1.1"),
           with_line("GET /a?b=c%20|{}\"'[]^`\\ HTTP/1.1"),
           with_line("OPTIONS * HTTP/1.1"),
           with_line("GET HTTP://A:80?x HTTP/1.1"),
           with_line("QUERY!#$%&'*+-.^_`|~ / HTTP/1.1"),
           std::string("GET / HTTP/1.0\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a_b.c~d:\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: [::1]:3001\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nhOsT:\ta\t \r\nX:\r\nX: \xc3\xa4\r\n\r\n"),
           with_fields("Content-Length: 0\r\n"),
           with_fields("Content-Length: 003\r\n") + "abc",
           with_fields("Transfer-Encoding: \tChunked\t\r\n") + "0\r\n\r\n",
           with_body("03;a;b=c ; d = \"e\\\"f\" \t;g\r\nabc\r\n000\r\n\r\n"),
           with_body("3\r\nabc\r\n0\r\nContent-Length: 7\r\nX:\r\n\r\n"),
       }) {
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      const reading_in_pieces r(text, piece);
      CAPTURE(text, piece);
      CHECK(r.last == request_reader::outcome::done);
      CHECK(r.in.empty());
    }
  }
}

TEST_CASE("a target in absolute form says which host is meant, whatever Host says") {
  const auto read = [](const std::string& target) {
    reading_in_pieces r("GET " + target + " HTTP/1.1\r\nHost: other\r\n\r\n", 1'000);
    REQUIRE(r.last == request_reader::outcome::done);
    const auto& head = r.reader.head();
    return std::string(head.host()) + " " + std::string(head.path()) + " " +
           std::string(head.query());
  };
  CHECK(read("/a?b") == "other /a b");
  CHECK(read("http://jam.example/a?b=/c") == "jam.example /a b=/c");
  CHECK(read("HTTPS://jam.example:8443") == "jam.example:8443 / ");
  CHECK(read("http://jam.example?b") == "jam.example / b");
  CHECK(read("//jam.example/a") == "other //jam.example/a ");
}

TEST_CASE("a list may stand in several lines, in any letters") {
  const auto read = [](const std::string& fields) {
    return std::make_unique<reading_in_pieces>("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n",
                                               1'000);
  };
  const auto two = read("Connection: keep-alive\r\nConnection: UPGRADE\r\n");
  CHECK(two->reader.head().lists("connection", "upgrade"));
  CHECK(two->reader.head().wants_keep_alive());
  CHECK_FALSE(two->reader.head().lists("connection", "upgraded"));
  CHECK_FALSE(read("Connection: keep-alive\r\nConnection: x , Close\r\n")
                  ->reader.head()
                  .wants_keep_alive());
  CHECK_FALSE(read("")->reader.head().lists("connection", ""));
}
