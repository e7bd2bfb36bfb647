#include "driver/driver.hpp"

#include <cassert>
#include <chrono>
#include <utility>
#include <variant>

namespace downbeat::host {

driver::driver(event_loop& events, std::unique_ptr<engine> core, output_handler carry_out,
               event_loop::clock::time_point origin, wall_watch::source wall_clock)
    : events_(events),
      core_(std::move(core)),
      carry_out_(std::move(carry_out)),
      wall_(std::move(wall_clock)),
      origin_(origin),
      deadline_(events, [this] {
        handle(input::deadline_reached{});
        handle_later();
      }) {}

instant_ms driver::now() const {
  // Rounded down, so that a timer never fires before its deadline.
  return std::chrono::duration_cast<std::chrono::milliseconds>(events_.now() - origin_).count();
}

void driver::handle(const input::any& input) {
  assert(!is_handling_);
  is_handling_ = true;
  const instant_ms time = now();
  if (looked_at_wall_ != events_.now()) {
    looked_at_wall_ = events_.now();
    if (const auto wall_ms = wall_.look(time)) step(time, input::clock{*wall_ms});
  }
  step(time, input);
  is_handling_ = false;
}

void driver::step(instant_ms time, const input::any& input) {
  if (recorder_) {
    recorder_->write(time, input);
    // If the core crashes on this input, the recording contains it.
    recorder_->flush();
  }
  core_->handle(time, input);
  drain(time);
}

bool driver::handle_later() {
  if (later_.empty()) return false;
  while (!later_.empty()) {
    const auto inputs = std::exchange(later_, {});
    for (const input::any& input : inputs) handle(input);
  }
  return true;
}

void driver::drain(instant_ms time) {
  for (;;) {
    output::any output = core_->poll_output();
    if (recorder_) recorder_->write(time, output);
    if (const auto* wait = std::get_if<output::wait_until>(&output)) {
      if (recorder_) recorder_->flush();
      if (!wait->deadline) return deadline_.clear();
      return deadline_.set(origin_ + std::chrono::milliseconds(*wait->deadline));
    }
    carry_out_(std::move(output));
  }
}

}  // namespace downbeat::host
