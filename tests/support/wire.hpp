#pragma once

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "engine.hpp"
#include "input.hpp"
#include "jam/memory_journal.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "support/virtual_host.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

/// How a test shows what a client received: a text message as it is, everything else in angle
/// brackets, such as `<accepted>`, `<binary 01ff>`, `<closed 1005>`, `<refused 400 Forbidden>`.
using transcript = std::vector<std::string>;

/// One engine on virtual time, with peers that speak to it as a host would let them.
///
/// Every input is followed by a complete drain, and the engine's outputs are kept by transport and
/// by request until the test asks for it. The wire asserts what every host relies on: that nothing
/// is sent to a transport that is closed, that a WebSocket is accepted or refused in the step that
/// asks for it, that no request is answered twice, and that no deadline is left undone.
///
/// There may be several engines, the shards of one server. Peers connect to each in turn, also with
/// every single request, and messages between shards arrive at once, unless the test holds them
/// back.
class wire final : private virtual_host::observer {
 public:
  explicit wire(std::unique_ptr<engine> core);
  explicit wire(std::vector<std::unique_ptr<engine>> shards);
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  // Several shards.

  /// The next connection reaches this shard, and those after it the next ones in turn.
  void connect_next_to(shard_index which) { next_shard_ = which; }
  /// The shard that a WebSocket is at.
  [[nodiscard]] shard_index shard_of(transport_id which) const {
    return host_.peers().shard_of(which);
  }
  /// From now on messages between shards wait until they are delivered, and new connections all go
  /// to the same shard.
  void hold_messages() { host_.set_delivery(virtual_host::delivery::on_request); }
  /// Delivers all waiting messages; from now on messages arrive at once again.
  void release_messages() { host_.set_delivery(virtual_host::delivery::immediate); }
  /// Delivers the oldest message from one shard to another; false if there is none.
  bool deliver(shard_index from, shard_index to) { return host_.peers().deliver(from, to); }
  /// The pairs of shards between which messages wait.
  [[nodiscard]] std::vector<std::pair<shard_index, shard_index>> ways() const {
    return host_.peers().ways();
  }

  /// Records all inputs and outputs of every shard from now on. Call it before anything happens.
  void record();
  /// The recording, as the lines of a trace without its header.
  [[nodiscard]] const std::string& recorded(shard_index which) const { return traces_[which]; }

  // Peers act.

  /// Asks for a WebSocket. The default is an Engine.IO handshake.
  transport_id open_websocket(std::string_view query = "EIO=4&transport=websocket",
                              std::string_view origin = {});
  void receive(transport_id from, std::string_view text);
  void receive_binary(transport_id from, std::string_view bytes);
  void receive_too_large(transport_id from);
  /// The client closes its WebSocket, or is lost.
  void lose(transport_id which);

  request_id get(std::string_view query, std::string_view origin = {});
  /// A POST whose body follows at once.
  request_id post(std::string_view query, std::string_view body);
  /// A POST whose body is still on its way.
  request_id begin_post(std::string_view query, std::string_view content_type = "text/plain");
  void finish_post(request_id request, std::string_view body);
  void finish_post_too_large(request_id request);
  request_id request(http_method method, std::string_view query);
  void abort(request_id request);

  void shut_down();
  /// Any other input.
  void give(const input::any& input) {
    for (shard_index i = 0; i < host_.shards(); ++i) host_.handle(i, input);
  }

  /// The address that connections and requests come from, from now on.
  void set_address(std::string address) { address_ = std::move(address); }
  /// Other random bytes than those of other wires.
  void draw_from(std::uint64_t seed) { random_ = splitmix64(seed); }
  /// The entropy for the next connection, instead of the wire's own random bytes.
  void draw_next(const entropy& fresh) { next_draw_ = fresh; }

  // The host keeps rooms.

  /// The journal of a shard's host, and the faults in it.
  [[nodiscard]] jam::memory_journal& journal(shard_index of = 0) { return host_.journal(of); }
  /// Another engine's logs are those of the journal of the first shard, and are restored.
  void restore(const jam::memory_journal& kept) {
    host_.journal(0) = kept;
    host_.journal(0).restart();
    host_.restore();
  }
  /// Gives the engines all answers of their journals that are due by now.
  void answer_appends() { host_.answer_appends(); }

  // Time passes.

  /// Lets time pass, stopping at every deadline on the way.
  void advance(std::int64_t ms);
  /// Lets time pass while the host is asleep, and wakes the engine for no deadline.
  void oversleep(std::int64_t ms) { host_.sleep_until(now() + ms); }
  /// Gives the engine `deadline_reached`, whether a deadline has come or not.
  void wake();
  [[nodiscard]] instant_ms now() const { return host_.now(); }
  /// How long until the engine wants to be woken, if it does.
  [[nodiscard]] std::optional<std::int64_t> wait_ms() const;

  // What the engine did.

  /// What was sent on a transport since this was last asked.
  transcript sent(transport_id to);
  /// The last of `sent`, or an empty text.
  std::string last_sent(transport_id to);
  /// Such as `200 ok`, `400 {"code":…}`, `<pending>` or `<cut>`.
  [[nodiscard]] std::string response(request_id request) const;
  /// The type of the last answer to a request, empty if it had none.
  [[nodiscard]] std::string content_type(request_id request) const;
  /// The requests that wait for an answer, in the order of their arrival.
  [[nodiscard]] std::vector<request_id> pending() const;
  [[nodiscard]] bool is_open(transport_id which) const;
  /// Asks a shard, as its operator, and returns its answer.
  std::string query(std::string_view json, shard_index where = 0);
  /// Sends it a command, as its operator, and returns its answer.
  std::string operate(std::string_view json, shard_index where = 0);
  /// What was reported since this was last asked.
  std::vector<notice> reports();
  /// The value of a metric, or how often a limit has refused something.
  [[nodiscard]] std::uint64_t measure(std::string_view name, std::string_view limit = {}) const;
  [[nodiscard]] std::uint64_t limited(std::string_view limit) const {
    return measure("limited_total", limit);
  }
  [[nodiscard]] engine& core() { return host_.core(); }
  /// For what else a host does.
  [[nodiscard]] virtual_host& host() { return host_; }

 private:
  request_id ask(http_method method, std::string_view query, std::string_view origin,
                 std::string_view content_type);
  request_copy head_of(http_method method, std::string_view query, std::string_view origin,
                       std::string_view content_type);
  void arrive(transport_id from, const input::any& input);
  void on_input(shard_index where, const input::any& input) override;
  void carry_out(shard_index where, output::any& output) override;
  void on_complaint(const std::string& what) override;
  std::string answer_to(shard_index where, std::uint64_t id, const input::any& asked);
  shard_index take_shard();
  void end(request_id request, std::string how);
  void note(transport_id to, std::string what);
  entropy draw();

  virtual_host host_;
  std::vector<std::string> traces_;  ///< of each shard
  shard_index next_shard_ = 0;
  std::uint64_t last_id_ = 0;
  splitmix64 random_{20260101};
  std::map<transport_id, transcript> sent_;
  std::map<transport_id, bool> is_open_;
  std::map<transport_id, shard_index> closed_at_;  ///< the shard whose output it was
  std::map<request_id, std::string> responses_;
  std::map<request_id, std::string> content_types_;
  std::set<request_id> pending_;
  std::optional<entropy> next_draw_;
  std::string address_ = "192.0.2.1";
  std::vector<notice> reports_;
  std::optional<std::pair<std::uint64_t, std::string>> answer_;  ///< to an operator
};

/// The value of a string member in a text that contains JSON, such as the `sid` of an open packet.
std::string member_of(std::string_view text, std::string_view key);

}  // namespace downbeat::test
