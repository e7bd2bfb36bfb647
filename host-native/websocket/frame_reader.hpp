#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace downbeat::host {

/// What `frame_reader` found in the received bytes.
struct frame_event {
  enum class kind : std::uint8_t {
    need_more,  ///< all bytes are consumed, and no event is complete
    fragment,   ///< a part of a message, not the last; may be empty
    text,       ///< a whole text message; its UTF-8 has not been checked
    binary,     ///< a whole binary message
    ping,       ///< must be answered with a pong with the same data
    pong,
    close,      ///< a close frame with `code`; 1005 if it has none
    too_large,  ///< a message exceeds the limit; do not call again
    broken,     ///< a protocol error: close with `code` and do not call again
  };

  kind what;
  std::uint16_t code = 0;
  std::string_view data = {};  ///< valid until the next call
};

/// Decodes the frames that a client sends (RFC 6455, 5) from a stream of bytes, without any I/O.
///
/// Keeps only partial frames and messages: between two messages it is one null pointer.
class frame_reader {
 public:
  frame_reader();
  frame_reader(frame_reader&&) noexcept;
  frame_reader& operator=(frame_reader&&) noexcept;
  ~frame_reader();

  /// Consumes bytes from the front of `in`, and unmasks them in place, up to the end of one event.
  /// Call it until it returns `need_more`.
  frame_event next(std::span<char>& in, std::uint64_t max_message_bytes);

 private:
  struct header;
  struct partial;

  frame_event take_payload(std::span<char>& in);
  frame_event finish_control(const header& head, std::string_view data);
  partial& keep();

  std::unique_ptr<partial> partial_;
};

}  // namespace downbeat::host
