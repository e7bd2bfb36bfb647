#include "jam/shard_message.hpp"

#include "json/object_reader.hpp"
#include "json/writer.hpp"
#include "text/hex.hpp"
#include "text/sha256.hpp"

#include <tuple>
#include <utility>

namespace downbeat::jam::shard_message {
namespace {

/// The largest weight of a failed join.
constexpr std::int64_t most_weight = 1'000;
/// The highest `participant::move`.
constexpr std::int64_t most_moves = 0xffffffff;
constexpr std::int64_t most_questions = 0xffffffff;
/// More than the highest limit of sessions.
constexpr std::int64_t most_sessions = std::int64_t{1} << 31;

std::string_view word_of(reservation_answer::outcome how) {
  switch (how) {
    case reservation_answer::outcome::reserved: return "reserved";
    case reservation_answer::outcome::not_found: return "not found";
    case reservation_answer::outcome::full: return "full";
    case reservation_answer::outcome::address_limited: return "address limited";
    case reservation_answer::outcome::lockdown_limited: return "lockdown limited";
    case reservation_answer::outcome::not_saved: break;
  }
  return "not saved";
}

struct writer {
  std::string operator()(const reserve& m) const {
    json::object_writer json;
    json.text("message", "reserve")
        .text("user", m.user)
        .text("code", m.code)
        .bytes("address", m.address)
        .number("question", m.question);
    if (!m.who) return json.done();
    json.text("name", m.who->name)
        .text("instrument", m.who->instrument)
        .number("move", m.who->move);
    if (!m.who->pid.empty()) json.text("pid", m.who->pid);
    if (!m.who->request_id.empty()) json.text("requestId", m.who->request_id);
    return json.done();
  }
  std::string operator()(const reservation_answer& m) const {
    return json::object_writer()
        .text("message", "reservation answer")
        .text("user", m.user)
        .text("outcome", word_of(m.how))
        .number("weight", m.weight)
        .number("question", m.question)
        .done();
  }
  std::string operator()(const cancel_reservation& m) const {
    return json::object_writer().text("message", "cancel reservation").text("user", m.user).done();
  }
  std::string operator()(const borrow_sessions& m) const {
    return json::object_writer().text("message", "borrow sessions").text("user", m.user).done();
  }
  std::string operator()(const sessions_lent& m) const {
    return json::object_writer()
        .text("message", "sessions lent")
        .text("user", m.user)
        .number("count", m.count)
        .done();
  }
  std::string operator()(const count_join& m) const {
    return json::object_writer().text("message", "count join").bytes("address", m.address).done();
  }
  std::string operator()(const count_failed_join& m) const {
    return json::object_writer()
        .text("message", "count failed join")
        .bytes("address", m.address)
        .number("weight", m.weight)
        .done();
  }
  std::string operator()(const restored& m) const {
    return json::object_writer()
        .text("message", "restored")
        .text("user", m.user)
        .number("move", m.move)
        .done();
  }
  std::string operator()(const pid_moved& m) const {
    return json::object_writer()
        .text("message", "pid moved")
        .text("hash", m.hash)
        .flag("there", m.is_there)
        .text("reason", m.reason)
        .done();
  }
};

std::uint32_t read_question(json::object_reader& from) {
  return static_cast<std::uint32_t>(from.number("question", 0, most_questions));
}

std::uint32_t read_move(json::object_reader& from) {
  return static_cast<std::uint32_t>(from.number("move", 1, most_moves));
}

std::optional<new_participant> read_new_participant(json::object_reader& from) {
  if (!from.has("name")) return std::nullopt;
  new_participant who;
  who.name = from.text("name");
  who.instrument = from.text("instrument");
  who.move = read_move(from);
  if (from.has("pid")) who.pid = from.text("pid");
  if (from.has("requestId")) who.request_id = from.text("requestId");
  return who;
}

/// Reads the kind that the text names. The members may still be missing, or there may be others.
any read_members(json::object_reader& from) {
  const std::size_t kind = from.word(
      "message", {"reserve", "reservation answer", "cancel reservation", "borrow sessions",
                  "sessions lent", "count join", "count failed join", "pid moved", "restored"});
  if (kind == 5) return count_join{from.text("address")};
  if (kind == 6)
    return count_failed_join{from.text("address"), from.number("weight", 0, most_weight)};
  if (kind == 7) {
    std::string hash = from.text("hash");
    const bool is_there = from.flag("there");
    return pid_moved{std::move(hash), is_there, from.text("reason")};
  }
  std::string user = from.text("user");
  switch (kind) {
    case 0: {
      std::string code = from.text("code");
      std::string address = from.text("address");
      const std::uint32_t question = read_question(from);
      return reserve{std::move(user), std::move(code), std::move(address), question,
                     read_new_participant(from)};
    }
    case 1: {
      const auto how = static_cast<reservation_answer::outcome>(from.word(
          "outcome",
          {"reserved", "not found", "full", "address limited", "lockdown limited", "not saved"}));
      const std::int64_t weight = from.number("weight", 0, most_weight);
      return reservation_answer{std::move(user), how, weight, read_question(from)};
    }
    case 8: return restored{std::move(user), read_move(from)};
    case 2: return cancel_reservation{std::move(user)};
    case 3: return borrow_sessions{std::move(user)};
    default: return sessions_lent{std::move(user), from.number("count", 0, most_sessions)};
  }
}

bool is_hash(const std::string& digits) {
  const auto bytes = hex::decode(digits);
  return bytes && bytes->size() == std::tuple_size_v<sha256_digest> &&
         hex::encode(*bytes) == digits;
}

bool has_proper_hash(const any& message) {
  if (const auto* const moved = std::get_if<pid_moved>(&message)) return is_hash(moved->hash);
  const auto* const joining = std::get_if<reserve>(&message);
  return joining == nullptr || !joining->who || joining->who->pid.empty() ||
         is_hash(joining->who->pid);
}

bool has_proper_user(const any& message) {
  return std::visit(
      [](const auto& m) {
        if constexpr (requires { m.user; }) {
          return !m.user.empty() && m.user.size() <= session::user_id::max_bytes;
        } else {
          return true;
        }
      },
      message);
}

}  // namespace

std::string write(const any& message) {
  return std::visit(writer{}, message);
}

std::optional<any> read(std::string_view json) {
  json::object_reader from(json);
  any message = read_members(from);
  if (!from.is_good() || !has_proper_user(message) || !has_proper_hash(message) ||
      write(message) != json)
    return std::nullopt;
  return message;
}

}  // namespace downbeat::jam::shard_message
