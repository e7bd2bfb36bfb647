#pragma once

#include "input.hpp"
#include "json/text.hpp"
#include "session/participant.hpp"
#include "time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::simulation {

/// How a device reaches the server.
enum class carrier { none, polling, websocket };

/// How far its move from polling to a WebSocket has come, as the device sees it.
enum class move { none, asked, opened, probed };

/// One simulated device: a stock client in miniature, and its picture of the session.
///
/// It believes only what it is told, and complains when what it is told breaks the contract: an
/// answer that it did not ask for, a newcomer whom it knows, a host who is not there.
class device {
 public:
  /// Takes in one Engine.IO packet as text, `4` and all.
  void hear(std::string_view text);
  /// Forgets everything but its complaint: the connection is gone.
  void reset();

  [[nodiscard]] bool is_connected() const { return by != carrier::none && !id.empty(); }

  // The connection.
  carrier by = carrier::none;
  move upgrade = move::none;
  transport_id websocket = 0;          ///< while carried by one
  transport_id upgrade_websocket = 0;  ///< while moving to it
  std::optional<request_id> poll;
  std::string sid;
  std::vector<std::string> outbox;  ///< packets that it owes the server, such as pongs
  std::optional<request_id> post;   ///< that is not answered yet
  std::string body;                 ///< of the POST
  bool is_body_sent = false;

  // The session.
  std::string id;
  std::optional<std::string> room;
  std::vector<session::participant> members;
  std::string host;

  /// It has sent something that may cost it the connection.
  bool has_misbehaved = false;
  /// It does not answer pings any more.
  bool is_silent = false;
  /// It has heard that the connection is closed.
  bool is_closed = false;
  instant_ms opened_at = 0;
  instant_ms last_sent = 0;

  std::string complaint;  ///< what broke the contract, empty if nothing did

 private:
  void hear_event(std::string_view json);
  void hear_ack(std::uint64_t ack_id, std::string_view json);
  void hear_members(std::string_view payload);
  void complain(std::string_view what) {
    if (complaint.empty()) complaint = what;
  }
};

/// The acknowledgement id with which devices ask to leave; its success means that they have.
inline constexpr std::uint64_t leave_ack_id = 7;

}  // namespace downbeat::simulation
