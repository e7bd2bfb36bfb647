// The requests of clients, their names, and the codes that they type. The input is the part of the
// packet after the event's name.

#include "base/frame.hpp"
#include "fuzz/fuzz.hpp"
#include "jam/options.hpp"
#include "jam/request.hpp"
#include "json/text.hpp"
#include "session/canonical_code.hpp"
#include "session/text.hpp"
#include "socketio/packet.hpp"
#include "text/utf8.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

using namespace downbeat;
using fuzz::must;

namespace {

constexpr std::int64_t max_length = 32;

std::int64_t length_of(std::string_view text) {
  std::int64_t length = 0;
  for (; !text.empty(); ++length) utf8::next(text);
  return length;
}

void check_label(const std::string& text) {
  must(utf8::is_valid(text), "a name is UTF-8");
  const std::int64_t length = length_of(text);
  must(length >= 1 && length <= max_length, "a name has 1 to 32 characters");
  const auto again = session::normalize(text, max_length);
  must(std::holds_alternative<std::string>(again) && std::get<std::string>(again) == text,
       "what is normalized stays as it is");
  for (const char c : text) must(static_cast<unsigned char>(c) >= 0x20, "a name has no controls");
}

void check_code(std::string_view typed) {
  const auto key = session::canonicalize(typed);
  if (!key) return;
  must(!key->empty() && key->size() <= typed.size(), "a key has some of what was typed");
  for (const char c : *key) {
    must((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && c != 'O' && c != 'I' && c != 'L'),
         "a key has what nobody gets wrong");
  }
  must(session::canonicalize(*key) == *key, "a key is its own key");
}

/// The request, if it was one.
template <class Request>
const Request* accepted(const jam::read_result<Request>& result) {
  if (const auto* error = std::get_if<jam::invalid_payload>(&result)) {
    must(!error->message.empty() && utf8::is_valid(error->message), "a refusal has a reason");
    return nullptr;
  }
  return &std::get<Request>(result);
}

template <class Request>
void check_profile(const Request& as) {
  check_label(as.name);
  check_label(as.instrument);
}

void check_message(const socketio::message& message, const jam::options& limits) {
  const auto created = jam::read_request<jam::create_request>(message, limits);
  if (const auto* request = accepted(created)) check_profile(*request);
  const auto joined = jam::read_request<jam::join_request>(message, limits);
  if (const auto* request = accepted(joined)) {
    check_profile(*request);
    check_code(request->room_code);
  }
  const auto left = jam::read_request<jam::leave_request>(message, limits);
  if (const auto* request = accepted(left)) {
    must(!request->room_code.empty() && request->room_code.size() <= 64, "a code has a length");
  }
  const auto updated = jam::read_request<jam::update_request>(message, limits);
  if (const auto* request = accepted(updated)) {
    if (request->name) check_label(*request->name);
    if (request->instrument) check_label(*request->instrument);
  }
  const auto played = jam::read_request<jam::event_request>(message, limits);
  if (const auto* request = accepted(played)) {
    must(json::check(request->type) && json::kind_of(request->type) == json::kind::string,
         "a type is a string");
    must(!request->data || json::check(*request->data), "data is JSON");
    must(limits.max_event_bytes == 0 ||
             message.json.size() <= static_cast<std::size_t>(limits.max_event_bytes),
         "an event is not too large");
    must(message.depth - 1 <= limits.max_depth, "an event is not too deep");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_code(text);  // invalid UTF-8 must do no harm, either
  if (!utf8::is_valid(text)) return 0;
  if (const auto kept = session::normalize(text, max_length);
      const auto* normalize = std::get_if<std::string>(&kept)) {
    check_label(*normalize);
  }

  jam::options limits;
  limits.max_event_bytes = 200;
  limits.max_depth = 4;
  std::string scratch;
  const std::string packet = "2[\"x\"," + std::string(text) + "]";
  const auto parsed = socketio::parse(packet, 0, scratch);
  const auto* event = std::get_if<socketio::packet>(&parsed);
  if (event == nullptr) return 0;
  for (const std::size_t count : {0u, 1u}) {
    const std::vector<frame> attachments(count, frame::binary("\x01\x02"));
    check_message(
        {event->name, event->arguments, event->json, event->depth, attachments, std::nullopt},
        limits);
  }
  return 0;
}
