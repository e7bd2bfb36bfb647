// The rate limits of a client, of an address and of all clients together.

#include "jam/application.hpp"
#include "text/address_block.hpp"

#include <algorithm>
#include <string>

namespace downbeat::jam {
namespace {

rate per_minute(std::int64_t count) {
  return {count, 60'000, count};
}

/// Log lines that one client may cause, apart from those for its sockets and sessions, which other
/// limits cover.
constexpr rate notices_of_a_client{60, 60'000, 30};

}  // namespace

std::string_view application::exceeded_join_limit(const request_context& by) {
  client_state& who = state_of(by.from);
  if (!who.joins.take(by.now, per_minute(options_.max_joins_per_minute))) return "joins_per_minute";
  const std::string_view address = server_.remote_address_of(by.from);
  if (!join_limiter_.may_join(by.now, address)) return "joins_per_minute_by_address";
  if (options_.max_joins_per_minute_by_address != 0) {
    send_to_others(shard_message::count_join{std::string(address)});
  }
  return {};
}

std::string_view application::exceeded_lookup_limit(const request_context& by) const {
  const client_state& who = state_of(by.from);
  if (!who.failed_joins.has_room(by.now, per_minute(options_.max_failed_joins_per_minute))) {
    return "failed_joins_per_minute";
  }
  return {};
}

std::string_view application::exceeded_lookup_limit(instant_ms now, std::string_view address,
                                                    std::string_view code) const {
  std::string_view error;
  if (!join_limiter_.may_look_up(now, address)) {
    error = "failed_joins_per_hour_by_address";
  } else if (join_limiter_.is_locked_down(now) &&
             !join_limiter_.may_guess(now, address, weight_for(code))) {
    error = "failed_joins_per_day";
  }
  // If an address is limited, its clients can still join rooms in which another client of the
  // address already is (a school class, for example).
  return !error.empty() && has_neighbour_in(address, code) ? std::string_view() : error;
}

bool application::has_neighbour_in(std::string_view address, std::string_view code) const {
  const session::room* const room = directory_.find(code);
  if (room == nullptr) return false;
  const std::string block = address_block(address);
  return std::any_of(room->participants.begin(), room->participants.end(),
                     [&](const session::participant& member) {
                       const auto* const socket = socket_of(member.id);
                       return socket != nullptr &&
                              address_block(server_.remote_address_of(*socket)) == block;
                     });
}

std::int64_t application::weight_for(std::string_view code) const {
  const auto [live, possible] = directory_.live_and_possible(code);
  return weight_of({live, possible});
}

void application::count_failed_join(const submitted_command& e, std::int64_t weight) {
  const socketio::socket* const who = server_.find(e.caller);
  if (who == nullptr) return;
  const std::string address(server_.remote_address_of(*who));
  state_of(*who).failed_joins.spend(e.now, per_minute(options_.max_failed_joins_per_minute));
  join_limiter_.count_failure(e.now, address, weight);
  send_to_others(shard_message::count_failed_join{address, weight});
}

void application::refuse_for_rate(const socketio::socket& who, std::optional<std::uint64_t> ack_id,
                                  std::string_view event, std::string_view limit) {
  limited_.count(limit);
  ++rate_limited_;
  fail(who, ack_id, event, "Too many requests, try again later", "rate_limited");
}

bool application::may_report(instant_ms now, const socketio::socket& who) {
  if (state_of(who).notices.take(now, notices_of_a_client)) return true;
  ++notices_left_out_;
  return false;
}

}  // namespace downbeat::jam
