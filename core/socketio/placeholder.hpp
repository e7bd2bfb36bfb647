#pragma once

#include "base/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Binary attachments of Socket.IO packets. The JSON has a placeholder such as
/// `{"_placeholder":true,"num":0}` for each attachment, and the attachments follow as messages.
namespace downbeat::socketio {

/// A placeholder is an object whose member `_placeholder` is `true`, whatever its other members
/// are.
struct placeholder {
  std::size_t offset;  ///< in the text
  std::size_t length;
  std::uint64_t num;  ///< index of its attachment

  friend bool operator==(const placeholder&, const placeholder&) = default;
};

/// The placeholders in checked, compact JSON, in text order. Nothing if one has an invalid `num`,
/// which must be an integer in plain digits. The inside of placeholders is not searched.
std::optional<std::vector<placeholder>> find_placeholders(std::string_view text);

/// Whether each placeholder in checked, compact JSON has the number of an attachment.
bool has_proper_placeholders(std::string_view json, std::size_t attachments);

/// JSON for a new packet, with its attachments.
struct payload {
  std::string json;
  std::vector<frame> attachments;
};

/// Makes a slice of a packet's checked, compact JSON into a payload of its own. Its placeholders
/// are numbered from 0 in text order and written in the usual form. Each gets its own attachment,
/// even if two had the same number. Nothing if a placeholder has an invalid number.
///
/// A short text can name one attachment many times. A caller that sends the payload must limit
/// their number.
std::optional<payload> extract(std::string_view slice, const std::vector<frame>& attachments);

}  // namespace downbeat::socketio
