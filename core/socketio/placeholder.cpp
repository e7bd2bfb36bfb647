#include "socketio/placeholder.hpp"

#include "json/scan.hpp"
#include "json/text.hpp"

#include <limits>

namespace downbeat::socketio {
namespace {

/// Stands for a `num` that is missing or wrong. No attachment has so large a number.
constexpr std::uint64_t improper = std::numeric_limits<std::uint64_t>::max();

/// An object that is still open.
struct open_object {
  std::size_t offset;
  std::size_t found_before;  ///< how many placeholders had been found when it began
  std::uint64_t num = improper;
  bool is_placeholder = false;
};

/// The number that begins at `at`, if it is an integer in plain digits, or else `improper`.
std::uint64_t read_num(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  std::uint64_t num = 0;
  for (; at != text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    const auto digit = static_cast<std::uint64_t>(text[at] - '0');
    if (num > (improper - digit) / 10) return improper;
    num = num * 10 + digit;
  }
  const bool ends = at != text.size() && (text[at] == ',' || text[at] == '}');
  return at != begin && ends ? num : improper;
}

/// Takes note of a member whose value begins at `at`. Of doubled keys the last one counts.
void note_member(open_object& object, std::string_view text, std::string_view key, std::size_t at) {
  if (json::spells(key, "_placeholder")) {
    object.is_placeholder = text.substr(at, 4) == "true";
  } else if (json::spells(key, "num")) {
    object.num = read_num(text, at);
  }
}

}  // namespace

std::optional<std::vector<placeholder>> find_placeholders(std::string_view text) {
  std::vector<placeholder> found;
  // Arrays need no place here: only in an object is a string followed by a colon.
  std::vector<open_object> open;
  for (std::size_t at = 0; (at = json::find_structure(text, at)) != text.size();) {
    switch (text[at]) {
      case '"': {
        const std::size_t end = json::end_of_string(text, at);
        if (end != text.size() && text[end] == ':' && !open.empty()) {
          note_member(open.back(), text, text.substr(at, end - at), end + 1);
        }
        at = end;
        break;
      }
      case '{':
        open.push_back({at, found.size()});
        ++at;
        break;
      case '}': {
        ++at;
        if (open.empty()) break;
        const open_object object = open.back();
        open.pop_back();
        if (!object.is_placeholder) break;
        // Only now is it known that what is inside was not to be looked at.
        found.resize(object.found_before);
        found.push_back({object.offset, at - object.offset, object.num});
        break;
      }
      default: ++at;
    }
  }
  for (const placeholder& each : found) {
    if (each.num == improper) return std::nullopt;
  }
  return found;
}

std::optional<payload> extract(std::string_view slice, const std::vector<frame>& attachments) {
  const auto placeholders = find_placeholders(slice);
  if (!placeholders) return std::nullopt;

  payload out;
  out.json.reserve(slice.size());
  out.attachments.reserve(placeholders->size());
  std::size_t copied = 0;
  for (const placeholder& each : *placeholders) {
    if (each.num >= attachments.size()) return std::nullopt;
    out.json.append(slice, copied, each.offset - copied);
    out.json.append("{\"_placeholder\":true,\"num\":");
    out.json.append(std::to_string(out.attachments.size()));
    out.json += '}';
    out.attachments.push_back(attachments[static_cast<std::size_t>(each.num)]);
    copied = each.offset + each.length;
  }
  out.json.append(slice, copied, std::string_view::npos);
  return out;
}

}  // namespace downbeat::socketio
