#include "server/driver.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace downbeat::host {

driver::driver(boost::asio::io_context& io, std::unique_ptr<engine> core, order_handler carry_out)
    : core_(std::move(core)), carry_out_(std::move(carry_out)), timer_(io) {}

instant_ms driver::now() const {
  // Rounded down, so that a timer that fires at a deadline is never early.
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - origin_).count();
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
      return arm(wait->deadline);
    }
    carry_out_(std::move(order));
  }
}

void driver::arm(std::optional<instant_ms> deadline) {
  deadline_ = deadline;
  // Deadlines mostly move into the future. A timer that then fires too early is armed again when
  // it does, which is cheaper than to move it each time.
  if (deadline_ && (!armed_ || *deadline_ < *armed_)) wait();
}

void driver::wait() {
  armed_ = deadline_;
  timer_.expires_at(origin_ + std::chrono::milliseconds(*armed_));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_.reset();
    if (!deadline_) return;
    if (*deadline_ > now()) return wait();
    handle(input::deadline_reached{});
    handle_later();
  });
}

}  // namespace downbeat::host
