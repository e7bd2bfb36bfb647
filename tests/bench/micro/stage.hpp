#pragma once

#include "engine.hpp"
#include "entropy.hpp"
#include "frame.hpp"
#include "input.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// A whole jam server, driven as a host would drive it, but for the sockets: what it orders is
/// drained and dropped.
class stage {
 public:
  stage();

  /// A WebSocket that has joined the main namespace.
  transport_id connect();
  void hear(transport_id from, std::string_view message);
  void lose(transport_id which);

  /// A polling connection that has joined the main namespace: the query of its requests.
  std::string connect_polling();
  /// A GET, which may stay pending.
  request_id get(const std::string& query);
  void post(const std::string& query, std::string_view body);

  /// The members of a new room, whose first is its host.
  struct company {
    std::string room_code;
    std::string join;   ///< the message that joins the room
    std::string leave;  ///< and leaves it
  };
  company create_room(transport_id host);

  /// The last text that was sent to anybody.
  [[nodiscard]] const std::string& last_text() const { return last_.bytes(); }
  /// How many bytes were sent; a result for the compiler to respect.
  [[nodiscard]] std::size_t sent_bytes() const { return sent_bytes_; }

 private:
  void handle(const input::any& fact);
  entropy draw();

  std::unique_ptr<engine> core_;
  splitmix64 random_{42};
  transport_id last_transport_ = 0;
  request_id last_request_ = 0;
  frame last_ = frame::text({});  // not a copy: the core's work is measured, not the stage's
  std::size_t sent_bytes_ = 0;
};

/// The value of a text member of some JSON, such as a `roomCode`.
std::string text_member(std::string_view json, std::string_view name);

/// A `session:event` as a musician plays it, 138 bytes long, as a message of Engine.IO.
std::string_view played_event();

std::string create_message();

}  // namespace downbeat::bench
