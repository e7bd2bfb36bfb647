#include "golden/story.hpp"

#include "engine.hpp"
#include "golden/known.hpp"
#include "golden/lines.hpp"
#include "golden/shorthand.hpp"
#include "jam/make_engine.hpp"
#include "output.hpp"
#include "trace/fact.hpp"
#include "trace/order.hpp"
#include "trace/player.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace downbeat::golden {
namespace {

/// An order as expectations see it: without its time, and with text unquoted.
std::string plain(const output::any& order, std::string_view line) {
  if (const auto* send = std::get_if<output::send_frame>(&order)) {
    const std::string to = std::to_string(send->transport) + ' ';
    if (!send->data.is_binary()) return "send " + to + send->data.bytes();
  }
  if (const auto* respond = std::get_if<output::respond>(&order)) {
    const std::string how =
        std::to_string(respond->request) + ' ' + std::to_string(respond->status);
    return "respond " + how + ' ' + show_separators(respond->body);
  }
  line.remove_prefix(line.find('<') + 2);
  return std::string(line);
}

class teller {
 public:
  explicit teller(const jam::options& options) : core_(jam::make_engine(options)) {}

  /// Takes one line after the header. The result is what is wrong with it, or nothing.
  std::string tell(std::string_view line) {
    if (line.empty() || line.front() == '#') {
      trace_.append(line) += '\n';
      return {};
    }
    auto expanded = known_.expand(line);
    if (const auto* reference = std::get_if<known::missing>(&expanded)) {
      return "the server has told nobody of {" + reference->reference + '}';
    }
    const std::string_view whole = std::get<std::string>(expanded);
    if (whole.substr(0, 2) == "? ") {
      return has_ordered(whole.substr(2)) ? std::string() : "the engine has not ordered this";
    }
    if (whole.substr(0, 2) == "! ") {
      return has_ordered(whole.substr(2)) ? "the engine has ordered this" : std::string();
    }
    return tell_fact(whole);
  }

  [[nodiscard]] std::string& trace() { return trace_; }

 private:
  std::string tell_fact(std::string_view line) {
    if (line == "> deadline") {
      if (!deadline_) return "the engine waits for no deadline";
      now_ = *deadline_;
    } else if (line.front() == '+') {
      std::int64_t delay = 0;
      const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), delay);
      if (error != std::errc()) return "+ must be followed by milliseconds";
      now_ += delay;
      line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
    }
    if (line.substr(0, 2) != "> ") return "a line must begin with one of > + # ? !";

    const auto read = trace::read_fact(full_fact(now_, line.substr(2)));
    if (const auto* why = std::get_if<trace::unreadable>(&read)) return why->why;
    const input::any& fact = std::get<trace::recorded_fact>(read).fact;
    known_.note(fact);
    write(trace::write_fact(now_, fact));
    core_->handle(now_, fact);
    drain();
    return {};
  }

  void drain() {
    orders_.clear();
    for (;;) {
      const output::any order = core_->poll_output();
      const std::string line = trace::write_order(now_, order);
      orders_.append(plain(order, line)) += '\n';
      write(line);
      if (const auto* wait = std::get_if<output::wait_until>(&order)) {
        deadline_ = wait->deadline;
        return;
      }
      known_.note(order);
    }
  }

  [[nodiscard]] bool has_ordered(std::string_view text) const {
    return orders_.find(text) != std::string::npos;
  }

  void write(std::string_view line) { trace_.append(line) += '\n'; }

  std::unique_ptr<engine> core_;
  known known_;
  instant_ms now_ = 0;
  std::optional<instant_ms> deadline_;
  std::string orders_;  ///< for the last fact
  std::string trace_;
};

}  // namespace

filled fill(std::string_view story) {
  const std::string_view header = take_line(story);
  const auto options = trace::read_header(header);
  if (const auto* why = std::get_if<trace::unreadable>(&options)) {
    return {{}, "line 1: " + why->why};
  }
  teller tells(std::get<jam::options>(options));
  tells.trace().append(header) += '\n';
  for (int number = 2; !story.empty(); ++number) {
    const std::string_view line = take_line(story);
    std::string problem = tells.tell(line);
    if (!problem.empty()) {
      return {std::move(tells.trace()),
              "line " + std::to_string(number) + ": " + problem + "\n  " + std::string(line)};
    }
  }
  return {std::move(tells.trace()), {}};
}

}  // namespace downbeat::golden
