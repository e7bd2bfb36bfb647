#pragma once

#include "base/entropy.hpp"
#include "base/frame.hpp"
#include "engine.hpp"
#include "input.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// A whole jam server, driven as by a host but without sockets: its outputs are drained and
/// dropped.
class stage {
 public:
  stage();

  /// Opens a WebSocket and joins the main namespace.
  transport_id connect();
  void hear(transport_id from, std::string_view message);
  void lose(transport_id which);

  /// Opens a polling connection and joins the main namespace. Returns the query of its requests.
  std::string connect_polling();
  /// Sends a GET, which may stay pending.
  request_id get(const std::string& query);
  void post(const std::string& query, std::string_view body);

  /// The members of a new room. The first is its host.
  struct company {
    std::string room_code;
    std::string join;   ///< the message that joins the room
    std::string leave;  ///< the message that leaves it
  };
  company create_room(transport_id host);

  /// The last text that was sent.
  [[nodiscard]] const std::string& last_text() const { return last_.bytes(); }
  /// How many bytes were sent; a result that the compiler must compute.
  [[nodiscard]] std::size_t sent_bytes() const { return sent_bytes_; }

 private:
  void handle(const input::any& input);
  entropy draw();

  std::unique_ptr<engine> core_;
  splitmix64 random_{42};
  transport_id last_transport_ = 0;
  request_id last_request_ = 0;
  frame last_ = frame::text({});  // no copy, which would be measured, too
  std::size_t sent_bytes_ = 0;
};

/// The value of a string member in JSON, such as a `roomCode`.
std::string text_member(std::string_view json, std::string_view name);

/// A `session:event` of 138 bytes, as an Engine.IO message.
std::string_view played_event();

std::string create_message();

}  // namespace downbeat::bench
