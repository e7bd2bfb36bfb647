#include "replay/redact.hpp"

#include "base/entropy.hpp"
#include "engineio/payload.hpp"
#include "jam/event_table.hpp"
#include "jam/options.hpp"
#include "jam/request.hpp"
#include "jam/settings.hpp"
#include "json/bytes.hpp"
#include "json/object_reader.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "migration.hpp"
#include "node.hpp"
#include "operations/request.hpp"
#include "replay/header.hpp"
#include "replay/player.hpp"
#include "session/canonical_code.hpp"
#include "session/event.hpp"
#include "session/event_text.hpp"
#include "session/participant.hpp"
#include "socketio/packet.hpp"
#include "text/base64.hpp"
#include "text/hex.hpp"
#include "text/query.hpp"
#include "text/sha256.hpp"
#include "text/utf8.hpp"
#include "trace/blank.hpp"
#include "trace/lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::replay {
namespace {

using trace::unreadable;

constexpr auto event_names = jam::event_names(jam::client_requests());
constexpr auto field_names = jam::field_names(jam::client_requests());

/// Members of packets that no row of the table names.
constexpr std::array<std::string_view, 7> kept_keys = {
    "_placeholder", "num", "pid", "offset", "resume", "resumeToken", "recovery"};

template <class Table>
bool holds(const Table& table, std::string_view what) {
  return std::find(table.begin(), table.end(), what) != table.end();
}

bool is_known_key(std::string_view key) {
  if (holds(kept_keys, key)) return true;
  return std::any_of(field_names.begin(), field_names.end(),
                     [&](const jam::field_name& one) { return one.name == key; });
}

bool is_room_code(std::string_view key) {
  return std::any_of(field_names.begin(), field_names.end(), [&](const jam::field_name& one) {
    return one.name == key && one.kind == jam::field_kind::room_code;
  });
}

bool is_event_name(std::string_view literal) {
  const std::string_view text = literal.substr(1, literal.size() - 2);
  return std::find(event_names.begin(), event_names.end(), text) != event_names.end();
}

/// Members of messages between shards that contain nothing personal.
constexpr std::array<std::string_view, 6> kept_texts = {"message", "outcome", "pending",
                                                        "failed",  "reason",  "answer"};

/// Every text between `before` and the next backslash or quote in the outputs of a step.
std::vector<std::string> find_all(std::string_view outputs, std::string_view before) {
  std::vector<std::string> found;
  for (std::size_t at = outputs.find(before); at != outputs.npos; at = outputs.find(before, at)) {
    at += before.size();
    found.emplace_back(outputs.substr(at, outputs.find_first_of("\\\"", at) - at));
  }
  return found;
}

/// Rewrites a trace. Two engines run side by side, one with the old inputs and one with the new
/// ones. Comparing what they draw shows which new id or code replaces which old one.
class redactor {
 public:
  redactor(const header& of, splitmix64& random)
      : here_(of.here), old_(of.options, of.here), new_(of.options, of.here), random_(random) {}

  std::variant<std::string, unreadable> rewrite(std::string_view line) {
    auto read = trace::read_input(line);
    if (auto* why = std::get_if<unreadable>(&read)) return std::move(*why);
    auto& input = std::get<trace::recorded_input>(read);
    auto before = old_.step(line);
    if (auto* why = std::get_if<unreadable>(&before)) return std::move(*why);

    texts_.clear();
    std::visit([this](auto& f) { hide(f); }, input.input);
    std::string rewritten = trace::write_input(input.now, input.input);
    auto after = new_.step(rewritten);
    if (auto* why = std::get_if<unreadable>(&after)) return std::move(*why);
    learn(std::get<std::string>(before), std::get<std::string>(after));
    return rewritten + '\n' + std::get<std::string>(after) + '\n';
  }

 private:
  void hide(input::websocket_requested& f) {
    hide(f.head);
    f.fresh = draw_for(f.fresh);
  }
  void hide(input::request_received& f) {
    hide(f.head);
    f.fresh = draw_for(f.fresh);
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
  void hide(input::shard_message_received& f) { f.text = keep(hide_json(f.text)); }
  void hide(input::connection_moved_in& f) {
    f.what->state = std::make_unique<written_state>(hide_json(f.what->state->write()));
  }
  void hide(input::clock& f) { hide_wall(f.wall_ms); }
  void hide(input::query& f) {
    auto read = operations::read_query(f.json);
    auto* const what = std::get_if<operations::query>(&read);
    if (what == nullptr) return hide_request(f.json);
    what->room_code = hide_room(what->room_code);
    if (what->what == "participants") {
      if (!what->after.empty()) what->after = participant_for(what->after);
    } else if (what->after.find_first_not_of("0123456789") != std::string::npos) {
      what->after = trace::blank_text(what->after);  // not a cursor; the query fails either way
    }
    f.json = keep(operations::write(*what));
  }
  void hide(input::operator_command& f) {
    auto read = operations::read_command(f.json);
    auto* const what = std::get_if<operations::command>(&read);
    if (what == nullptr) return hide_request(f.json);
    what->room_code = hide_room(what->room_code);
    if (!what->participant_id.empty()) what->participant_id = participant_for(what->participant_id);
    f.json = keep(operations::write(*what));
  }
  void hide(input::append_answered& f) {
    if (!f.events.empty()) hide_events(f.events);
  }
  void hide(input::room_appended& f) {
    f.room = keep(hide_room(std::string(f.room)));
    hide_events(f.events);
  }
  void hide(input::room_replaced& f) {
    f.room = keep(hide_room(std::string(f.room)));
    if (!f.snapshot.empty()) hide_snapshot(f.snapshot);
  }
  /// Nobody gets what a node has relayed, since the receiver does not find its participant.
  void hide(input::relay_received& f) { f.message = keep(std::string(f.message.size(), '\0')); }
  void hide_events(std::string_view& text) {
    auto events = session::read_events(text);
    if (!events) return hide_request(text);
    for (session::any_event& event : *events) {
      std::visit(
          [this](auto& what) {
            const std::string code = hide_room(what.room);
            // A code that no user can type would not be readable again.
            if (session::canonicalize(code)) what.room = code;
            hide_members(what);
          },
          event);
    }
    text = keep(session::write_events(*events));
  }
  void hide(input::room_restored& f) { hide_snapshot(f.snapshot); }
  void hide_snapshot(std::string_view& text) {
    std::optional<session::room> room = session::read_snapshot(text);
    // The player has checked it, unless another node has written it.
    if (!room) return hide_request(text);
    const std::string code = draw_code(room->code, here_.index);
    if (!code.empty()) rooms_[*session::canonicalize(room->code)] = code;
    room->code = code.empty() ? room->code : code;
    const std::string host = room->host_id.str();
    for (session::participant& who : room->participants) {
      const std::string old = who.id.str();
      ids_.try_emplace(old, user_for(old));
      const auto pid_hash = hide_restored(who.pid_hash);
      const auto token_hash = hide_restored(who.token_hash);
      hide(who);
      who.pid_hash = pid_hash;
      who.token_hash = token_hash;
      hide_wall(who.away_since_wall_ms);
    }
    if (!host.empty()) hide(room->host_id);
    text = keep(session::write_snapshot(*room));
  }
  void hide(input::options_changed& f) {
    // Unknown members are dropped. Options that are refused stay refused, with another message.
    const auto read = jam::read_options(f.json);
    const auto* const options = std::get_if<jam::options>(&read);
    f.json = keep(options != nullptr ? jam::write_options(*options) : R"({"pingInterval":0})");
  }
  template <class Other>
  void hide(Other&) {}

  void hide_members(session::event::created& what) { hide(what.who); }
  void hide_members(session::event::joined& what) { hide(what.who); }
  void hide_members(session::event::updated& what) {
    hide(what.user);
    if (!what.request_id.empty()) what.request_id = request_for(what.request_id);
    what.name = trace::blank_text(what.name);
    what.instrument = trace::blank_text(what.instrument);
  }
  void hide_members(session::event::left& what) { hide(what.user); }
  void hide_members(session::event::lost& what) {
    hide(what.user);
    hide_wall(what.wall_ms);
  }
  void hide_members(session::event::back& what) { hide(what.user); }
  void hide_members(session::event::secrets_changed& what) {
    hide(what.user);
    what.pid_hash = nullptr;
    what.token_hash = nullptr;
  }
  void hide_members(session::event::gone& what) { hide(what.user); }
  void hide_members(session::event::host_changed& what) { hide(what.host); }
  void hide_members(session::event::closed&) {}

  void hide(session::participant& who) {
    hide(who.id);
    who.name = trace::blank_text(who.name);
    who.instrument = trace::blank_text(who.instrument);
    who.pid_hash = nullptr;
    who.token_hash = nullptr;
    if (!who.requests) return;
    session::carried_out_requests requests = *who.requests;
    for (session::carried_out_request& one : requests) one.id = request_for(one.id);
    who.requests = std::make_shared<const session::carried_out_requests>(std::move(requests));
  }

  /// Keeps time spans, but hides the date. 0 stands for no time.
  void hide_wall(std::int64_t& wall_ms) {
    if (wall_ms == 0) return;
    if (!first_wall_ms_) first_wall_ms_ = wall_ms;
    wall_ms = std::max<std::int64_t>(1, wall_ms - *first_wall_ms_ + redacted_wall_ms);
  }

  /// Draws another secret for one that was kept over a restart. Who shows the old one in the trace
  /// shows the new one in the redacted trace.
  std::shared_ptr<const sha256_digest> hide_restored(
      const std::shared_ptr<const sha256_digest>& hash) {
    if (!hash) return nullptr;
    const std::string old =
        hex::encode({reinterpret_cast<const char*>(hash->data()), hash->size()});
    const auto [at, is_new] = restored_secrets_.try_emplace(old);
    if (is_new) {
      std::string drawn(pid_length / 4 * 3, '\0');
      for (char& byte : drawn) byte = static_cast<char>(random_.next());
      at->second = base64::encode_url(drawn);
      pid_hashes_[old] = hash_text(at->second);
    }
    return std::make_shared<const sha256_digest>(sha256(at->second));
  }

  /// A participant of this server or of another process that writes to the same journal.
  void hide(session::participant_id& who) {
    const std::string old = who.str();
    const auto known = ids_.find(old);
    who = session::participant_id(known == ids_.end() ? user_for(old) : known->second);
  }

  /// Hides the texts in JSON from other shards: a known one gets its new name, others are blanked.
  std::string hide_json(std::string_view json, std::string_view key = {}) {
    const auto kind = json::kind_of(json);
    if (kind == json::kind::string) return hide_text(json, key);
    if (kind == json::kind::number && key == "draws") return std::to_string(random_.next());
    if (kind == json::kind::number && key == "seed") return std::to_string(random_.next());
    if (kind == json::kind::array) {
      json::array_writer items;
      for (const std::string_view item : json::items(json)) items.raw(hide_json(item, key));
      return items.done();
    }
    if (kind != json::kind::object) return std::string(json);
    if (const auto bytes = json::read_bytes(json)) return hide_bytes(*bytes);
    const auto binary = json::member(json, "binary");
    const bool is_binary = binary && *binary == "true";
    std::string hidden = "{";
    for (const auto& [name, value] : json::all_members(json)) {
      if (hidden.size() > 1) hidden += ',';
      hidden.append("\"").append(name).append("\":");
      // Binary data may look like text, so blank it as a whole.
      hidden += is_binary && name == "data" ? zeros_for(value) : hide_json(value, name);
    }
    return hidden + '}';
  }

  std::string hide_text(std::string_view literal, std::string_view key) {
    const std::string text = json::decode_string(literal).value_or(std::string());
    if (holds(kept_texts, key)) return std::string(literal);
    if (key == "sid" || key == "connectionClosed") return json::quote(sid_for(text));
    if (key == "user" || key == "id") return json::quote(user_for(text));
    if (key == "requestId") return json::quote(request_for(text));
    if (key == "pid" || key == "hash") return json::quote(pid_hash_for(text));
    if (key == "code" || key == "roomCode") {
      const std::string code = hide_code(literal);
      return code.empty() ? json::quote(trace::blank_text(text)) : code;
    }
    if (key == "address") return json::quote(address_for(text));
    if (key == "namespace") {
      return json::quote(text == "/" ? text : '/' + trace::blank_text(text.substr(1)));
    }
    if (key == "data") return json::quote(hide_packet_of_any(text));
    if (key == "text") return json::quote(hide_packet('4' + text).substr(1));
    if (key == "attachments") return json::quote(zeros_like(text));
    if (key == "deferred") return json::quote(std::string(text.size(), 'x'));
    if (key == "entropy") {
      // The public ids of the client's sockets follow from these bytes, and must become the new
      // ids.
      const auto bytes = hex::decode(text);
      entropy fresh{};
      if (!bytes || bytes->size() != 12) return json::quote(trace::blank_text(text));
      std::copy(bytes->begin(), bytes->end(), fresh.begin() + 12);
      fresh = draw_for(fresh);
      return json::quote(hex::encode(std::string(fresh.begin() + 12, fresh.begin() + 24)));
    }
    if (key == "seedEntropy" || key == "pidEntropy") {
      std::string drawn(text.size() / 2, '\0');
      for (char& byte : drawn) byte = static_cast<char>(random_.next());
      return json::quote(hex::encode(drawn));
    }
    return json::quote(trace::blank_text(text));
  }

  /// A packet of Engine.IO, or one of Socket.IO without the Engine.IO digit in front.
  std::string hide_packet_of_any(const std::string& text) {
    const bool is_engineio =
        !text.empty() && text.front() == '4' && text.size() > 1 && text[1] >= '0' && text[1] <= '6';
    return is_engineio ? hide_packet(text) : hide_packet('4' + text).substr(1);
  }

  static std::string hide_bytes(const std::string& bytes) {
    std::string json;
    json::append_bytes(json, utf8::is_valid(bytes) ? std::string(bytes.size(), 'x')
                                                   : std::string(bytes.size(), '\xff'));
    return json;
  }

  static std::string zeros_for(std::string_view written_bytes) {
    const auto bytes = json::read_bytes(written_bytes);
    std::string json;
    json::append_bytes(json, std::string(bytes ? bytes->size() : 0, '\0'));
    return json;
  }

  static std::string zeros_like(const std::string& base64_text) {
    const auto bytes = base64::decode(base64_text);
    return base64::encode(std::string(bytes ? bytes->size() : 0, '\0'));
  }

  /// A request that is invalid and must stay so.
  void hide_request(std::string_view& json) {
    json = keep(utf8::is_valid(json) ? trace::blank_text(json) : std::string("\xff"));
  }

  std::string hide_room(const std::string& code) {
    const auto key = session::canonicalize(code);
    const auto found = key ? rooms_.find(*key) : rooms_.end();
    return found == rooms_.end() ? trace::blank_text(code) : found->second;
  }

  void hide(request_head& head) {
    std::string query;
    for (const auto& [name, value] : parse_query(head.query)) {
      if (name != "EIO" && name != "transport" && name != "sid" && name != "b64") continue;
      query += query.empty() ? "" : "&";
      query += name + '=' + (name == "sid" ? sid_for(value) : blank_setting(value));
    }
    head.query = keep(std::move(query));
    head.origin = head.origin.empty() ? "" : "http://origin.example";
    if (head.content_type != "application/octet-stream") head.content_type = "text/plain";
    head.remote_address = address_for(head.remote_address);
  }

  std::string_view address_for(std::string_view address) {
    if (address.empty()) return {};
    const auto [at, is_new] = addresses_.try_emplace(std::string(address));
    if (is_new) at->second = "192.0.2." + std::to_string(1 + (addresses_.size() - 1) % 254);
    return at->second;
  }

  /// With several shards, a shard learns a session id from a request, from a migrating connection
  /// or from a close. The last part of the id stays, because it determines the shard.
  std::string sid_for(const std::string& old) {
    const std::string node = old.substr(0, node_part_of(old));
    const std::string id = old.substr(node.size());
    if (here_.count == 1 || !is_id(id)) return word_for(sids_, old);
    const auto [at, is_new] = sids_.try_emplace(old);
    if (is_new) at->second = node + invent() + id.substr(secret_length);
    return at->second;
  }

  /// With several nodes, a session id begins with the name of one and `_`.
  static std::size_t node_part_of(std::string_view sid) {
    if (sid.size() <= id_length) return 0;
    const std::size_t size = sid.size() - id_length;
    return sid[size - 1] == '_' && is_node_name(sid.substr(0, size - 1)) ? size : 0;
  }

  /// With several shards, the participant may come from another shard.
  std::string participant_for(const std::string& old) {
    return here_.count == 1 ? word_for(ids_, old) : user_for(old);
  }

  /// Whether the text has the form of an id that a server assigns.
  static bool is_id(std::string_view text) {
    return text.size() == id_length && std::all_of(text.begin(), text.end(), [](char c) {
             return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '-' || c == '_';
           });
  }

  /// A public id ends with the number of the socket, which stays.
  std::string user_for(const std::string& old) {
    if (!is_id(old)) return trace::blank_text(old);
    const auto [at, is_new] = public_ids_.try_emplace(old.substr(0, secret_length));
    if (is_new) at->second = invent();
    return at->second + old.substr(secret_length);
  }

  std::string invent() {
    std::string bytes;
    for (std::size_t i = 0; i < 12; ++i) bytes += static_cast<char>(random_.next());
    return base64::encode_url(bytes);
  }

  /// `polling`, `websocket` and single digits contain nothing personal.
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
    if (text.front() != '4') return blank_behind(text, 1);
    std::string scratch;
    const auto parsed = socketio::parse(text.substr(1), any_number, scratch);
    if (const auto* packet = std::get_if<socketio::packet>(&parsed)) return hide_message(*packet);
    // The packet is refused because of its form, so keep the form.
    return blank_behind(text, 2);
  }

  /// Blanks all but the first `kept` characters. Stops at a non-ASCII one, because cutting it would
  /// leave invalid UTF-8.
  static std::string blank_behind(std::string_view text, std::size_t kept) {
    const auto* const end = std::find_if(text.begin(), text.begin() + std::min(kept, text.size()),
                                         [](char c) { return (c & 0x80) != 0; });
    const auto size = static_cast<std::size_t>(end - text.begin());
    return std::string(text.substr(0, size)) + trace::blank_text(text.substr(size));
  }

  std::string hide_message(socketio::packet packet) {
    const std::string nsp = packet.nsp == "/" ? "/" : '/' + trace::blank_text(packet.nsp.substr(1));
    const std::string json = trace::blank_json(
        packet.json, {[](std::string_view key) { return is_known_key(key); },
                      [this](std::string_view key, std::string_view literal) {
                        if (is_event_name(literal)) return std::string(literal);
                        if (key == "pid" || key == "resumeToken") return hide_secret(literal);
                        if (key == "offset") return hide_offset(literal);
                        if (key == "requestId") return hide_request_id(literal);
                        return is_room_code(key) ? hide_code(literal) : std::string();
                      }});
    packet.nsp = nsp;
    packet.json = json;
    return '4' + socketio::encode(packet);
  }

  /// Empty if it is none that this server has sent; then it is blanked.
  std::string hide_offset(std::string_view literal) {
    const auto found = offsets_.find(json::decode_string(literal).value_or(std::string()));
    return found == offsets_.end() ? std::string() : json::quote(found->second);
  }

  /// A request that comes again must still be the same one. Empty if it is refused.
  std::string hide_request_id(std::string_view literal) {
    const auto text = json::decode_string(literal);
    return text && jam::is_request_id(*text) ? json::quote(request_for(*text)) : std::string();
  }

  std::string request_for(const std::string& old) {
    const auto [at, is_new] = requests_.try_emplace(old);
    if (is_new) at->second = "request-" + std::to_string(requests_.size());
    return at->second;
  }

  /// Empty if it is no pid or token that a server has sent; then it is blanked. One of another
  /// shard becomes another one of that shard.
  std::string hide_secret(std::string_view literal) {
    const std::string old = json::decode_string(literal).value_or(std::string());
    const auto found = pids_.find(old);
    if (found != pids_.end()) return json::quote(found->second);
    if (const auto kept = restored_secrets_.find(hash_text(old)); kept != restored_secrets_.end()) {
      learn_pid(old, kept->second);
      return json::quote(kept->second);
    }
    if (here_.count == 1 || old.size() != pid_length) return {};
    auto bytes = base64::decode_url(old);
    if (!bytes) return {};
    for (std::size_t i = 0; i < bytes->size(); ++i) {
      if (i != pid_shard_at) (*bytes)[i] = static_cast<char>(random_.next());
    }
    std::string pid = base64::encode_url(*bytes);
    learn_pid(old, pid);
    return json::quote(pid);
  }

  void learn_pid(const std::string& before, const std::string& after) {
    pids_[before] = after;
    pid_hashes_[hash_text(before)] = hash_text(after);
  }

  static std::string hash_text(std::string_view pid) {
    const sha256_digest hash = sha256(pid);
    return hex::encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
  }

  /// The hash of the pid that stands for another, or any hash of the same length.
  std::string pid_hash_for(const std::string& old) {
    const auto [at, is_new] = pid_hashes_.try_emplace(old);
    if (!is_new) return at->second;
    std::string drawn(old.size() / 2, '\0');
    for (char& byte : drawn) byte = static_cast<char>(random_.next());
    return at->second = hex::encode(drawn);
  }

  std::string hide_code(std::string_view literal) {
    const auto text = json::decode_string(literal);
    const auto key = text ? session::canonicalize(*text) : std::nullopt;
    if (!key) return {};
    auto found = rooms_.find(*key);
    if (found == rooms_.end()) {
      // Replace a code of another shard by a code of the same shard, so that the same shard is
      // asked.
      const shard_index owner = session::shard_of(*key, here_.count);
      if (owner == here_.index) return {};
      std::string code = draw_code(*text, owner);
      if (code.empty()) return {};
      found = rooms_.emplace(*key, std::move(code)).first;
    }
    return json::quote(found->second);
  }

  /// Draws a code of the same form that belongs to the shard `owner`. Empty if none was found.
  std::string draw_code(const std::string& like, shard_index owner) {
    constexpr int most_tries = 100'000;
    constexpr std::string_view letters = "ABCDEFGHJKMNPQRSTVWXYZ";
    for (int i = 0; i < most_tries; ++i) {
      std::string code = like;
      for (char& c : code) {
        if (c >= '0' && c <= '9') {
          c = static_cast<char>('0' + random_.below(10));
        } else if (c != '-' && c != ' ') {
          c = letters[static_cast<std::size_t>(random_.below(letters.size()))];
        }
      }
      const auto key = session::canonicalize(code);
      if (key && session::shard_of(*key, here_.count) == owner) return code;
    }
    return {};
  }

  void learn(std::string_view before, std::string_view after) {
    constexpr std::string_view sid = "\"0{\\\"sid\\\":\\\"";
    const auto old_sids = find_all(before, sid);
    const auto new_sids = find_all(after, sid);
    for (std::size_t i = 0; i < old_sids.size() && i < new_sids.size(); ++i) {
      sids_[old_sids[i]] = new_sids[i];
    }
    constexpr std::string_view id = "40{\\\"sid\\\":\\\"";
    const auto old_ids = find_all(before, id);
    const auto new_ids = find_all(after, id);
    for (std::size_t i = 0; i < old_ids.size() && i < new_ids.size(); ++i) {
      ids_[old_ids[i]] = new_ids[i];
    }
    for (const std::string_view secret : {"\\\",\\\"pid\\\":\\\"", "\\\"resumeToken\\\":\\\""}) {
      const auto old_ones = find_all(before, secret);
      const auto new_ones = find_all(after, secret);
      for (std::size_t i = 0; i < old_ones.size() && i < new_ones.size(); ++i) {
        learn_pid(old_ones[i], new_ones[i]);
      }
    }
    // Behind the payload of an event.
    constexpr std::string_view offset = "},\\\"";
    const auto old_offsets = find_all(before, offset);
    const auto new_offsets = find_all(after, offset);
    for (std::size_t i = 0; i < old_offsets.size() && i < new_offsets.size(); ++i) {
      offsets_[old_offsets[i]] = new_offsets[i];
    }
    learn_rooms(before, after, "{\"what\":\"session created\",\"room\":\"");
    // A room that is being created appears only in outputs for the journal.
    learn_rooms(before, after, " {\"room\":\"");
  }

  void learn_rooms(std::string_view before, std::string_view after, std::string_view mark) {
    const auto old_rooms = find_all(before, mark);
    const auto new_rooms = find_all(after, mark);
    for (std::size_t i = 0; i < old_rooms.size() && i < new_rooms.size(); ++i) {
      if (const auto key = session::canonicalize(old_rooms[i])) rooms_[*key] = new_rooms[i];
    }
  }

  /// An id that was never assigned is replaced by another that is never assigned.
  static std::string word_for(const std::map<std::string, std::string>& words,
                              const std::string& old) {
    const auto found = words.find(old);
    return found == words.end() ? std::string(old.size(), 'x') : found->second;
  }

  std::string_view keep(std::string text) {
    texts_.push_back(std::make_unique<const std::string>(std::move(text)));
    return *texts_.back();
  }

  /// New random bytes. The same old bytes give the same new public ids each time.
  entropy draw_for(const entropy& old) {
    entropy fresh;
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
    if (here_.count == 1) return fresh;
    const auto part = [](const entropy& of) {
      return base64::encode_url(std::string(of.begin() + 12, of.begin() + 24));
    };
    const auto [at, is_new] = public_ids_.try_emplace(part(old), part(fresh));
    if (is_new) return fresh;
    const auto bytes = base64::decode_url(at->second);
    for (std::size_t i = 0; bytes && i < bytes->size() && i < 12; ++i) {
      fresh[12 + i] = static_cast<std::uint8_t>((*bytes)[i]);
    }
    return fresh;
  }

  /// Of attachments. What is too many for the server is so in the replay, too.
  static constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::int64_t redacted_wall_ms = 946'684'800'000;  ///< the start of the year 2000

  static constexpr std::size_t id_length = 20;
  static constexpr std::size_t secret_length = 16;
  static constexpr std::size_t pid_length = 32;
  static constexpr std::size_t pid_shard_at = 16;  ///< of its bytes, see socketio/recovery.cpp

  shard here_;
  player old_;
  player new_;
  splitmix64& random_;
  std::map<std::string, std::string> public_ids_;  ///< their random parts
  std::map<std::string, std::string> sids_;
  std::map<std::string, std::string> ids_;  ///< of participants
  std::map<std::string, std::string> pids_;
  std::map<std::string, std::string> pid_hashes_;
  std::map<std::string, std::string> restored_secrets_;  ///< new texts, by the hash of the old one
  std::map<std::string, std::string> offsets_;
  std::map<std::string, std::string> requests_;
  std::map<std::string, std::string> rooms_;
  std::map<std::string, std::string> addresses_;
  std::optional<std::int64_t> first_wall_ms_;
  std::vector<std::unique_ptr<const std::string>> texts_;  ///< of the current input
};

}  // namespace

std::variant<std::string, unreadable> redact(std::string_view text, std::uint64_t seed) {
  splitmix64 random(seed);
  std::optional<redactor> redactor_of;
  std::string rewritten;
  for (std::int64_t number = 1; !text.empty() || number == 1; ++number) {
    const bool is_ended = text.find('\n') != std::string_view::npos;
    const std::string_view line = trace::take_line(text);
    if (number == 1 || is_header(line)) {
      // The text may contain one trace after another, one for each shard.
      auto read = read_header(line);
      if (auto* why = std::get_if<unreadable>(&read)) {
        return unreadable{"line " + std::to_string(number) + ": " + why->why};
      }
      const auto& of = std::get<header>(read);
      redactor_of.emplace(of, random);
      rewritten += write_header(of.options, of.here) + '\n';
      continue;
    }
    if (trace::is_remark(line) || trace::is_output(line)) continue;
    auto next = redactor_of->rewrite(line);
    if (auto* why = std::get_if<unreadable>(&next)) {
      if (!is_ended) break;  // the recording was cut off; keep what comes before
      return unreadable{"line " + std::to_string(number) + ": " + why->why};
    }
    rewritten += std::get<std::string>(next);
  }
  return rewritten;
}

}  // namespace downbeat::replay
