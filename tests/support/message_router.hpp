#pragma once

#include "base/entropy.hpp"
#include "input.hpp"
#include "migration.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "shard_message.hpp"

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

/// What a host does for the shards of one server, on virtual time: it delivers their messages,
/// migrations and forwarded requests, in order for each pair of shards, and knows where each
/// transport and each request is. What a peer does during a migration becomes an input on arrival.
///
/// Transports and requests share their numbers. One that is closed or answered gets no more inputs.
class message_router {
 public:
  /// Gives a shard an input, and passes its outputs to `take`.
  using input_handler = std::function<void(shard_index where, const input::any& input)>;

  message_router(shard_index shards, input_handler give)
      : shards_(shards), handle_(std::move(give)) {}

  // Peers act.

  /// A peer asks for a WebSocket, and its connection happens to be at this shard.
  void ask_for_websocket(shard_index where, transport_id transport, request_copy what);
  /// A peer's HTTP request has come to this shard.
  void ask(shard_index where, request_id request, request_copy what);
  /// What happens to a transport or a request.
  void give(const input::any& input);
  /// A shard is about to be given this: a new transport or request is there from now on, and one
  /// that ends is nowhere.
  void note(shard_index where, const input::any& input);
  /// The server has died: nothing is open, and nothing on its way.
  void close_all();

  [[nodiscard]] bool is_open(std::uint64_t number) const { return open_.count(number) != 0; }
  [[nodiscard]] bool is_in_transit(std::uint64_t number) const;
  /// Whether the client closed it during its migration.
  [[nodiscard]] bool is_leaving(std::uint64_t number) const;
  /// The shard that an open transport or request is at, or was sent from.
  [[nodiscard]] shard_index shard_of(std::uint64_t number) const { return open_.at(number).where; }

  // Outputs of shards.

  /// Takes an output of a shard. True if it was for another shard, and is a message now.
  bool take(shard_index from, output::any& output);
  /// Why an output made no sense: it was for something that is closed, or in another shard. Empty
  /// if none was.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  // Messages arrive.

  /// Delivers the oldest message from one shard to another; false if there is none.
  bool deliver(shard_index from, shard_index to);
  [[nodiscard]] bool has_messages() const;
  /// The pairs of shards between which messages wait.
  [[nodiscard]] std::vector<std::pair<shard_index, shard_index>> ways() const;

 private:
  /// An input with the bytes that it looks at.
  struct late_input {
    input::any input;
    std::string bytes;
  };
  struct place {
    shard_index where = 0;
    bool is_in_transit = false;
    bool is_leaving = false;
    request_copy asked = {};
    std::vector<late_input> late = {};
  };
  struct forwarded_websocket {
    transport_id transport;
  };
  struct forwarded_request {
    request_id request;
  };
  using sent_message = std::variant<shard_message, std::unique_ptr<migration>, forwarded_websocket,
                                    forwarded_request>;

  void post(shard_index from, shard_index to, sent_message what);
  void send_off(shard_index from, std::uint64_t number);
  void close(shard_index from, std::uint64_t number);
  void must_be_at(shard_index where, std::uint64_t number);
  void complain(std::string what);

  shard_index shards_;
  input_handler handle_;
  std::map<std::uint64_t, place> open_;
  std::map<std::pair<shard_index, shard_index>, std::deque<sent_message>> queues_;
  std::string complaint_;
};

}  // namespace downbeat::test
