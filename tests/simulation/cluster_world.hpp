#pragma once

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "jam/options.hpp"
#include "node.hpp"
#include "output.hpp"
#include "session/room.hpp"
#include "shard.hpp"
#include "simulation/chance.hpp"
#include "simulation/device.hpp"
#include "support/cluster_node.hpp"
#include "support/jam_shards.hpp"
#include "support/simulated_redis.hpp"
#include "support/virtual_host.hpp"
#include "text/fnv1a.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::simulation {

/// Several nodes on one Redis, and a handful of devices that do what chance decides, at any node:
/// connect, create, join, play, leave, drop, vanish, and come back with their secrets or another's.
/// Nodes are killed, stopped, started, sleep, and are cut off. Redis is away, hangs, is full, loses
/// its last writes or everything, and answers and published messages are lost. Everything follows
/// from the seed.
///
/// At times all that goes wrong is mended. When everything has come to rest then, all must agree:
/// the nodes with each other, with what Redis has, and with what the devices believe.
class cluster_world final {
 public:
  cluster_world(chance decides, shard_index shards, std::int64_t reconnect_grace_s);
  ~cluster_world();
  cluster_world(const cluster_world&) = delete;
  cluster_world& operator=(const cluster_world&) = delete;

  /// Something happens.
  void step();
  /// Mends everything and lets time pass until all has come to rest. Then all must agree.
  void rest();

  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Of every output so far.
  [[nodiscard]] std::uint64_t digest_value() const { return digest_.value(); }
  /// From now on, what happens is passed on as lines.
  void on_line(std::function<void(std::string_view)> take) { on_line_ = std::move(take); }

 private:
  static constexpr std::size_t node_count = 3;

  /// A process that serves, until it ends.
  class process final : public test::virtual_host::observer {
   public:
    process(cluster_world& in, std::size_t place, node_id self);
    void carry_out(shard_index where, output::any& what) override;
    void on_complaint(const std::string& what) override;
    void on_output(shard_index where, const output::any& what) override;
    void on_input(shard_index where, const input::any& what) override;

    cluster_world& world;
    std::size_t place;
    test::jam_shards server;
    test::virtual_host host;
    test::cluster_node node;
    std::optional<instant_ms> asleep_until = {};
    std::vector<transport_id> closed_asleep = {};  ///< by clients, while it was asleep
    /// When something was last done to this node that may make the others take it for dead.
    instant_ms disturbed_at = 0;
  };

  struct client {
    device view;
    std::size_t at = 0;  ///< the place of its node, while it is connected
    /// When it last asked for a change of its membership.
    instant_ms moved_at = 0;
    std::string requested_by = {};  ///< the id with which it has sent its last request
  };

  // What chance decides.
  void act(client& c);
  void connect(client& c);
  void send_connect(client& c);
  void send_event(client& c);
  void send_request(client& c, const std::string& ack, const std::string& name,
                    const std::string& members);
  void drop(client& c);
  void close(process& at, transport_id transport);
  void vanish(client& c);
  void change_nodes();
  void change_redis();
  void carry_some();
  std::string some_room();
  std::string some_name();

  // Nodes.
  void start(std::size_t place);
  void kill(std::size_t place);
  void stop(std::size_t place);
  void wake(process& one);
  void disturb(process& one) { one.disturbed_at = now(); }
  [[nodiscard]] process* awake(std::size_t place) const;
  [[nodiscard]] process* process_of(node_id node) const;
  void mend();

  // Time.
  void pass_time(std::int64_t ms);
  void carry_all();
  bool deliver_relay(std::size_t which);
  void answer_pings();

  // What comes back.
  void hear(process& from, output::any& what);
  void hear_text(process& from, client& c, std::string_view text);
  client* client_of_transport(transport_id transport);
  void send(client& c, std::string_view packet);
  void flush(client& c);

  // What must be true.
  void check();
  void check_picture(const client& c);
  void check_undisturbed(const client& heard_by, std::string_view user);
  void check_agreement();
  void check_rooms_of(process& one, const std::map<std::string, std::uint64_t>& stored);
  [[nodiscard]] std::map<std::string, session::room> stored_rooms();
  void fail(std::string what);
  void say(const std::string& what) const;

  [[nodiscard]] instant_ms now() const { return redis_.now; }
  std::uint64_t below(std::uint64_t bound) { return chance_.below(bound); }
  std::size_t place_in(std::size_t size) { return static_cast<std::size_t>(below(size)); }
  entropy draw();

  chance chance_;
  shard_index shards_;
  jam::options options_;
  test::simulated_redis redis_;
  std::array<std::unique_ptr<process>, node_count> places_;
  std::array<client, 12> clients_;
  /// What is on its way between two nodes.
  std::map<std::pair<node_id, node_id>, std::deque<std::string>> relays_;
  std::set<transport_id> lost_;  ///< whose clients have vanished
  bool is_redis_away_ = false;
  instant_ms redis_hangs_until_ = 0;
  bool has_redis_lost_ = false;     ///< since the last rest
  std::set<std::string> overfull_;  ///< codes of sessions, because of that
  bool loses_relays_ = false;
  bool is_at_rest_ = false;
  instant_ms rested_at_ = -1;
  std::vector<std::string> codes_;
  std::uint64_t last_id_ = 0;
  std::set<node_id> used_ids_;
  fnv1a digest_;
  std::function<void(std::string_view)> on_line_;
  std::uint64_t steps_ = 0;
  std::string failure_;
};

}  // namespace downbeat::simulation
