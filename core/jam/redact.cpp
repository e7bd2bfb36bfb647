#include "jam/redact.hpp"

#include "engineio/payload.hpp"
#include "entropy.hpp"
#include "jam/options.hpp"
#include "json/text.hpp"
#include "session/room_key.hpp"
#include "socketio/packet.hpp"
#include "text/base64.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"
#include "trace/blank.hpp"
#include "trace/lines.hpp"
#include "trace/player.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace downbeat::jam {
namespace {

using trace::unreadable;

constexpr std::array<std::string_view, 7> known_keys = {
    "roomCode", "name", "instrument", "type", "data", "_placeholder", "num",
};
constexpr std::array<std::string_view, 5> known_events = {
    "\"session:create\"", "\"session:join\"",  "\"session:leave\"",
    "\"session:update\"", "\"session:event\"",
};

template <class Table>
bool holds(const Table& table, std::string_view what) {
  return std::find(table.begin(), table.end(), what) != table.end();
}

/// What stands between `before` and the next backslash or quote, each time, in a step's orders.
std::vector<std::string> find_all(std::string_view orders, std::string_view before) {
  std::vector<std::string> found;
  for (std::size_t at = orders.find(before); at != orders.npos; at = orders.find(before, at)) {
    at += before.size();
    found.emplace_back(orders.substr(at, orders.find_first_of("\\\"", at) - at));
  }
  return found;
}

/// Tells a trace again. Two engines run side by side, one with the old facts and one with the new,
/// and what they draw differently shows which new word stands for which old one.
class redactor {
 public:
  redactor(const jam::options& options, std::uint64_t seed)
      : old_(options), new_(options), random_(seed) {}

  std::variant<std::string, unreadable> tell(std::string_view line) {
    auto read = trace::read_fact(line);
    if (auto* why = std::get_if<unreadable>(&read)) return std::move(*why);
    auto& fact = std::get<trace::recorded_fact>(read);
    auto before = old_.step(line);
    if (auto* why = std::get_if<unreadable>(&before)) return std::move(*why);

    texts_.clear();
    std::visit([this](auto& f) { hide(f); }, fact.fact);
    std::string told = trace::write_fact(fact.now, fact.fact);
    auto after = new_.step(told);
    learn(std::get<std::string>(before), std::get<std::string>(after));
    return told + '\n' + std::get<std::string>(after) + '\n';
  }

 private:
  void hide(input::websocket_requested& f) {
    hide(f.head);
    f.fresh = draw();
  }
  void hide(input::request_received& f) {
    hide(f.head);
    f.fresh = draw();
  }
  void hide(input::frame_received& f) {
    f.data = keep(f.is_binary ? std::string(f.data.size(), '\0') : hide_packet(f.data));
  }
  void hide(input::body_received& f) {
    std::string body;
    for (const std::string_view part : engineio::split_payload(f.body)) {
      if (!body.empty() || part.data() != f.body.data()) body += engineio::record_separator;
      body += hide_packet(part);
    }
    f.body = keep(std::move(body));
  }
  template <class Other>
  void hide(Other&) {}

  void hide(request_head& head) {
    std::string query;
    for (const auto& [name, value] : parse_query(head.query)) {
      if (name != "EIO" && name != "transport" && name != "sid" && name != "b64") continue;
      query += query.empty() ? "" : "&";
      query += name + '=' + (name == "sid" ? word_for(sids_, value) : blank_setting(value));
    }
    head.query = keep(std::move(query));
    head.origin = head.origin.empty() ? "" : "http://origin.example";
    if (head.content_type != "application/octet-stream") head.content_type = "text/plain";
    if (head.remote_address.empty()) return;
    const auto [at, is_new] = addresses_.try_emplace(std::string(head.remote_address));
    if (is_new) at->second = "192.0.2." + std::to_string(1 + (addresses_.size() - 1) % 254);
    head.remote_address = at->second;
  }

  /// `polling`, `websocket` and single digits say nothing about anybody.
  static std::string blank_setting(const std::string& value) {
    if (value == "polling" || value == "websocket" || value.size() == 1) return value;
    return utf8::is_valid(value) ? std::string(value.size(), 'x') : std::string("x");
  }

  std::string hide_packet(std::string_view text) {
    if (!utf8::is_valid(text)) return "\xff";
    if (text.size() <= 1 || text == "2probe") return std::string(text);
    if (text.front() == 'b') {
      const auto bytes = base64::decode(text.substr(1));
      return bytes ? 'b' + base64::encode(std::string(bytes->size(), '\0')) : std::string("b!");
    }
    const std::string kind(text.substr(0, 1));
    if (kind != "4") return kind + trace::blank_text(text.substr(1));
    std::string scratch;
    const auto parsed = socketio::parse(text.substr(1), most_attachments, scratch);
    if (const auto* packet = std::get_if<socketio::packet>(&parsed)) return hide_message(*packet);
    // It is refused for its shape, which stays.
    return std::string(text.substr(0, 2)) + trace::blank_text(text.substr(2));
  }

  std::string hide_message(socketio::packet packet) {
    const std::string nsp = packet.nsp == "/" ? "/" : '/' + trace::blank_text(packet.nsp.substr(1));
    const std::string json = trace::blank_json(
        packet.json, {[](std::string_view key) { return holds(known_keys, key); },
                      [this](std::string_view key, std::string_view literal) {
                        if (holds(known_events, literal)) return std::string(literal);
                        return key == "roomCode" ? hide_code(literal) : std::string();
                      }});
    packet.nsp = nsp;
    packet.json = json;
    return '4' + socketio::encode(packet);
  }

  std::string hide_code(std::string_view literal) {
    const auto text = json::decode_string(literal);
    const auto key = text ? session::fold(*text) : std::nullopt;
    const auto found = key ? rooms_.find(*key) : rooms_.end();
    return found == rooms_.end() ? std::string() : json::quote(found->second);
  }

  void learn(std::string_view before, std::string_view after) {
    constexpr std::string_view sid = "\"0{\\\"sid\\\":\\\"";
    const auto old_sids = find_all(before, sid);
    const auto new_sids = find_all(after, sid);
    for (std::size_t i = 0; i < old_sids.size() && i < new_sids.size(); ++i) {
      sids_[old_sids[i]] = new_sids[i];
    }
    constexpr std::string_view room = "{\"what\":\"session created\",\"room\":\"";
    const auto old_rooms = find_all(before, room);
    const auto new_rooms = find_all(after, room);
    for (std::size_t i = 0; i < old_rooms.size() && i < new_rooms.size(); ++i) {
      if (const auto key = session::fold(old_rooms[i])) rooms_[*key] = new_rooms[i];
    }
  }

  /// Ids that nobody was given are replaced by one that nobody is given.
  static std::string word_for(const std::map<std::string, std::string>& words,
                              const std::string& old) {
    const auto found = words.find(old);
    return found == words.end() ? std::string(old.size(), 'x') : found->second;
  }

  std::string_view keep(std::string text) {
    texts_.push_back(std::make_unique<const std::string>(std::move(text)));
    return *texts_.back();
  }

  entropy draw() {
    entropy fresh;
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
    return fresh;
  }

  static constexpr std::size_t most_attachments = 1'000;

  trace::player old_;
  trace::player new_;
  splitmix64 random_;
  std::map<std::string, std::string> sids_;
  std::map<std::string, std::string> rooms_;
  std::map<std::string, std::string> addresses_;
  std::vector<std::unique_ptr<const std::string>> texts_;  ///< of the fact that is being told
};

}  // namespace

std::variant<std::string, unreadable> redact(std::string_view text, std::uint64_t seed) {
  const std::string_view header = trace::take_line(text);
  auto options = trace::read_header(header);
  if (auto* why = std::get_if<unreadable>(&options)) return unreadable{"line 1: " + why->why};
  redactor teller(std::get<jam::options>(options), seed);
  std::string told = trace::write_header(std::get<jam::options>(options)) + '\n';
  for (std::int64_t number = 2; !text.empty(); ++number) {
    const std::string_view line = trace::take_line(text);
    if (trace::is_remark(line) || trace::is_order(line)) continue;
    auto next = teller.tell(line);
    if (auto* why = std::get_if<unreadable>(&next)) {
      return unreadable{"line " + std::to_string(number) + ": " + why->why};
    }
    told += std::get<std::string>(next);
  }
  return told;
}

}  // namespace downbeat::jam
