#pragma once

#include "input.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace downbeat {

/// The state that one layer keeps of a connection, on its way to another shard. It is a plain value
/// that can be written as text, so that the trace of a shard contains all of its input.
class migrated_state {
 public:
  migrated_state() = default;
  migrated_state(const migrated_state&) = delete;
  migrated_state& operator=(const migrated_state&) = delete;
  virtual ~migrated_state() = default;

  /// The state as compact JSON. Equal states give equal texts.
  [[nodiscard]] virtual std::string write() const = 0;
};

/// A state that was read from a trace and is still text. `engine::take_written` parses it.
class written_state final : public migrated_state {
 public:
  explicit written_state(std::string json) : json_(std::move(json)) {}
  [[nodiscard]] std::string write() const override { return json_; }

 private:
  std::string json_;
};

/// A connection that migrates to another shard. The host moves its transports and requests, and
/// replaces their numbers by those that they get on the other shard.
struct migration {
  std::optional<transport_id> websocket;
  std::optional<transport_id> upgrade_websocket;  ///< being upgraded to, see Engine.IO's probe
  std::optional<request_id> poll;
  std::optional<request_id> post;
  std::unique_ptr<migrated_state> state;  ///< of Engine.IO; contains the states of the layers above
};

}  // namespace downbeat
