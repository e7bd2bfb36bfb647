#pragma once

#include "engineio/options.hpp"
#include "input.hpp"
#include "measurement.hpp"
#include "output.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace downbeat {
namespace engineio {
class application;
class server;
}  // namespace engineio

/// The machine that a host drives. It has no socket, no clock and no randomness of its own.
///
/// Every mutation is followed by a complete drain of `poll_output` until it answers `wait_until`:
///
///     core.handle(now, fact);
///     for (;;) {
///       auto order = core.poll_output();
///       if (auto* wait = std::get_if<output::wait_until>(&order)) return
///       arm_timer(wait->deadline); carry_out(std::move(order));
///     }
///
/// `carry_out` never calls `handle`, and `now` never falls.
class engine {
 public:
  /// Makes what runs on Engine.IO, with the server to speak through and the queue that its
  /// reports for the operator go to. Both outlive it.
  using application_factory = std::function<std::unique_ptr<engineio::application>(
      engineio::server& transport, output_queue& outputs)>;

  /// One shard of several, or all there is.
  engine(const engineio::options& options, const application_factory& make_application,
         shard here = {});
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  /// Takes in one fact, and everything that follows from it.
  void handle(instant_ms now, const input::any& fact);

  /// The next order, or `wait_until` when there is none.
  [[nodiscard]] output::any poll_output();

  /// What an operator may want to know of the state, of every layer.
  [[nodiscard]] std::vector<measurement> measure() const;

  /// The state of every layer as a JSON object, for people who look on. Everything in it comes in
  /// an order of its own, so that equal states have equal snapshots.
  [[nodiscard]] std::string snapshot() const;

 private:
  output_queue outputs_;
  // Apart, so that whoever drives the machine need not be compiled anew with all that is in it.
  std::unique_ptr<engineio::server> transport_;
  std::unique_ptr<engineio::application> application_;
};

}  // namespace downbeat
