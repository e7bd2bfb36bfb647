#include "operator/operator_desk.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

using nlohmann::ordered_json;

struct place {
  shard_index loop;
  std::string after;  ///< the cursor in that loop's list
};

/// Parses a cursor made by `cursor_of`. An empty one means the beginning of the first loop's list.
std::optional<place> read_cursor(std::string_view cursor, shard_index loops) {
  if (cursor.empty()) return place{0, {}};
  place at{};
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), at.loop);
  if (error != std::errc() || end == cursor.data() + cursor.size() || *end != ':') {
    return std::nullopt;
  }
  if (at.loop >= loops) return std::nullopt;
  at.after = cursor.substr(static_cast<std::size_t>(end - cursor.data()) + 1);
  return at;
}

std::string cursor_of(shard_index loop, const std::string& after) {
  return std::to_string(loop) + ':' + after;
}

}  // namespace

void operator_desk::query(std::string json, receiver done) {
  inquiry what{kind::query, std::move(json), false, 0, std::move(done)};
  auto read = operations::read_query(what.json);
  // The first loop refuses an invalid cursor, so that the refusal is in its recording.
  if (auto* const list = std::get_if<operations::query>(&read); list != nullptr && loops_ > 1) {
    const auto at = read_cursor(list->after, loops_);
    if (!at) {
      return what.done(operations::failure({"after must be the next of another page"}));
    }
    list->after = at->after;
    what.json = operations::write(*list);
    what.where = at->loop;
    what.is_list = list->room_code.empty();
  }
  ask(std::move(what));
}

void operator_desk::operate(std::string json, receiver done) {
  ask({kind::command, std::move(json), false, 0, std::move(done)});
}

void operator_desk::ask(inquiry what) {
  const std::uint64_t id = ++asked_;
  const inquiry& kept = open_.emplace(id, std::move(what)).first->second;
  ask_(kept.where, kept.what, id, kept.json);
}

void operator_desk::answered(std::uint64_t id, const std::string& json) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  inquiry what = std::move(found->second);
  open_.erase(found);
  if (loops_ == 1) return what.done(json);

  ordered_json answer = ordered_json::parse(json);
  const bool is_last = what.where + 1 == loops_;
  if (!answer.at("ok").get<bool>()) {
    if (is_last || answer.at("error").at("code") != "not_found") return what.done(json);
    ++what.where;
    return ask(std::move(what));
  }
  if (answer.contains("next")) {
    answer["next"] = cursor_of(what.where, answer.at("next").get<std::string>());
  } else if (what.is_list && !is_last) {
    if (answer.at("items").empty()) {
      // The next loop's list, from its beginning.
      auto list = std::get<operations::query>(operations::read_query(what.json));
      list.after.clear();
      what.json = operations::write(list);
      ++what.where;
      return ask(std::move(what));
    }
    answer["next"] = cursor_of(what.where + 1, {});
  }
  what.done(answer.dump());
}

void operator_desk::close() {
  for (auto& [id, what] : std::exchange(open_, {})) {
    what.done(operations::failure("the server has stopped", "stopped"));
  }
}

}  // namespace downbeat::host
