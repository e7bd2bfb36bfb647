#pragma once

#include "engine.hpp"
#include "input.hpp"
#include "output.hpp"
#include "server/entropy_source.hpp"
#include "server/poller.hpp"
#include "server/recorder.hpp"
#include "time.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace downbeat::host {

/// Drives the core: tells it facts and the time, has its orders carried out, wakes it up.
class driver {
 public:
  using order_handler = std::function<void(output::any order)>;

  /// All that one server consists of count their time from the same origin.
  driver(poller& poll, std::unique_ptr<engine> core, order_handler carry_out,
         poller::clock::time_point origin);

  /// Tells the core a fact and has everything that it orders carried out. Not to be called while
  /// an order is carried out; facts that turn up then are for `later`.
  void handle(const input::any& fact);

  /// Keeps a fact, which must not borrow anything, until the present one has been handled.
  void later(input::any fact) { later_.push_back(std::move(fact)); }

  /// Handles what was kept. Returns whether there was anything.
  bool handle_later();

  /// From now on everything is recorded.
  void record(std::unique_ptr<recorder> to) { recorder_ = std::move(to); }

  /// When the present turn began. All facts of a turn bear its time.
  [[nodiscard]] instant_ms now() const;
  [[nodiscard]] entropy draw() { return entropy_.draw(); }
  [[nodiscard]] const engine& core() const { return *core_; }

 private:
  void drain(instant_ms time);

  const poller& poll_;
  std::unique_ptr<engine> core_;
  order_handler carry_out_;
  entropy_source entropy_;
  std::unique_ptr<recorder> recorder_;  ///< null unless everything is recorded
  poller::clock::time_point origin_;
  timer deadline_;  ///< when the core wants to be woken
  std::vector<input::any> later_;
  bool is_handling_ = false;
};

}  // namespace downbeat::host
