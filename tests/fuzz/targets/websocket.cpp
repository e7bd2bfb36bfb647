// The frames of a WebSocket. The first byte says how the rest is split; the result must not depend
// on that.

#include "fuzz/fuzz.hpp"
#include "text/utf8.hpp"
#include "websocket/close_payload.hpp"
#include "websocket/frame_reader.hpp"
#include "websocket/frame_writer.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

using namespace downbeat;
using fuzz::must;
using kind = host::frame_event::kind;

namespace {

constexpr std::uint64_t limit = 300;

struct seen {
  kind what;
  std::uint16_t code;
  std::string data;

  friend bool operator==(const seen&, const seen&) = default;
};

void check(const host::frame_event& event) {
  must(event.data.size() <= limit, "no message passes the limit");
  const bool is_control =
      event.what == kind::ping || event.what == kind::pong || event.what == kind::close;
  if (is_control) must(event.data.size() <= 125, "a control frame is short");
  if (event.what == kind::close && event.code != 1005) {
    must(host::is_valid_close_code(event.code), "a close code may be sent");
  }
}

std::vector<seen> read(std::string_view bytes, std::size_t chunk) {
  host::frame_reader reader;
  std::vector<seen> all;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, chunk);
    bytes.remove_prefix(piece.size());
    // A buffer of exactly this size, so that a sanitizer notices reads past it.
    const auto copy = std::make_unique<char[]>(piece.size());
    std::copy(piece.begin(), piece.end(), copy.get());
    std::span<char> rest(copy.get(), piece.size());
    for (;;) {
      const host::frame_event event = reader.next(rest, limit);
      if (event.what == kind::need_more) {
        must(rest.empty(), "who needs more has consumed everything");
        break;
      }
      check(event);
      all.push_back({event.what, event.code, std::string(event.data)});
      if (event.what == kind::broken || event.what == kind::too_large) return all;
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const std::vector<seen> whole = read(bytes, bytes.size() + 1);
  must(read(bytes, 1) == whole, "byte by byte the same is read");
  must(read(bytes, data[0] + 1u) == whole, "in pieces the same is read");

  std::string written;
  host::append_frame(written, host::opcode::binary, bytes);
  must(written.size() == host::framed_size(bytes.size()), "a frame has the size that was said");
  must(std::string_view(written).substr(written.size() - bytes.size()) == bytes,
       "a frame ends with what it carries");
  return 0;
}
