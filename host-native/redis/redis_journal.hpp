#pragma once

#include "journal/journal_store.hpp"
#include "log/logger.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_connection.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::host {

/// The logs of all rooms, in Redis; `redis_scripts.hpp` has the layout. One server owns them at a
/// time. Another one waits until that server stops, or has not been heard of for the time of a
/// lease, and then goes on with the sessions.
///
/// The owner keeps the state of each room, too. So Redis may be away, may have been replaced by a
/// copy without the last appends, or may come back empty: once it is there again, the owner
/// compares the heads of all logs, and writes what differs.
class redis_journal final : public journal_store {
 public:
  /// Becomes the owner, who may be replaced after not having been heard of for the time of a lease.
  /// Waits at most this long for another server, and for Redis; a server that may have died is
  /// waited for at least until its lease is over. Throws unusable_journal.
  redis_journal(redis_address where, std::chrono::milliseconds lease,
                std::chrono::milliseconds wait, logger& log);

  /// Gives up the ownership, as `close` does.
  ~redis_journal() override { redis_journal::close(); }

  [[nodiscard]] const std::string& name() const override { return name_; }

  void load(const visitor& take) override;
  void visit(const visitor& take) override;
  void append(std::span<const output::append> what, std::span<outcome> results) override;
  void resolve(std::span<const output::append> what, std::span<outcome> results) override;

  /// Renews the lease, connects again, and replaces long logs by snapshots.
  std::optional<std::chrono::milliseconds> keep_up(bool is_idle) override;

  std::vector<std::string> integrity_faults() override { return {}; }
  void copy_to(const std::string& file) override;
  void count(journal_counters& into) const override;

  /// Gives up the ownership.
  void close() override;

 private:
  using clock = std::chrono::steady_clock;

  /// A room, as it is in Redis if Redis has lost nothing.
  struct kept_room {
    session::room state;
    std::string chain;
    std::string append = {};      ///< the last one's id
    std::size_t log_appends = 0;  ///< since the snapshot
  };

  void own(std::chrono::milliseconds wait, logger& log);
  /// Throws redis_away, or unusable_journal if this Redis cannot keep sessions.
  void connect();
  /// Connects again, if that has not just failed. Returns whether there is a connection.
  bool has_connection();
  void lose_connection(const redis_away& why);
  redis_reply ask_to_own(std::string_view what);
  /// Throws unusable_journal if another server has owned the sessions since.
  void renew();
  void renew_if_due();
  /// Writes what Redis has not, or has differently.
  void reconcile();

  void queue(std::string_view script, std::initializer_list<std::string_view> keys,
             std::initializer_list<std::string_view> arguments);
  void queue_of_room(std::string_view script, const std::string& code,
                     std::initializer_list<std::string_view> arguments);
  void queue_write(const std::string& code);
  void queue_append(const output::append& what);
  /// The answer of a script that changes something.
  redis_reply receive_change();

  /// Appends these, of different rooms. Returns those that conflict.
  std::vector<std::size_t> append_once(std::span<const output::append> what,
                                       std::span<const std::size_t> which,
                                       std::span<outcome> results);
  void append_all(std::span<const output::append> what, std::span<outcome> results);
  void take_in(const output::append& what);
  void write_rooms(std::span<const std::string> codes);
  void note_log(const std::string& code, std::size_t before, std::size_t after);

  /// For one answer. With the time between two renewals it is less than a lease: who waits in vain
  /// has not yet been replaced. And nobody waits for a command longer than a few seconds.
  [[nodiscard]] std::chrono::milliseconds patience() const {
    return std::min(lease_ / 4, std::chrono::milliseconds(2'000));
  }
  /// Between two attempts. Redis may come back empty, and who has everything must be there before
  /// another server has waited for the time of a lease.
  [[nodiscard]] std::chrono::milliseconds reconnect_interval() const {
    return std::min(lease_ / 8, std::chrono::milliseconds(500));
  }
  /// Also how long it takes to notice that Redis has gone, while nothing is appended.
  [[nodiscard]] std::chrono::milliseconds renewal_interval() const {
    return std::min(lease_ / 3, std::chrono::milliseconds(2'000));
  }

  redis_address where_;
  std::chrono::milliseconds lease_;
  std::string name_;
  std::string server_;     ///< the id of this process
  std::string owner_;      ///< with the number of the connection
  std::int64_t term_ = 0;  ///< 0 before it has been the owner
  std::unique_ptr<redis_connection> connection_;
  std::unordered_map<std::string_view, std::string> scripts_;  ///< their hashes
  std::unordered_map<std::string, kept_room> rooms_;           ///< by code
  std::set<std::string> long_logs_;                            ///< codes of rooms
  std::set<std::string> full_logs_;                            ///< of them, the longest
  clock::time_point next_renewal_at_{};
  clock::time_point next_connect_at_{};
  bool is_loaded_ = false;   ///< all rooms are here
  bool is_emptied_ = false;  ///< Redis may have come back without anything

  // Read in other threads.
  std::atomic<bool> is_connected_{false};
  std::atomic<std::uint64_t> connections_total_{0};
  std::atomic<std::uint64_t> repaired_rooms_total_{0};
  std::atomic<std::uint64_t> log_appends_{0};
};

/// Visits the rooms that a Redis has, without owning them. Throws unusable_journal.
void visit_redis(const redis_address& where, const journal_store::visitor& take);

}  // namespace downbeat::host
