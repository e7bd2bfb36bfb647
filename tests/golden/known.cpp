#include "golden/known.hpp"

#include "engineio/payload.hpp"
#include "golden/lines.hpp"
#include "text/query.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace downbeat::golden {
namespace {

/// The value of a string member somewhere in a text, as it is written there.
std::string_view member_of(std::string_view text, std::string_view key) {
  const std::string name = '"' + std::string(key) + "\":\"";
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find('"'));
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string bare(std::string text) {
  text.erase(text.find('-'), 1);
  return text;
}

}  // namespace

void known::note(const input::any& input) {
  if (const auto* websocket = std::get_if<input::websocket_requested>(&input)) {
    note_speaker(websocket->transport, websocket->head.query);
  } else if (const auto* request = std::get_if<input::request_received>(&input)) {
    note_speaker(request->request, request->head.query);
  }
}

void known::note_speaker(std::uint64_t number, std::string_view query) {
  const query_parameters parameters = parse_query(query);
  const std::string_view sid = downbeat::value_of(parameters, "sid");
  speaker_[number] = number;
  if (sid.empty()) return;
  for (const auto& [handshake, known_peer] : peers_) {
    if (known_peer.sid == sid) speaker_[number] = handshake;
  }
}

void known::note(const output::any& output) {
  if (const auto* send = std::get_if<output::send_frame>(&output)) {
    if (!send->data.is_binary()) hear(send->transport, send->data.bytes());
  } else if (const auto* respond = std::get_if<output::respond>(&output)) {
    for (const std::string_view packet : engineio::split_payload(respond->body)) {
      hear(respond->request, packet);
    }
  }
}

void known::hear(std::uint64_t number, std::string_view packet) {
  peer& who = peers_[speaker_.at(number)];
  if (packet.substr(0, 2) == "0{") who.sid = member_of(packet, "sid");
  if (packet.substr(0, 3) == "40{") {
    who.id = member_of(packet, "sid");
    who.pid = member_of(packet, "pid");
  }
  if (const auto room = member_of(packet, "roomCode"); !room.empty()) who.room = room;
}

std::variant<std::string, known::missing> known::expand(std::string_view text) const {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = text.find('{');
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) return result;
    text.remove_prefix(begin);
    const std::size_t end = text.find('}');
    const std::string_view reference = text.substr(1, end - 1);
    bool is_reference = false;
    for (const std::string_view kind : {"sid ", "id ", "pid ", "room "}) {
      is_reference = is_reference ||
                     (end != std::string_view::npos && reference.substr(0, kind.size()) == kind);
    }
    if (!is_reference) {
      result += '{';
      text.remove_prefix(1);
      continue;
    }
    const auto value = value_of(reference);
    if (!value) return missing{std::string(reference)};
    result += *value;
    text.remove_prefix(end + 1);
  }
  return result;
}

std::optional<std::string> known::value_of(std::string_view reference) const {
  const std::string_view kind = take_word(reference);
  const std::string_view word = take_word(reference);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  const auto found = peers_.find(number);
  if (found == peers_.end()) return std::nullopt;

  const peer& who = found->second;
  std::string value = kind == "sid" ? who.sid : kind == "id" ? who.id : who.room;
  if (kind == "pid") value = who.pid;
  if (value.empty()) return std::nullopt;
  if (reference.empty()) return value;
  if (kind != "room") return std::nullopt;
  if (reference == "lower") return lower(std::move(value));
  if (reference == "bare") return bare(std::move(value));
  return std::nullopt;
}

}  // namespace downbeat::golden
