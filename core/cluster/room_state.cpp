#include "cluster/room_state.hpp"

#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <cstddef>
#include <utility>

namespace downbeat::cluster {

std::optional<session::room> read_state(const std::string& code, const stored_room& from,
                                        std::string& fault) {
  std::optional<session::room> state;
  if (!from.state.empty()) {
    state = session::read_snapshot(from.state);
    if (!state) {
      fault = "damaged: the state of " + code + " cannot be read";
      return std::nullopt;
    }
  }
  for (const stored_room::append& one : from.log) {
    const auto events = session::read_events(one.events);
    bool is_right = events.has_value();
    for (std::size_t i = 0; is_right && i < events->size(); ++i) {
      is_right = session::room_of((*events)[i]) == code;
      evolve(state, (*events)[i]);
    }
    if (!is_right) {
      fault = "damaged: the log of " + code + " cannot be read";
      return std::nullopt;
    }
  }
  if (!state || state->code != code || state->head.seq != from.head.seq) {
    fault = "damaged: the log of " + code + " does not lead to its head";
    return std::nullopt;
  }
  return state;
}

}  // namespace downbeat::cluster
