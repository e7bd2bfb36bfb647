// HTTP requests, one after the other on one connection. The first byte says how the rest is split;
// the result must not depend on that. A second reader that repairs nothing must see the same
// requests in the same bytes.

#include "fuzz/fuzz.hpp"
#include "http/request_reader.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace downbeat;
using fuzz::must;
using outcome = host::request_reader::outcome;

namespace {

constexpr std::uint32_t max_head_bytes = 1'000;
constexpr std::uint64_t max_body_bytes = 10'000;
constexpr const char* refused = "refused with ";

std::string describe(const host::request& head) {
  std::string out = std::to_string(static_cast<int>(head.method())) + ' ';
  out.append(head.host()).append(" ").append(head.path()).append(" ? ").append(head.query());
  for (const std::string_view name : {"Host", "Origin", "Upgrade", "Connection", "Content-Type",
                                      "X-Forwarded-For", "Sec-WebSocket-Key"}) {
    out.append("\n").append(name).append(" ").append(std::to_string(head.count(name)));
    out.append(" ").append(head.field(name));
  }
  return out + (head.is_http_1_1() ? "1" : "0") + (head.wants_keep_alive() ? "1" : "0");
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_equal(std::string_view text, std::string_view small) {
  return std::equal(text.begin(), text.end(), small.begin(), small.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find("\r\n");
  must(end != std::string_view::npos, "a line ends with CRLF");
  const auto line = text.substr(0, end);
  must(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
       "there is no other end in a line");
  text.remove_prefix(end + 2);
  return line;
}

std::string dechunked(std::string_view text) {
  std::string body;
  for (;;) {
    const std::string line(take_line(text));
    must(std::isxdigit(static_cast<unsigned char>(line[0])) != 0, "a chunk begins with its size");
    const std::size_t size = std::strtoull(line.c_str(), nullptr, 16);
    if (size == 0) break;
    must(text.size() >= size + 2 && text.substr(size, 2) == "\r\n",
         "a chunk is as long as it says");
    body += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
  while (!take_line(text).empty()) {
  }
  must(text.empty(), "nothing of a body is left");
  return body;
}

/// The second reader, which is as simple as possible, independent of the first, and repairs
/// nothing: a request must begin, have a body, and end where it says so, too.
void must_read_as(std::string_view message, std::string_view body) {
  const std::string_view request_line = take_line(message);
  std::vector<std::string_view> codings;
  std::vector<std::string_view> lengths;
  std::size_t hosts = 0;
  for (auto line = take_line(message); !line.empty(); line = take_line(message)) {
    const auto colon = line.find(':');
    must(colon != std::string_view::npos && colon > 0, "a field has a name");
    const auto name = line.substr(0, colon);
    must(name.find_first_of(" \t") == std::string_view::npos, "a name has no blanks");
    if (is_equal(name, "transfer-encoding")) codings.push_back(trimmed(line.substr(colon + 1)));
    if (is_equal(name, "content-length")) lengths.push_back(trimmed(line.substr(colon + 1)));
    if (is_equal(name, "host")) ++hosts;
  }
  const bool is_http_1_1 = request_line.ends_with(" HTTP/1.1");
  must(is_http_1_1 || request_line.ends_with(" HTTP/1.0"), "a version is known");
  must(hosts == 1 || (hosts == 0 && !is_http_1_1), "a request is for one host");
  must(codings.size() + lengths.size() <= 1, "a length is told once");
  if (!codings.empty()) {
    must(is_equal(codings.front(), "chunked") && is_http_1_1, "the only coding is chunked");
    must(dechunked(message) == body, "chunks are put together");
  } else if (!lengths.empty()) {
    const auto digits = lengths.front();
    must(!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos,
         "a length is a number");
    must(std::strtoull(std::string(digits).c_str(), nullptr, 10) == message.size(),
         "a request ends where its length says");
    must(message == body, "a body is what was sent");
  } else {
    must(message.empty() && body.empty(), "without a length there is no body");
  }
}

/// Each request as a text, and how the reading ended.
std::vector<std::string> read(std::string_view bytes, std::size_t chunk) {
  std::vector<std::string> all;
  auto reader = std::make_unique<host::request_reader>(max_head_bytes);
  std::string head;
  std::string in;
  std::string_view message = bytes;  // and all bytes after it
  while (!bytes.empty()) {
    in += bytes.substr(0, chunk);
    bytes.remove_prefix(std::min(chunk, bytes.size()));
    for (bool wants_more = false; !wants_more;) {
      switch (reader->read(in)) {
        case outcome::need_more: wants_more = true; break;
        case outcome::head:
          head = describe(reader->head());
          if (const auto length = reader->content_length()) {
            must(reader->has_body() == (*length != 0), "a length of 0 is no body");
            if (*length > max_body_bytes) {
              all.push_back(head + "\n\ntoo much");
              return all;
            }
          }
          break;
        case outcome::done: {
          const std::size_t rest = in.size() + bytes.size();
          must_read_as(message.substr(0, message.size() - rest), reader->body());
          message.remove_prefix(message.size() - rest);
          all.push_back(head + "\n\n" + reader->body());
          reader = std::make_unique<host::request_reader>(max_head_bytes);
          wants_more = in.empty();
          break;
        }
        case outcome::refused:
          must(reader->refusal() >= 400, "there is an answer to what is refused");
          all.push_back(refused + std::to_string(reader->refusal()));
          return all;
      }
    }
  }
  return all;
}

/// Whether both read the same requests. An error may be noticed before or after the end of a line,
/// so a failure may be missing or differ.
bool is_same(std::vector<std::string> a, std::vector<std::string> b) {
  for (auto* each : {&a, &b}) {
    if (!each->empty() && each->back().starts_with(refused)) each->pop_back();
  }
  return a == b;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const auto whole = read(bytes, bytes.size() + 1);
  must(is_same(read(bytes, 1), whole), "byte by byte the same is read");
  must(is_same(read(bytes, data[0] + 1u), whole), "in pieces the same is read");
  return 0;
}
