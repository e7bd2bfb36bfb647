#include "server/driver.hpp"

#include <cassert>
#include <chrono>
#include <utility>
#include <variant>

namespace downbeat::host {

driver::driver(poller& poll, std::unique_ptr<engine> core, order_handler carry_out,
               poller::clock::time_point origin)
    : poll_(poll),
      core_(std::move(core)),
      carry_out_(std::move(carry_out)),
      origin_(origin),
      deadline_(poll, [this] {
        handle(input::deadline_reached{});
        handle_later();
      }) {}

instant_ms driver::now() const {
  // Rounded down, so that a timer that fires at a deadline is never early.
  return std::chrono::duration_cast<std::chrono::milliseconds>(poll_.now() - origin_).count();
}

void driver::handle(const input::any& fact) {
  assert(!is_handling_);
  is_handling_ = true;
  const instant_ms time = now();
  if (recorder_) recorder_->write(time, fact);
  core_->handle(time, fact);
  drain(time);
  is_handling_ = false;
}

bool driver::handle_later() {
  if (later_.empty()) return false;
  while (!later_.empty()) {
    const auto facts = std::exchange(later_, {});
    for (const input::any& fact : facts) handle(fact);
  }
  return true;
}

void driver::drain(instant_ms time) {
  for (;;) {
    output::any order = core_->poll_output();
    if (recorder_) recorder_->write(time, order);
    if (const auto* wait = std::get_if<output::wait_until>(&order)) {
      if (recorder_) recorder_->flush();
      if (!wait->deadline) return deadline_.clear();
      return deadline_.set(origin_ + std::chrono::milliseconds(*wait->deadline));
    }
    carry_out_(std::move(order));
  }
}

}  // namespace downbeat::host
