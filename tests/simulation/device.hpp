#pragma once

#include "base/time.hpp"
#include "input.hpp"
#include "json/text.hpp"
#include "session/participant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::simulation {

/// How a device reaches the server.
enum class transport_kind { none, polling, websocket };

/// How far its move from polling to a WebSocket has come, as the device sees it.
enum class move { none, asked, opened, probed };

/// One simulated device: a small stock client, with its view of the session.
///
/// It believes only what it receives, and complains when that breaks the contract: an answer that
/// it did not ask for, a newcomer that it already knows, a host who is not in the session.
class device {
 public:
  /// Handles one Engine.IO packet as text, with the `4`.
  void hear(std::string_view text);
  /// The connection has ended: forgets everything but its complaint and what it needs to come back.
  void reset();
  /// It has sent DISCONNECT: forgets its socket in the namespace.
  void leave_namespace();

  [[nodiscard]] bool is_connected() const { return by != transport_kind::none && !id.empty(); }

  // The connection.
  transport_kind by = transport_kind::none;
  move upgrade = move::none;
  transport_id websocket = 0;          ///< while carried by one
  transport_id upgrade_websocket = 0;  ///< while moving to it
  std::optional<request_id> poll;
  std::string sid;
  std::vector<std::string> outbox;  ///< packets that it owes the server, such as pongs
  std::optional<request_id> post;   ///< that is not answered yet
  std::string body;                 ///< of the POST
  bool is_body_sent = false;

  std::string_view address;            ///< a constant
  std::uint64_t owed_attachments = 0;  ///< of a packet whose text has been sent
  instant_ms half_sent_at = 0;         ///< when it was
  std::uint64_t connects = 0;          ///< to the namespace, over and over

  // The session.
  std::string id;
  std::string former_id;  ///< of the socket that it has left, though the server may not know yet
  // Of the last socket, kept when the connection ends.
  std::string pid;
  std::string token;
  std::string offset;
  std::string last_request;  ///< with an id, so that it may come again
  std::optional<std::string> room;
  std::vector<session::participant> members;
  std::vector<std::string> away;  ///< members whose seats are kept
  std::string host;

  /// It has sent something for which the server may close the connection.
  bool has_misbehaved = false;
  /// It has done what a good client may do, but what may still exceed a limit: the server may close
  /// it.
  bool may_be_closed = false;
  /// It answers no more pings.
  bool is_silent = false;
  /// It has received the close of the connection.
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
