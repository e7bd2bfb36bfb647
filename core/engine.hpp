#pragma once

#include "base/time.hpp"
#include "engineio/options.hpp"
#include "input.hpp"
#include "output.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "telemetry/measurement.hpp"
#include "telemetry/retained.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace downbeat {
namespace engineio {
class application;
class server;
}  // namespace engineio

/// The server without sockets, clock, threads or randomness. A host drives it.
///
/// After every input the host takes all outputs, until `poll_output` answers `wait_until`:
///
///     core.handle(now, input);
///     for (;;) {
///       auto next = core.poll_output();
///       if (auto* wait = std::get_if<output::wait_until>(&next)) {
///         arm_timer(wait->deadline);
///         break;
///       }
///       carry_out(std::move(next));
///     }
///
/// `carry_out` must not call `handle`, and `now` must never decrease.
class engine {
 public:
  /// Makes the application that runs on Engine.IO. The application sends through `transport` and
  /// puts its log notices into `outputs`; both live longer than the application.
  using application_factory = std::function<std::unique_ptr<engineio::application>(
      engineio::server& transport, output_queue& outputs)>;

  /// `here` says which shard this engine is. The default is a server with a single engine.
  engine(const engineio::options& options, const application_factory& make_application,
         shard here = {});
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  /// Takes one input and does everything that follows from it. The outputs wait in `poll_output`.
  /// Views in the input need to stay valid only until this returns.
  void handle(instant_ms now, const input::any& input);

  /// Prepares an input that was read from a trace. A trace is untrusted: anybody may have written
  /// it. The text of a migrated connection is parsed into its state. Returns an error message, or
  /// an empty string if the input can be handled.
  [[nodiscard]] std::string take_written(input::any& input) const;

  /// Takes the next output out of the queue, or returns `wait_until` with the next deadline if the
  /// queue is empty.
  [[nodiscard]] output::any poll_output();

  /// The wall clock at `now`, in milliseconds since 1970-01-01 00:00 UTC. Nothing until the host
  /// has sent `input::clock`.
  [[nodiscard]] std::optional<std::int64_t> wall_now(instant_ms now) const;

  /// The metrics of every layer, for `/metrics`.
  [[nodiscard]] std::vector<measurement> measure(instant_ms now) const;

  /// The state of every layer as a JSON object, for people and tests. Lists are sorted, so equal
  /// states give equal texts.
  [[nodiscard]] std::string snapshot() const;

  /// The bytes that each client makes the server keep, in the order of the Engine.IO handshakes:
  /// packets that wait for a GET, the part of a POST that waits for its turn, incomplete binary
  /// events, messages held while another shard is asked, and the text of the handshake.
  ///
  /// For tests: it visits every connection. After each input no client is above its limit. If an
  /// operator lowers a limit, connections above the new limit are closed in the same step.
  [[nodiscard]] std::vector<retained> retained_bytes() const;

  /// The most bytes that this number of connections can retain together. Nothing if an option lifts
  /// one of the limits that this follows from.
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit_in_all(
      std::int64_t connections) const;

 private:
  void answer(instant_ms now, const input::query& asked);
  void answer(instant_ms now, const input::operator_command& ordered);

  output_queue outputs_;
  shard here_;
  // Pointers to incomplete types, so that files that include this header do not compile the layers.
  std::unique_ptr<engineio::server> transport_;
  std::unique_ptr<engineio::application> application_;
};

}  // namespace downbeat
