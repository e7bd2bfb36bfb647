// HTTP/1 on bytes: what a request amounts to, in whatever pieces it may arrive.
#include "http/request_reader.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using downbeat::host::request_reader;
using outcome = request_reader::outcome;

namespace {

constexpr std::uint32_t max_head_bytes = 200;

// Feeds the text in pieces of this size until the reader is done with it, one way or the other.
struct reading {
  reading(std::string_view text, std::size_t piece) {
    while (!text.empty() && !is_over) {
      in += text.substr(0, piece);
      text.remove_prefix(std::min(piece, text.size()));
      do {
        last = reader.read(in);
      } while (last == outcome::head);
      is_over = last != outcome::need_more;
    }
  }

  request_reader reader{max_head_bytes};
  std::string in;
  outcome last = outcome::need_more;
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
    CHECK(reading(fits, piece).last == outcome::done);
    CHECK(reading(begin + 'x' + fits.substr(begin.size()), piece).last == outcome::head_too_large);
    CHECK(reading(std::string(fits).insert(fits.size() - 2, "Y:\r\n"), piece).last ==
          outcome::head_too_large);
  }
  // What comes after it does not count.
  CHECK(reading(fits + fits, 1'000).last == outcome::done);
}

TEST_CASE("a body in chunks is the same, however it arrives") {
  for (const std::string_view body : {"", "3\r\nabc\r\n", "1;note\r\na\r\n2\r\nbc\r\n"}) {
    const std::string text = chunked_head + std::string(body) + "0\r\n\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      reading r(text + "GET", piece);
      CAPTURE(text, piece);
      CHECK(r.last == outcome::done);
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
      const reading r(chunked_head + std::string(end), piece);
      CAPTURE(end, piece);
      CHECK(r.last != outcome::done);
    }
  }
}

TEST_CASE("a line between chunks that does not end is not kept for ever") {
  for (const std::string_view begin : {"1;", "0;", "0\r\nX: ", "3\r\nabc\r\n1;"}) {
    const std::string text = chunked_head + std::string(begin) + std::string(10'000, 'x');
    for (const std::size_t piece : {std::size_t{1}, std::size_t{64}}) {
      const reading r(text, piece);
      CAPTURE(begin, piece);
      CHECK(r.last == outcome::malformed);
      CHECK(r.in.size() <= max_head_bytes + piece);
    }
  }
}
