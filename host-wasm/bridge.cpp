#include "bridge.hpp"

#include "jam/settings.hpp"
#include "json/writer.hpp"
#include "replay/header.hpp"
#include "replay/run.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "text/hex.hpp"

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

namespace downbeat {

bool bridge::create(std::string_view options_json) {
  auto options = jam::read_options(options_json);
  if (auto* why = std::get_if<std::string>(&options)) {
    result_ = std::move(*why);
    return false;
  }
  player_ = std::make_unique<replay::player>(std::get<jam::options>(options));
  result_ = replay::write_header(std::get<jam::options>(options));
  return true;
}

bool bridge::step(std::string_view input_line) {
  assert(player_ != nullptr);
  auto stepped = player_->step(input_line);
  if (auto* why = std::get_if<trace::unreadable>(&stepped)) {
    result_ = std::move(why->why);
    return false;
  }
  result_ = std::get<std::string>(std::move(stepped));
  return true;
}

bool bridge::evolve(std::string_view lines) {
  std::optional<session::room> state;
  bool is_first = true;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (std::exchange(is_first, false)) {
      if (line.empty()) continue;
      state = session::read_snapshot(line);
      if (state) continue;
      result_ = "the state cannot be read";
      return false;
    }
    const auto events = session::read_events(line);
    if (!events) {
      result_ = "the events cannot be read";
      return false;
    }
    for (const session::any_event& event : *events) session::evolve(state, event);
  }
  result_ = state ? session::write_snapshot(*state) : std::string();
  return true;
}

bool bridge::snapshot() {
  assert(player_ != nullptr);
  result_ = player_->core().snapshot();
  return true;
}

bool bridge::measure() {
  assert(player_ != nullptr);
  json::object_writer json;
  for (const measurement& m : player_->core().measure(player_->now())) {
    std::string name(m.name);
    if (!m.limit.empty()) name.append(":").append(m.limit);
    json.number(name, static_cast<std::int64_t>(m.value));
  }
  result_ = json.done();
  return true;
}

std::string replay_json(std::string_view trace) {
  const replay::replay_result found = replay::run(trace);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((found.digest >> shift) & 0xff);
  }
  return json::object_writer()
      .number("inputs", found.inputs)
      .number("outputs", found.outputs)
      .text("digest", hex::encode(bytes))
      .text("difference", found.difference)
      .done();
}

}  // namespace downbeat
