#include "replay/player.hpp"

#include "jam/make_engine.hpp"
#include "trace/output_line.hpp"

#include <utility>

namespace downbeat::replay {

player::player(const jam::options& options, shard here) : core_(jam::make_engine(options, here)) {}

std::variant<std::string, trace::unreadable> player::step(std::string_view line) {
  auto read = trace::read_input(line);
  if (auto* why = std::get_if<trace::unreadable>(&read)) return std::move(*why);
  auto& input = std::get<trace::recorded_input>(read);
  if (input.now < last_) return trace::unreadable{"time must not go back"};
  if (std::string why = core_->take_written(input.input); !why.empty()) {
    return trace::unreadable{std::move(why)};
  }
  last_ = input.now;

  core_->handle(input.now, input.input);
  std::string outputs;
  for (;;) {
    const output::any output = core_->poll_output();
    outputs += trace::write_output(input.now, output);
    if (std::holds_alternative<output::wait_until>(output)) return outputs;
    outputs += '\n';
  }
}

}  // namespace downbeat::replay
