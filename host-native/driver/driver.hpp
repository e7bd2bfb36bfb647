#pragma once

#include "base/time.hpp"
#include "driver/entropy_source.hpp"
#include "driver/recorder.hpp"
#include "driver/wall_watch.hpp"
#include "engine.hpp"
#include "input.hpp"
#include "io/event_loop.hpp"
#include "output.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace downbeat::host {

/// Drives the core: gives it inputs with the time, passes on its outputs, and wakes it at its
/// deadline.
class driver {
 public:
  using output_handler = std::function<void(output::any output)>;

  /// `origin` is time zero. All loops of a server use the same.
  driver(event_loop& events, std::unique_ptr<engine> core, output_handler carry_out,
         event_loop::clock::time_point origin, wall_watch::source wall_clock = read_wall_clock);

  /// Gives the core an input and passes on all outputs that follow. Before the first input of a
  /// loop iteration it gives the core the wall-clock time if that is due. Must not be called while
  /// an output is carried out: use `later` then.
  void handle(const input::any& input);

  /// Keeps an input until the current one has been handled. It must not borrow anything.
  void later(input::any input) { later_.push_back(std::move(input)); }

  /// Handles the inputs that `later` kept. Returns whether there were any.
  bool handle_later();

  /// Records all inputs and outputs from now on.
  void record(std::unique_ptr<recorder> to) { recorder_ = std::move(to); }

  /// The time at which the current loop iteration began, in ms. All of its inputs have this time.
  [[nodiscard]] instant_ms now() const;
  [[nodiscard]] entropy draw() { return entropy_.draw(); }
  [[nodiscard]] const engine& core() const { return *core_; }

 private:
  void step(instant_ms time, const input::any& input);
  void drain(instant_ms time);

  const event_loop& events_;
  std::unique_ptr<engine> core_;
  output_handler carry_out_;
  entropy_source entropy_;
  wall_watch wall_;
  std::optional<event_loop::clock::time_point> looked_at_wall_;  ///< the iteration in which the
                                                                 ///< wall clock was last read
  std::unique_ptr<recorder> recorder_;  ///< null unless `record` was called
  event_loop::clock::time_point origin_;
  timer deadline_;  ///< when the core must be woken
  std::vector<input::any> later_;
  bool is_handling_ = false;
};

}  // namespace downbeat::host
