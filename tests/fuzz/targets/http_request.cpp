// HTTP requests, one after the other on one connection. The first byte says how the rest is cut;
// however it is, the same comes of it as of the whole.

#include "fuzz/fuzz.hpp"
#include "http/request_reader.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace downbeat;
using fuzz::must;
using outcome = host::request_reader::outcome;

namespace {

constexpr std::uint32_t max_head_bytes = 1'000;
constexpr std::uint64_t max_body_bytes = 10'000;
constexpr std::string_view malformed = "malformed";
constexpr std::string_view too_large = "too large";

std::string describe(const host::request& head) {
  std::string out = std::to_string(static_cast<int>(head.method())) + ' ';
  out.append(head.path()).append(" ? ").append(head.query());
  for (const std::string_view name : {"Host", "Origin", "Upgrade", "Connection", "Content-Type",
                                      "X-Forwarded-For", "Sec-WebSocket-Key"}) {
    out.append("\n").append(name).append(" ").append(std::to_string(head.count(name)));
    out.append(" ").append(head.field(name));
  }
  return out + (head.is_http_1_1() ? "1" : "0") + (head.wants_keep_alive() ? "1" : "0");
}

/// Each request whole, as a text; and how it ended.
std::vector<std::string> read(std::string_view bytes, std::size_t chunk) {
  std::vector<std::string> all;
  auto reader = std::make_unique<host::request_reader>(max_head_bytes);
  std::string head;
  std::string in;
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
        case outcome::done:
          if (const auto length = reader->content_length()) {
            must(reader->body().size() == *length, "a body is as long as was said");
          }
          all.push_back(head + "\n\n" + reader->body());
          reader = std::make_unique<host::request_reader>(max_head_bytes);
          wants_more = in.empty();
          break;
        case outcome::malformed: all.emplace_back(malformed); return all;
        case outcome::head_too_large: all.emplace_back(too_large); return all;
      }
    }
  }
  return all;
}

/// Whether the same requests were read. What is wrong with a line may be noticed before or after
/// its end has come, and so a failure may be missing, or be another.
bool is_same(std::vector<std::string> a, std::vector<std::string> b) {
  for (auto* each : {&a, &b}) {
    if (!each->empty() && (each->back() == malformed || each->back() == too_large)) {
      each->pop_back();
    }
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
