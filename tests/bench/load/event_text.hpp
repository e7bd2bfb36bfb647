#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// The sender of an event, its number, and the time of sending.
struct stamp {
  std::uint32_t sender;
  std::uint32_t sequence;
  std::int64_t at_ns;
};

/// The `session:event` that the load sends. Its length is constant: numbers have leading zeros and
/// are in strings, so that they are found at fixed positions, without parsing.
///
///     42["session:event",{"type":"note","data":{"from":"00017","seq":"00000042",
///         "at":"000012345678901","pad":"…"}}]
///
/// With the header and mask of its frame it is 146 bytes.
class event_text {
 public:
  event_text();

  /// The text with these numbers, valid until the next call.
  std::string_view write(const stamp& numbers);

  /// A received text, compared byte by byte with what the server must make of the event. `user_id`
  /// is the sender's.
  struct delivery {
    stamp numbers;
    std::string_view user_id;
  };
  [[nodiscard]] std::optional<delivery> read(std::string_view received) const;

 private:
  std::string text_;
};

}  // namespace downbeat::bench
