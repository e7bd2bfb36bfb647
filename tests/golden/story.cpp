#include "golden/story.hpp"

#include "engine.hpp"
#include "golden/known.hpp"
#include "golden/lines.hpp"
#include "golden/shorthand.hpp"
#include "jam/make_engine.hpp"
#include "output.hpp"
#include "replay/header.hpp"
#include "support/virtual_host.hpp"
#include "trace/input_line.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::golden {
namespace {

/// An output as expectations see it: without its time, and with text unquoted.
std::string plain(const output::any& output, std::string_view line) {
  if (const auto* send = std::get_if<output::send_frame>(&output)) {
    const std::string to = std::to_string(send->transport) + ' ';
    if (!send->data.is_binary()) return "send " + to + send->data.bytes();
  }
  if (const auto* respond = std::get_if<output::respond>(&output)) {
    const std::string how =
        std::to_string(respond->request) + ' ' + std::to_string(respond->status);
    return "respond " + how + ' ' + show_separators(respond->body);
  }
  line.remove_prefix(line.find('<') + 2);
  return std::string(line);
}

class trace_writer final : private test::virtual_host::observer {
 public:
  explicit trace_writer(const jam::options& options)
      : host_(test::only(jam::make_engine(options)), *this,
              test::virtual_host::delivery::on_request, test::virtual_host::answers::on_request) {
    host_.record([this](shard_index, std::string_view line) {
      line_ = line;
      trace_.append(line) += '\n';
    });
  }

  /// Takes one line after the header. The result is what is wrong with it, or nothing.
  std::string give(std::string_view line) {
    if (line.empty() || line.front() == '#') {
      trace_.append(line) += '\n';
      return {};
    }
    auto expanded = known_.expand(line);
    if (const auto* reference = std::get_if<known::missing>(&expanded)) {
      return "the server has sent nobody {" + reference->reference + '}';
    }
    const std::string_view whole = std::get<std::string>(expanded);
    if (whole.substr(0, 2) == "? ") {
      return has_output(whole.substr(2)) ? std::string() : "no output contains this";
    }
    if (whole.substr(0, 2) == "! ") {
      return has_output(whole.substr(2)) ? "an output contains this" : std::string();
    }
    return give_input(whole);
  }

  [[nodiscard]] std::string& trace() { return trace_; }

 private:
  std::string give_input(std::string_view line) {
    if (line == "> deadline") {
      if (!host_.deadline(0)) return "the engine waits for no deadline";
      host_.sleep_until(*host_.deadline(0));
    } else if (line.front() == '+') {
      std::int64_t delay = 0;
      const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), delay);
      if (error != std::errc()) return "+ must be followed by milliseconds";
      host_.sleep_until(host_.now() + delay);
      line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
    }
    if (line.substr(0, 2) != "> ") return "a line must begin with one of > + # ? !";

    const auto read = trace::read_input(full_input(host_.now(), line.substr(2)));
    if (const auto* why = std::get_if<trace::unreadable>(&read)) return why->why;
    const input::any& input = std::get<trace::recorded_input>(read).input;
    known_.note(input);
    outputs_.clear();
    host_.handle(0, input);
    return complaint_;
  }

  void on_output(shard_index, const output::any& output) override {
    outputs_.append(plain(output, line_)) += '\n';
    known_.note(output);
  }
  void carry_out(shard_index, output::any&) override {}
  void on_complaint(const std::string& what) override { complaint_ = what; }

  [[nodiscard]] bool has_output(std::string_view text) const {
    return outputs_.find(text) != std::string::npos;
  }

  test::virtual_host host_;
  known known_;
  std::string line_;     ///< of the trace, the last one
  std::string outputs_;  ///< for the last input
  std::string trace_;
  std::string complaint_;
};

}  // namespace

filled fill(std::string_view story) {
  const std::string_view header = take_line(story);
  const auto options = replay::read_header(header);
  if (const auto* why = std::get_if<trace::unreadable>(&options)) {
    return {{}, "line 1: " + why->why};
  }
  trace_writer writer(std::get<replay::header>(options).options);
  writer.trace().append(header) += '\n';
  for (int number = 2; !story.empty(); ++number) {
    const std::string_view line = take_line(story);
    std::string problem = writer.give(line);
    if (!problem.empty()) {
      return {std::move(writer.trace()),
              "line " + std::to_string(number) + ": " + problem + "\n  " + std::string(line)};
    }
  }
  return {std::move(writer.trace()), {}};
}

}  // namespace downbeat::golden
