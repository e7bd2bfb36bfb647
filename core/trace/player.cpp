#include "trace/player.hpp"

#include "jam/make_engine.hpp"
#include "jam/settings.hpp"
#include "text/digest.hpp"
#include "trace/lines.hpp"
#include "trace/order.hpp"

#include <cstddef>
#include <utility>

namespace downbeat::trace {
namespace {

constexpr std::string_view header_words = "downbeat trace 1 ";

}  // namespace

std::string write_header(const jam::options& options) {
  return std::string(header_words) + jam::write_options(options);
}

std::variant<jam::options, unreadable> read_header(std::string_view line) {
  if (line.substr(0, header_words.size()) != header_words) {
    return unreadable{"a trace must begin with: downbeat trace 1"};
  }
  auto options = jam::read_options(line.substr(header_words.size()));
  if (auto* why = std::get_if<std::string>(&options)) return unreadable{std::move(*why)};
  return std::get<jam::options>(options);
}

player::player(const jam::options& options) : core_(jam::make_engine(options)) {}

std::variant<std::string, unreadable> player::step(std::string_view line) {
  auto read = read_fact(line);
  if (auto* why = std::get_if<unreadable>(&read)) return std::move(*why);
  const auto& fact = std::get<recorded_fact>(read);
  if (fact.now < last_) return unreadable{"time must not go back"};
  last_ = fact.now;

  core_->handle(fact.now, fact.fact);
  std::string orders;
  for (;;) {
    const output::any order = core_->poll_output();
    orders += write_order(fact.now, order);
    if (std::holds_alternative<output::wait_until>(order)) return orders;
    orders += '\n';
  }
}

replay_result replay(std::string_view trace) {
  replay_result result;
  digest all;
  auto options = read_header(take_line(trace));
  if (auto* why = std::get_if<unreadable>(&options)) {
    result.difference = "line 1: " + why->why;
    return result;
  }
  player engine(std::get<jam::options>(options));

  std::string ordered;
  std::string_view expected;  // what is left of `ordered`
  bool has_orders = false;    // whether the trace shows any for the last fact
  const auto differ = [&](std::int64_t number, std::string why) {
    result.difference = "line " + std::to_string(number) + ": " + std::move(why);
  };

  std::int64_t number = 2;
  for (; !trace.empty() && result.difference.empty(); ++number) {
    const std::string_view line = take_line(trace);
    if (is_remark(line)) continue;
    if (is_order(line)) {
      has_orders = true;
      const std::string_view is = take_line(expected);
      if (line == is) continue;
      differ(number, "the trace says\n  " + std::string(line) +
                         (is.empty() ? "\nbut the engine orders nothing more"
                                     : "\nbut the engine orders\n  " + std::string(is)));
      continue;
    }
    if (has_orders && !expected.empty()) {
      differ(number, "the engine also orders\n  " + std::string(take_line(expected)));
      break;
    }
    auto stepped = engine.step(line);
    if (auto* why = std::get_if<unreadable>(&stepped)) {
      differ(number, why->why);
      break;
    }
    ordered = std::get<std::string>(std::move(stepped));
    expected = ordered;
    has_orders = false;
    ++result.facts;
    for (std::string_view rest = ordered; !rest.empty(); take_line(rest)) ++result.orders;
    all.add(ordered);
    all.add("\n");
  }
  if (result.difference.empty() && has_orders && !expected.empty()) {
    differ(number,
           "the trace ends where the engine also orders\n  " + std::string(take_line(expected)));
  }
  result.digest = all.value();
  return result;
}

}  // namespace downbeat::trace
