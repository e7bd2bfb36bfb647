#include "socketio/placeholder.hpp"

#include "json/scan.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <limits>

namespace downbeat::socketio {
namespace {

/// Marks a `num` that is missing or invalid. No attachment has this number.
constexpr std::uint64_t improper = std::numeric_limits<std::uint64_t>::max();

/// An object that has not been closed yet.
struct open_object {
  std::size_t offset;
  std::size_t found_before;  ///< number of placeholders found before it
  std::uint64_t num = improper;
  bool is_placeholder = false;
};

/// The integer in plain digits at `at`, or `improper`.
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

/// Looks at a member whose value begins at `at`. The last of duplicate keys counts.
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
  // A string before a colon can only be in an object, so arrays need not be tracked.
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
        // Its end shows that the object is a placeholder: drop the placeholders found inside.
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

bool has_proper_placeholders(std::string_view json, std::size_t attachments) {
  const auto placeholders = find_placeholders(json);
  return placeholders && std::all_of(placeholders->begin(), placeholders->end(),
                                     [&](const placeholder& p) { return p.num < attachments; });
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
