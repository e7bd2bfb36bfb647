// Socket.IO: a packet, its placeholders and its attachments.

#include "base/frame.hpp"
#include "fuzz/fuzz.hpp"
#include "json/text.hpp"
#include "socketio/packet.hpp"
#include "socketio/placeholder.hpp"
#include "text/utf8.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <variant>
#include <vector>

using namespace downbeat;
using fuzz::must;
using tree = nlohmann::json;

namespace {

constexpr std::size_t max_attachments = 5;

std::optional<socketio::packet> read(std::string_view text, std::string& scratch) {
  auto parsed = socketio::parse(text, max_attachments, scratch);
  if (auto* packet = std::get_if<socketio::packet>(&parsed)) return *packet;
  must(!std::get<socketio::parse_error>(parsed).what.empty(), "a refusal has a reason");
  return std::nullopt;
}

bool is_number(const tree& num, std::uint64_t value) {
  return num.is_number_integer() && num == value;
}

/// Counts how often each placeholder number occurs in a tree.
void count(const tree& value, std::map<std::uint64_t, int>& into) {
  if (value.is_object() && value.contains("_placeholder") && value["_placeholder"] == true) {
    for (std::uint64_t num = 0; num != max_attachments; ++num) {
      if (value.contains("num") && is_number(value["num"], num)) ++into[num];
    }
    return;
  }
  if (!value.is_structured()) return;
  for (const tree& part : value) count(part, into);
}

void check_placeholders(std::string_view json) {
  const auto found = socketio::find_placeholders(json);
  if (!found) return;
  std::map<std::uint64_t, int> counted;
  std::size_t end = 0;
  for (const socketio::placeholder& each : *found) {
    must(each.offset >= end && each.length >= 2 && each.offset + each.length <= json.size(),
         "placeholders stand behind each other");
    end = each.offset + each.length;
    const std::string_view slice = json.substr(each.offset, each.length);
    must(json::check(slice) && json::kind_of(slice) == json::kind::object,
         "a placeholder is an object");
    must(json::member(slice, "_placeholder") == "true", "a placeholder says that it is one");
    ++counted[each.num];
  }
  // Of duplicate keys the tree has only the last, and so it may have fewer.
  if (const tree whole = tree::parse(json, nullptr, false); !whole.is_discarded()) {
    std::map<std::uint64_t, int> expected;
    count(whole, expected);
    for (const auto& [num, times] : expected) {
      must(counted[num] >= times, "every placeholder of the tree is found");
    }
  }

  std::vector<frame> attachments;
  for (std::size_t i = 0; i != max_attachments; ++i) {
    attachments.push_back(frame::binary(std::string(1, static_cast<char>('a' + i))));
  }
  const auto extracted = socketio::extract(json, attachments);
  if (!extracted) {
    bool has_stranger = false;
    for (const auto& each : *found) has_stranger = has_stranger || each.num >= max_attachments;
    return must(has_stranger, "only a placeholder without an attachment stops the rest");
  }
  const auto again = socketio::find_placeholders(extracted->json);
  must(json::check(extracted->json).has_value(), "what is extracted is JSON");
  must(again && again->size() == found->size() && extracted->attachments.size() == found->size(),
       "each placeholder gets an attachment");
  for (std::size_t i = 0; i != again->size(); ++i) {
    must((*again)[i].num == i, "placeholders are numbered anew");
    must(extracted->attachments[i] == attachments[static_cast<std::size_t>((*found)[i].num)],
         "each placeholder gets its own attachment");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (!utf8::is_valid(text)) return 0;
  std::string scratch;
  const auto packet = read(text, scratch);
  if (!packet) return 0;

  must(packet->attachments <= max_attachments, "there are not too many attachments");
  const std::string written = socketio::encode(*packet);
  std::string other_scratch;
  const auto again = read(written, other_scratch);
  must(again.has_value(), "what is written can be read");
  must(again->type == packet->type && again->nsp == packet->nsp && again->id == packet->id &&
           again->json == packet->json && again->attachments == packet->attachments &&
           again->depth == packet->depth,
       "what is written reads the same");
  if (!packet->json.empty()) check_placeholders(packet->json);
  return 0;
}
