#pragma once

#include "frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Binary attachments in a Socket.IO packet: the JSON has a placeholder such as
/// `{"_placeholder":true,"num":0}` where each belongs, and the attachments follow as messages.
namespace downbeat::socketio {

/// An object whose member `_placeholder` is `true`, whatever else it has.
struct placeholder {
  std::size_t offset;  ///< in the text
  std::size_t length;
  std::uint64_t num;  ///< which attachment it stands for

  friend bool operator==(const placeholder&, const placeholder&) = default;
};

/// The placeholders in checked, compact JSON, in text order, or nothing if one has no proper `num`:
/// an integer in plain digits. What is inside of a placeholder is not looked at.
std::optional<std::vector<placeholder>> find_placeholders(std::string_view text);

/// JSON that can stand in a packet of its own, with the attachments that it names.
struct payload {
  std::string json;
  std::vector<frame> attachments;
};

/// A slice of a packet's checked, compact JSON as a payload of its own: its placeholders are
/// numbered from 0 in text order and written canonically, and each has its own attachment, even
/// where two named the same. Nothing if a placeholder names none of the attachments.
///
/// A short text can name one attachment many times: whoever sends a payload on limits their number.
std::optional<payload> extract(std::string_view slice, const std::vector<frame>& attachments);

}  // namespace downbeat::socketio
