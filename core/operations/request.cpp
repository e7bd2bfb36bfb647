#include "operations/request.hpp"

#include "json/scan.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace downbeat::operations {
namespace {

constexpr std::size_t max_request_bytes = 4'096;
constexpr std::int64_t max_limit = 1'000;

using names = std::initializer_list<std::string_view>;

std::string listed(names of) {
  std::string text;
  std::size_t i = 0;
  for (const std::string_view name : of) {
    if (i != 0) text += i + 1 == of.size() ? " or " : ", ";
    text += name;
    ++i;
  }
  return text;
}

/// Reads the members of one request and keeps the first error.
class reader {
 public:
  explicit reader(std::string_view json) {
    if (json.size() > max_request_bytes) {
      fail("a request must not be larger than " + std::to_string(max_request_bytes) + " bytes");
    } else if (!utf8::is_valid(json) || !json::check(json)) {
      fail("a request must be JSON");
    } else {
      compact_ = json::compact(json);
      if (json::kind_of(compact_) != json::kind::object) fail("a request must be an object");
    }
  }

  [[nodiscard]] const std::optional<error>& wrong() const { return wrong_; }

  /// A text that must be one of the given names.
  std::string choice(std::string_view key, names of) {
    std::string given = text(key, true);
    if (wrong_ || std::find(of.begin(), of.end(), given) != of.end()) return given;
    fail(std::string(key) + " must be " + listed(of));
    return given;
  }

  std::string text(std::string_view key, bool is_required) {
    const auto value = take(key);
    if (wrong_) return {};
    if (!value) {
      if (is_required) fail(std::string(key) + " is required");
      return {};
    }
    auto decoded =
        json::kind_of(*value) == json::kind::string ? json::decode_string(*value) : std::nullopt;
    if (!decoded || decoded->empty()) {
      fail(std::string(key) + " must be a text, and not empty");
      return {};
    }
    return std::move(*decoded);
  }

  std::int64_t number(std::string_view key, std::int64_t most, std::int64_t otherwise) {
    const auto value = take(key);
    if (wrong_ || !value) return otherwise;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error == std::errc() && end == value->data() + value->size() && number >= 1 &&
        number <= most) {
      return number;
    }
    fail(std::string(key) + " must be a whole number from 1 to " + std::to_string(most));
    return otherwise;
  }

  /// Call this last. It refuses members that were not read.
  void end() {
    if (wrong_) return;
    const std::string_view json = compact_;
    for (std::size_t at = 1; json[at] != '}';) {
      if (json[at] == ',') ++at;
      const std::size_t colon = json::end_of_string(json, at);
      const std::string_view literal = json.substr(at, colon - at);
      const auto name = json::decode_string(literal);
      if (!name || std::find(known_.begin(), known_.end(), *name) == known_.end()) {
        return fail("a request of this kind has no member " + std::string(literal));
      }
      // Known members are strings or numbers, so no nested value can contain a comma.
      at = json[colon + 1] == '"' ? json::end_of_string(json, colon + 1)
                                  : json.find_first_of(",}", colon + 1);
    }
  }

 private:
  void fail(std::string why) {
    if (!wrong_) wrong_ = error{std::move(why)};
  }

  std::optional<std::string_view> take(std::string_view key) {
    known_.push_back(key);
    if (wrong_) return std::nullopt;
    return json::member(compact_, key);
  }

  std::string compact_;
  std::vector<std::string_view> known_;
  std::optional<error> wrong_;
};

}  // namespace

std::variant<query, error> read_query(std::string_view json) {
  reader in(json);
  query read;
  read.what = in.choice("query", {"sessions", "participants", "connections"});
  if (read.what == "participants") read.room_code = in.text("roomCode", true);
  read.after = in.text("after", false);
  read.limit = in.number("limit", max_limit, read.limit);
  in.end();
  if (in.wrong()) return *in.wrong();
  return read;
}

std::variant<command, error> read_command(std::string_view json) {
  reader in(json);
  command read;
  read.what = in.choice("command", {"close_session", "disconnect_participant"});
  if (read.what == "close_session") {
    read.room_code = in.text("roomCode", true);
  } else {
    read.participant_id = in.text("participantId", true);
  }
  in.end();
  if (in.wrong()) return *in.wrong();
  return read;
}

std::string write(const query& what) {
  json::object_writer json;
  json.text("query", what.what);
  if (!what.room_code.empty()) json.text("roomCode", what.room_code);
  if (!what.after.empty()) json.text("after", what.after);
  return json.number("limit", what.limit).done();
}

std::string write(const command& what) {
  json::object_writer json;
  json.text("command", what.what);
  if (!what.room_code.empty()) json.text("roomCode", what.room_code);
  if (!what.participant_id.empty()) json.text("participantId", what.participant_id);
  return json.done();
}

std::string failure(std::string_view message, std::string_view code) {
  return json::object_writer()
      .raw("ok", "false")
      .raw("error", json::object_writer().text("message", message).text("code", code).done())
      .done();
}

std::string failure(const error& what) {
  return failure(what.why, "invalid_request");
}

}  // namespace downbeat::operations
