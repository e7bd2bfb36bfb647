#pragma once

#include "node.hpp"
#include "session/user_id.hpp"
#include "text/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace downbeat::session {

/// Identifies a participant in a session. It is the id of the participant's first socket, and does
/// not change if the participant gets another socket or has none.
using participant_id = user_id;

/// Whether two secrets are the same, of which none may be known.
inline bool is_same_hash(const std::shared_ptr<const sha256_digest>& a,
                         const std::shared_ptr<const sha256_digest>& b) {
  return a == b || (a && b && *a == *b);
}

/// A request that was carried out, with the id that its client gave it.
struct carried_out_request {
  enum class kind : std::uint8_t { create, join, update };

  kind what;
  std::string id;
};

using carried_out_requests = std::vector<carried_out_request>;

/// Requests of a client that are remembered, because the client may send them again.
inline constexpr std::size_t most_requests = 8;

/// A member of a session, with what the others see.
struct participant {
  participant_id id;
  std::string name;
  std::string instrument;
  /// Grows with each session that the participant enters. If two rooms list the participant, the
  /// one with the higher number is right. Clients do not see it.
  std::uint32_t move = 1;
  bool is_away = false;  ///< the connection is lost, and the seat is kept for a grace
  /// When it was lost, in milliseconds since 1970-01-01 00:00 UTC, so that a restart does not begin
  /// the grace anew. 0 without a journal, or if nobody knows.
  std::int64_t away_since_wall_ms = 0;
  /// Of the secret with which the participant comes back, so that this works after a restart, too.
  /// Null without a journal. Clients do not see it.
  std::shared_ptr<const sha256_digest> pid_hash = nullptr;
  /// The same of a secret that pages keep over a reload.
  std::shared_ptr<const sha256_digest> token_hash = nullptr;
  /// The last ones that led into this room or changed the participant, so that they are not carried
  /// out again after a restart. Null without any, or without a journal.
  std::shared_ptr<const carried_out_requests> requests = nullptr;
  /// The node that the participant is connected to, or was last. 0 if there are no nodes. Clients
  /// see its name.
  node_id node = 0;

  /// Compares what the others see.
  friend bool operator==(const participant& a, const participant& b) {
    return a.id == b.id && a.name == b.name && a.instrument == b.instrument;
  }
};

}  // namespace downbeat::session
