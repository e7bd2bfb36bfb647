#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// Who sent an event, as how-manieth, and when.
struct stamp {
  std::uint32_t sender;
  std::uint32_t sequence;
  std::int64_t at_ns;
};

/// The `session:event` that is played, always of the same length: its numbers have leading zeros
/// and stand in strings, so that they are found where they were put, without parsing.
///
///     42["session:event",{"type":"note","data":{"from":"00017","seq":"00000042",
///         "at":"000012345678901","pad":"…"}}]
///
/// With the header and mask of its frame it is 146 bytes on the wire.
class event_text {
 public:
  event_text();

  /// The text with these numbers; valid until the next call.
  std::string_view write(const stamp& numbers);

  /// What a listener received: the numbers, if it is what a server should have made of the event,
  /// whose author is then `user_id`. Every other byte is compared.
  struct delivery {
    stamp numbers;
    std::string_view user_id;
  };
  [[nodiscard]] std::optional<delivery> read(std::string_view received) const;

 private:
  std::string text_;
};

}  // namespace downbeat::bench
