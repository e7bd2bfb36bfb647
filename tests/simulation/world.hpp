#pragma once

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "jam/options.hpp"
#include "session/room.hpp"
#include "session/user_id.hpp"
#include "shard.hpp"
#include "simulation/chance.hpp"
#include "simulation/device.hpp"
#include "socketio/socket.hpp"
#include "support/jam_shards.hpp"
#include "support/virtual_host.hpp"
#include "text/fnv1a.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::simulation {

/// One server and a handful of devices that do what chance decides: connect, create, join,
/// play, leave, drop, vanish, poll, upgrade, fall silent, flood, and send what no client should.
/// The host falls asleep, limits change, and the server is drained, stopped and started. Everything
/// follows from the seed, or from what else chance is made of.
///
/// The server may be in several shards. Every request reaches the one that chance picks, and
/// messages between shards arrive when chance says so.
///
/// After every step the invariants are checked; the first that is broken is the failure.
class world final : private test::virtual_host::observer {
 public:
  /// A replayable one sets nothing that the header of a trace cannot say.
  explicit world(chance decides, shard_index shards = 1,
                 jam::journal_kind journal = jam::journal_kind::memory, bool is_replayable = false,
                 std::int64_t reconnect_grace_s = 0);
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// From now on every input and every output is passed on as a line of a trace; with several
  /// shards, whose trace cannot be replayed, the shard's number comes first.
  void on_line(std::function<void(std::string_view)> take);
  /// The first line of that trace.
  [[nodiscard]] std::string trace_header(shard_index of = 0) const;

  /// Gives the server one input.
  void step();
  /// Lets all devices receive what is theirs and disconnect, and lets time pass. Then nothing may
  /// be left.
  void settle();

  /// Whether chance has nothing more to say.
  [[nodiscard]] bool is_spent() const { return chance_.is_spent(); }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Of every output so far, and of the state at many times.
  [[nodiscard]] std::uint64_t digest_value() const;

 private:
  // What chance decides.
  void act(device& d);
  void connect(device& d);
  void send_packet(device& d, std::string_view packet);
  void send_connect(device& d);
  void send_request(device& d, const std::string& ack, const std::string& name,
                    const std::string& members);
  void send_event(device& d);
  void send_garbage(device& d);
  void upgrade(device& d);
  void lose_upgrade(device& d);
  void flood(device& d);
  void send_binary_event(device& d);
  void send_attachment(device& d);
  void reconnect_namespace(device& d);
  void drop(device& d);
  void vanish(device& d);
  void poll(device& d);
  void flush(device& d);
  void finish_post(device& d);
  void pass_time(std::int64_t ms);
  void oversleep();
  void answer_pings();
  void come_to_rest();
  void reload();
  void reload_next();
  void drain_or_restart();
  void restart();
  void start(bool is_restored = false);
  /// The next server has the rooms of the journals, and nobody is connected.
  void go_on_from_journals();
  /// Whether a server stops whose rooms the next one has.
  [[nodiscard]] bool goes_on() const {
    return is_stopping_ && journal_kind_ == jam::journal_kind::host;
  }
  void crash();
  void leave_all();
  void create_all_sessions();

  // What goes to the server, and what comes back.
  void ask_for_websocket(const device& d, transport_id transport, const std::string& query);
  void ask(const device& d, request_id request, http_method method, const std::string& query);
  void give(const input::any& input) { host_->peers().give(input); }
  void handle(shard_index where, const input::any& input) { host_->handle(where, input); }
  void on_input(shard_index where, const input::any& input) override;
  void on_handled(shard_index where) override;
  void on_output(shard_index where, const output::any& output) override;
  void carry_out(shard_index where, output::any& output) override;
  void on_complaint(const std::string& what) override { fail(what); }
  void change_journal();
  void set_wall_clock();
  void mend_journals();
  const socketio::socket* pending_socket_of(shard_index where, const device& d) const;
  std::vector<std::pair<device*, socketio::socket_number>> clients_that_may_be_given_up(
      shard_index where, const input::any& input);
  void check_journal();
  void deliver_some();
  void deliver_one();
  void deliver_all();
  void take_down(std::string_view text);
  void note(shard_index where, std::string_view line);
  bool forget_post(request_id request);
  void leave(device& d);
  void hear_response(device& d, std::string_view body);
  device* device_of_transport(transport_id transport);
  device* device_of_request(request_id request);

  [[nodiscard]] bool is_excused(const device& d) const;
  void check();
  void check_rooms();
  void check_retained_bytes();
  void check_picture(const device& d);
  void check_seat(shard_index shard, const session::participant& who);
  [[nodiscard]] bool is_between_rooms(const device& d) const;
  void fail(std::string what);

  [[nodiscard]] instant_ms now() const { return host_->now(); }
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
  jam::journal_kind journal_kind_;
  bool is_replayable_;
  std::int64_t grace_s_;
  jam::options options_;                ///< in force, or about to be
  std::vector<jam::options> reloaded_;  ///< in force at each shard
  std::vector<shard_index> to_reload_;  ///< shards without the change so far
  instant_ms reloaded_at_ = -1;
  std::int64_t sessions_lost_ = 0;         ///< at most, of those that may be created, by rounding
  std::int64_t highest_max_sessions_ = 0;  ///< that has been in force
  std::vector<std::int64_t> participants_before_;  ///< the limit of each shard, at the last check
  std::int64_t sessions_before_ = 0;               ///< when the invariants were checked last
  std::map<std::string, std::int64_t, std::less<>> room_sizes_;  ///< then, by code
  std::optional<test::jam_shards> server_;
  std::optional<test::virtual_host> host_;
  std::uint64_t deliveries_ = 1;  ///< the most messages delivered in a step; 0 holds them back
  /// Those whom the input that is being handled may cost their connection.
  std::vector<std::pair<device*, socketio::socket_number>> may_be_given_up_;
  std::uint64_t last_id_ = 0;
  std::array<device, 12> devices_;
  std::map<request_id, std::size_t> posts_;  ///< whose POSTs are not answered yet
  std::set<transport_id> lost_;  ///< WebSockets whose clients have vanished, unnoticed by the
                                 ///< server
  shard_index draining_ = 0;     ///< so many shards, the first ones
  bool is_stopping_ = false;
  shard_index stopped_ = 0;  ///< how many shards have been told to stop
  std::int64_t wall_ms_at_0_ = 1'800'000'000'000;
  std::optional<instant_ms> started_at_;  ///< until the shards have exchanged what they restored
  bool is_at_rest_ = false;               ///< messages arrive at once
  std::multiset<std::string> users_;      ///< the connected users, according to the log
  std::vector<std::string> codes_;        ///< room codes that were seen, some of them stale
  fnv1a digest_;
  std::function<void(std::string_view)> on_line_;
  std::uint64_t steps_ = 0;
  std::string failure_;
};

}  // namespace downbeat::simulation
