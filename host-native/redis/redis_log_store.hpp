#pragma once

#include "cluster/log_store.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_connection.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// The store that several nodes share, in Redis; `redis_scripts.hpp` has the layout. For one thread
/// at a time.
class redis_log_store final : public cluster::log_store {
 public:
  /// Each answer may take so long.
  redis_log_store(redis_address where, std::chrono::milliseconds patience);

  /// As `connect`, but throws unusable_journal if this Redis cannot keep sessions.
  std::optional<std::string> connect_or_refuse();

  std::optional<std::string> connect() override;
  void disconnect() override { connection_.reset(); }
  [[nodiscard]] bool is_connected() const override { return connection_ != nullptr; }
  [[nodiscard]] const std::string& failure() const override { return failure_; }
  std::optional<cluster::store_state> announce(const cluster::sender& who, std::string_view text,
                                               std::int64_t lease_ms, bool is_news) override;
  bool leave(const cluster::sender& who) override;
  bool remove_node(node_id which) override;
  bool begin_lineage(std::string_view lineage) override;
  void append(const cluster::sender& who, std::string_view lineage,
              std::span<const cluster::log_entry> what,
              std::span<cluster::append_answer> answers) override;
  std::optional<cluster::log_part> read_log(std::uint64_t from, std::size_t most) override;
  std::optional<std::map<std::string, cluster::log_head>> read_heads() override;
  std::optional<std::vector<cluster::stored_room>> read_rooms(
      std::span<const std::string> codes) override;
  std::optional<std::size_t> compact(std::span<const cluster::room_to_write> what) override;
  bool begin_repair(const cluster::sender& who, std::int64_t lease_ms) override;
  bool keep_repairing(const cluster::sender& who, std::int64_t lease_ms) override;
  bool write(const cluster::sender& who, std::int64_t lease_ms,
             std::span<const cluster::room_to_write> what) override;
  std::uint64_t end_repair(const cluster::sender& who, std::uint64_t n,
                           std::string_view lineages) override;

 private:
  std::string open();
  void queue(std::string_view script, std::initializer_list<std::string_view> keys,
             std::initializer_list<std::string_view> arguments);
  /// An answer; throws redis_away if it says that another connection is needed.
  redis_reply receive();
  redis_reply receive_result();
  redis_reply ask(std::string_view script, std::initializer_list<std::string_view> keys,
                  std::initializer_list<std::string_view> arguments);
  /// Does something that asks Redis. Returns whether it could.
  template <class Work>
  bool attempt(Work work);

  redis_address where_;
  std::chrono::milliseconds patience_;
  std::string channel_;
  std::unique_ptr<redis_connection> connection_;
  std::map<std::string_view, std::string> scripts_;  ///< their hashes
  std::string failure_;
};

/// The channel of appends. Channels are the same in all databases of a Redis, so the database is
/// part of the name.
std::string appends_channel(const redis_address& where);

/// Reads rooms with this connection, without being a node. Throws redis_away.
std::map<std::string, cluster::stored_room> read_all_rooms(redis_connection& connection);

}  // namespace downbeat::host
