#pragma once

#include "entropy.hpp"
#include "input.hpp"
#include "output.hpp"
#include "shard.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::test {

/// The head of a request, kept in case it is forwarded.
struct request_copy {
  http_method method = http_method::get;
  std::string query;
  std::string origin;
  std::string content_type;
  std::string address;
  entropy fresh{};

  [[nodiscard]] request_head head(bool is_forwarded) const {
    return {query, origin, content_type, address, is_forwarded};
  }
};

/// What a host does for the shards of one server, on virtual time: it carries what they tell each
/// other and what they hand over, in order on each way, and knows where each transport and each
/// request is. What a peer does while its own are on the way is noticed when they arrive.
///
/// Transports and requests share their numbers. Of one that is closed or answered nothing is told.
class post_office {
 public:
  /// Lets a shard handle a fact, and hands all that it orders to `take`.
  using teller = std::function<void(shard_index where, const input::any& fact)>;

  post_office(shard_index shards, teller tell) : shards_(shards), tell_(std::move(tell)) {}

  // Peers act.

  /// A peer asks for a WebSocket, and its connection happens to be at this shard.
  void ask_for_websocket(shard_index where, transport_id transport, request_copy what);
  /// A peer's HTTP request has come to this shard.
  void ask(shard_index where, request_id request, request_copy what);
  /// What happens to a transport or a request.
  void tell(const input::any& fact);

  [[nodiscard]] bool is_open(std::uint64_t number) const { return open_.count(number) != 0; }
  [[nodiscard]] bool is_travelling(std::uint64_t number) const;
  /// Whether the peer has gone, while this was on the way.
  [[nodiscard]] bool is_leaving(std::uint64_t number) const;
  /// The shard that an open transport or request is at, or was sent from.
  [[nodiscard]] shard_index shard_of(std::uint64_t number) const { return open_.at(number).where; }

  // Shards order.

  /// Takes what a shard orders. True if it was for another shard, and has become a letter.
  bool take(shard_index from, output::any& order);
  /// What made no sense among all orders: one for what is closed, or is elsewhere. Empty if none.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  // Letters arrive.

  /// Delivers the oldest letter from one shard to another; false if there is none.
  bool deliver(shard_index from, shard_index to);
  [[nodiscard]] bool has_mail() const;
  /// The ways on which letters wait, as pairs of shards.
  [[nodiscard]] std::vector<std::pair<shard_index, shard_index>> ways() const;

 private:
  /// A fact with the bytes that it looks at.
  struct late_fact {
    input::any fact;
    std::string bytes;
  };
  struct place {
    shard_index where = 0;
    bool is_travelling = false;
    bool is_leaving = false;
    request_copy asked = {};
    std::vector<late_fact> late = {};
  };
  struct forwarded_websocket {
    transport_id transport;
  };
  struct forwarded_request {
    request_id request;
  };
  using letter = std::variant<std::unique_ptr<const between_shards::message>,
                              std::unique_ptr<parcel>, forwarded_websocket, forwarded_request>;

  void post(shard_index from, shard_index to, letter what);
  void send_off(shard_index from, std::uint64_t number);
  void close(shard_index from, std::uint64_t number);
  void must_be_at(shard_index where, std::uint64_t number);
  void complain(std::string what);

  shard_index shards_;
  teller tell_;
  std::map<std::uint64_t, place> open_;
  std::map<std::pair<shard_index, shard_index>, std::deque<letter>> mail_;
  std::string complaint_;
};

}  // namespace downbeat::test
