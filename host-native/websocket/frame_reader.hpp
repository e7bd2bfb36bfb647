#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace downbeat::host {

/// What the bytes of a WebSocket amount to.
struct frame_event {
  enum class kind : std::uint8_t {
    need_more,  ///< every byte is consumed, and nothing is complete
    text,       ///< a whole text message; its UTF-8 is not checked
    binary,     ///< a whole binary message
    ping,       ///< wants a pong with the same data
    pong,
    close,      ///< the peer says good-bye with `code`, 1005 if it gave none
    too_large,  ///< a message passes the limit; feed no more
    broken,     ///< the peer broke a rule: close with `code` and feed no more
  };

  kind what;
  std::uint16_t code = 0;
  std::string_view data = {};  ///< borrowed until the next call
};

/// Takes the frames of RFC 6455 that a client sends out of a stream of bytes, without any I/O.
///
/// Between two messages it is one null pointer: only what is partial is kept.
class frame_reader {
 public:
  frame_reader();
  frame_reader(frame_reader&&) noexcept;
  frame_reader& operator=(frame_reader&&) noexcept;
  ~frame_reader();

  /// Consumes bytes from the front of `in`, which are unmasked in place, up to the end of one
  /// event. Call it until it needs more.
  frame_event next(std::span<char>& in, std::uint64_t max_message_bytes);

 private:
  struct header;
  struct partial;

  std::optional<frame_event> take_frame(std::span<char>& in, std::uint64_t max_message_bytes);
  std::optional<frame_event> take_payload(std::span<char>& in);
  frame_event finish_control(const header& head, std::string_view data);
  partial& keep();

  std::unique_ptr<partial> partial_;
};

}  // namespace downbeat::host
