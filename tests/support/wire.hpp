#pragma once

#include "engine.hpp"
#include "entropy.hpp"
#include "input.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "support/post_office.hpp"
#include "time.hpp"

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

/// How a test tells what came over the wire: a text message as it is, everything else in angle
/// brackets, such as `<accepted>`, `<binary 01ff>`, `<closed 1005>`, `<refused 400 Forbidden>`.
using transcript = std::vector<std::string>;

/// One engine on virtual time, with peers that speak to it as a host would let them.
///
/// Every fact is followed by a complete drain, and what the engine orders is kept by transport and
/// by request until the test asks for it. The wire asserts what every host relies on: that nothing
/// is sent to a transport that is closed, that a WebSocket is accepted or refused in the step that
/// asks for it, that no request is answered twice, and that no deadline is left undone.
///
/// There may be several engines, the shards of one server. Peers connect to each in turn, also with
/// every single request, and what the shards tell each other arrives at once, unless the test
/// holds their mail back.
class wire {
 public:
  explicit wire(std::unique_ptr<engine> core);
  explicit wire(std::vector<std::unique_ptr<engine>> shards);
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  // Several shards.

  /// The next connection reaches this shard, and those after it the next ones in turn.
  void connect_next_to(shard_index which) { next_shard_ = which; }
  /// The shard that a WebSocket is at.
  [[nodiscard]] shard_index shard_of(transport_id which) const { return office_.shard_of(which); }
  /// From now on mail waits until it is delivered, and new connections all reach the same shard.
  void hold_mail() { is_mail_held_ = true; }
  /// From now on it does not, and what has waited is delivered.
  void let_mail_go();
  /// Delivers the oldest mail from one shard to another; false if there is none.
  bool deliver(shard_index from, shard_index to) { return office_.deliver(from, to); }
  /// The ways on which mail waits, as pairs of shards.
  [[nodiscard]] std::vector<std::pair<shard_index, shard_index>> mail() const {
    return office_.ways();
  }

  // Peers act.

  /// Asks for a WebSocket. The default is an Engine.IO handshake.
  transport_id open_websocket(std::string_view query = "EIO=4&transport=websocket",
                              std::string_view origin = {});
  void receive(transport_id from, std::string_view text);
  void receive_binary(transport_id from, std::string_view bytes);
  void receive_too_large(transport_id from);
  /// The peer closes its WebSocket, or is lost.
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
  /// Any other fact.
  void tell(const input::any& fact) {
    for (shard_index i = 0; i < shards_.size(); ++i) handle(i, fact);
  }

  /// What the next peer's connection is made with, instead of the wire's own random bytes.
  void draw_next(const entropy& fresh) { next_draw_ = fresh; }

  // Time passes.

  /// Lets time pass, stopping at every deadline on the way.
  void advance(std::int64_t ms);
  /// Lets time pass while the host is asleep, and wakes the engine for no deadline.
  void oversleep(std::int64_t ms);
  /// Tells the engine that a deadline has come, whether that is so or not.
  void wake();
  [[nodiscard]] instant_ms now() const { return now_; }
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
  /// What was reported since this was last asked.
  std::vector<notice> reports();
  /// The value of a measurement, or how often a limit has turned something away.
  [[nodiscard]] std::uint64_t measure(std::string_view name, std::string_view limit = {}) const;
  [[nodiscard]] std::uint64_t limited(std::string_view limit) const {
    return measure("limited_total", limit);
  }
  [[nodiscard]] engine& core() { return *shards_.front().core; }

 private:
  struct place {
    std::unique_ptr<engine> core;
    std::optional<instant_ms> deadline;
  };
  request_id ask(http_method method, std::string_view query, std::string_view origin,
                 std::string_view content_type);
  request_copy head_of(http_method method, std::string_view query, std::string_view origin,
                       std::string_view content_type);
  void arrive(transport_id from, const input::any& fact);
  void handle(shard_index where, const input::any& fact);
  void carry_out(shard_index where, output::any order);
  void deliver_all();
  shard_index take_shard();
  void end(request_id request, std::string how);
  void note(transport_id to, std::string what);
  entropy draw();

  std::vector<place> shards_;
  shard_index next_shard_ = 0;
  post_office office_;
  bool is_mail_held_ = false;
  bool is_delivering_ = false;
  instant_ms now_ = 0;
  std::uint64_t last_id_ = 0;
  splitmix64 random_{20260101};
  std::map<transport_id, transcript> sent_;
  std::map<transport_id, bool> is_open_;
  std::map<transport_id, shard_index> closed_at_;  ///< the shard that ordered it
  std::map<request_id, std::string> responses_;
  std::map<request_id, std::string> content_types_;
  std::set<request_id> pending_;
  std::optional<entropy> next_draw_;
  std::vector<notice> reports_;
};

/// The value of a string member in a text that contains JSON, such as the `sid` of an open packet.
std::string member_of(std::string_view text, std::string_view key);

}  // namespace downbeat::test
