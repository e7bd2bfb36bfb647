#pragma once

#include "entropy.hpp"
#include "jam/options.hpp"
#include "session/room.hpp"
#include "session/user_id.hpp"
#include "shard.hpp"
#include "simulation/chance.hpp"
#include "simulation/device.hpp"
#include "support/jam_shards.hpp"
#include "support/post_office.hpp"
#include "text/digest.hpp"
#include "time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::simulation {

/// One server and a handful of devices that do what chance tells them: connect, create, join,
/// play, leave, drop, vanish, poll, upgrade, fall silent, flood, and send what no client should.
/// The host falls asleep, and the server is drained, stopped and started. Everything follows from
/// the seed, or from what else chance is made of.
///
/// The server may be in several shards. Every request reaches the one that chance picks, and what
/// shards tell each other arrives when chance says so.
///
/// After every step the invariants are checked; the first that is broken is the failure.
class world {
 public:
  explicit world(chance decides, shard_index shards = 1);
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// From now on every fact and every order is handed out as a line of a trace; those of several
  /// shards, which cannot be replayed, with the shard's number first.
  void on_line(std::function<void(std::string_view)> take) { on_line_ = std::move(take); }
  /// The first line of that trace.
  [[nodiscard]] std::string trace_header() const;

  /// Lets one fact reach the server.
  void step();
  /// Lets all devices hear what is theirs, go away, and time pass; then nothing may be left.
  void settle();

  /// Whether chance has nothing more to say.
  [[nodiscard]] bool is_spent() const { return chance_.is_spent(); }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Of every order so far, and of the state at many times.
  [[nodiscard]] std::uint64_t digest_value() const;

 private:
  // What chance decides.
  void act(device& d);
  void connect(device& d);
  void send_packet(device& d, std::string_view packet);
  void send_event(device& d);
  void send_garbage(device& d);
  void upgrade(device& d);
  void lose_upgrade(device& d);
  void flood(device& d);
  void drop(device& d);
  void vanish(device& d);
  void poll(device& d);
  void flush(device& d);
  void finish_post(device& d);
  void pass_time(std::int64_t ms);
  void oversleep();
  void answer_pings();
  void come_to_rest();
  void drain_or_restart();
  void restart();
  void start();
  void leave_all();
  void create_all_sessions();

  // What goes to the server, and what comes back.
  void ask_for_websocket(transport_id transport, const std::string& query);
  void ask(request_id request, http_method method, const std::string& query);
  void tell(const input::any& fact) { office_->tell(fact); }
  void handle(shard_index where, const input::any& fact);
  void reach_deadlines();
  void carry_mail();
  void deliver_one();
  void deliver_all();
  void take_down(std::string_view text);
  void note(shard_index where, std::string_view line);
  void carry_out(shard_index where, output::any& order);
  void carry_out(const output::any& order);
  bool forget_post(request_id request);
  void leave(device& d);
  void hear_response(device& d, std::string_view body);
  device* device_of_transport(transport_id transport);
  device* device_of_request(request_id request);

  void check();
  void check_rooms();
  void check_picture(const device& d);
  void fail(std::string what);

  [[nodiscard]] std::optional<instant_ms> deadline() const;
  [[nodiscard]] const session::room* room_of(const session::user_id& user) const;
  shard_index some_shard() { return shards_ == 1 ? 0 : static_cast<shard_index>(below(shards_)); }
  std::string some_room();
  std::string some_name();
  entropy draw();
  std::uint64_t below(std::uint64_t bound) { return chance_.below(bound); }
  /// A place in something of this size.
  std::size_t place_in(std::size_t size) { return static_cast<std::size_t>(below(size)); }

  chance chance_;
  shard_index shards_;
  jam::options options_;
  std::optional<test::jam_shards> server_;
  std::optional<test::post_office> office_;
  std::uint64_t pace_of_mail_ = 1;  ///< 0 holds it back
  instant_ms now_ = 0;
  std::vector<std::optional<instant_ms>> deadlines_;  ///< of each shard
  std::uint64_t last_id_ = 0;
  std::array<device, 12> devices_;
  std::map<request_id, std::size_t> posts_;  ///< whose POSTs are not answered yet
  std::set<transport_id> lost_;  ///< WebSockets whose peers have vanished, which nobody knows
  shard_index draining_ = 0;     ///< so many shards, the first ones
  bool is_stopping_ = false;
  bool is_at_rest_ = false;         ///< mail arrives at once
  std::set<std::string> users_;     ///< who is connected, as the log has it
  std::vector<std::string> codes_;  ///< room codes that were seen, some of them stale
  digest digest_;
  std::function<void(std::string_view)> on_line_;
  std::uint64_t steps_ = 0;
  std::string failure_;
};

}  // namespace downbeat::simulation
