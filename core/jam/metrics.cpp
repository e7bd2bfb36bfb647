// The metrics and the snapshot.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "json/writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::jam {

void application::measure(instant_ms now, std::vector<measurement>& into) const {
  into.push_back(
      {"sessions", "Live sessions", static_cast<std::uint64_t>(directory_.session_count()), false});
  into.push_back({"participants", "Users in a session",
                  static_cast<std::uint64_t>(directory_.participant_count()) - away_count(),
                  false});
  into.push_back({"participants_away", "Users whose seat is kept while their connection is lost",
                  away_count(), false});
  into.push_back({"seats_recovered_total", "Users who came back in time", recovered_, true});
  into.push_back({"seats_expired_total", "Users who did not", expired_, true});
  into.push_back({"seats_taken_over_total",
                  "Connections that a later one of the same user has replaced", taken_over_, true});
  into.push_back({"seats_given_away_total", "Kept seats that ended for others", given_away_, true});
  into.push_back({"sessions_created_total", "Sessions created", created_, true});
  into.push_back({"joins_total", "Joins of a session", joined_, true});
  into.push_back(
      {"events_relayed_total", "Events relayed to the others in a session", relayed_, true});
  into.push_back(
      {"requests_rate_limited_total", "Client events refused for their rate", rate_limited_, true});
  into.push_back({"notices_left_out_total",
                  "Lines of the log that were left out because one client caused too many",
                  notices_left_out_, true});
  into.push_back({"requests_failed_total", "Client events answered with an error", refused_, true});
  // All shards are in lockdown together, so only the first one reports it.
  into.push_back(
      {"lockdown", "1 while so many joins have failed that guessing room codes is made harder",
       here_.index == 0 && join_limiter_.is_locked_down(now) ? std::uint64_t{1} : 0, false});
  if (here_.count > 1) {
    into.push_back({"clients_waiting", "Clients that wait for the answer of another event loop",
                    static_cast<std::uint64_t>(pending_remotes_.size()), false});
    into.push_back({"reservations", "Places reserved for clients that are migrating",
                    static_cast<std::uint64_t>(directory_.reservation_count()), false});
  }
  measure_journal(into);
  limited_.measure(into);
}

std::string application::snapshot() const {
  json::array_writer sessions;
  for (const session::room* room : directory_.rooms()) {
    if (room->participants.empty()) continue;
    json::object_writer json;
    json.text("roomCode", room->code)
        .text("hostId", room->host())
        .raw("participants", json_of(room->participants));
    const std::string away = json_of(room->participants, true);
    if (away != "[]") json.raw("away", away);
    sessions.raw(json.done());
  }
  return sessions.done();
}

void application::measure_journal(std::vector<measurement>& into) const {
  if (options_.journal == journal_kind::memory) return;
  std::uint64_t owed = 0;
  std::uint64_t commands = 0;
  for (const auto& [room, queue] : queues_) {
    owed += queue.owed.size();
    commands += queue.waiting.size();
    if (!queue.outstanding) continue;
    owed += queue.outstanding->owed.size();
    commands += queue.outstanding->commands.size();
  }
  into.push_back({"journal_appends_total", "Appends sent to the journal", appends_, true});
  into.push_back({"journal_conflicts_total", "Appends that others came before", conflicts_, true});
  into.push_back({"journal_failures_total", "Appends that the journal refused", failures_, true});
  into.push_back(
      {"journal_unknown_total", "Appends whose outcome was not known for a while", unknown_, true});
  into.push_back({"journal_timeouts_total", "Clients closed because the journal took too long",
                  timeouts_, true});
  into.push_back({"journal_owed_events", "Events that have taken effect and are not written yet",
                  owed, false});
  into.push_back(
      {"journal_commands_waiting", "Commands that wait for the journal", commands, false});
}

}  // namespace downbeat::jam
