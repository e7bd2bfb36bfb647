#include "connection/connection.hpp"

#include "io/overloaded.hpp"

namespace downbeat::host {
namespace {

// How many bytes of further requests a client may send while it waits for a response. Beyond that
// the host stops reading, and the client's own send buffer fills up.
constexpr std::size_t max_ahead_bytes = 16 * 1024;

bool wants_reading(const http_exchange& x) {
  return !x.is_input_over &&
         (x.is_reading() || x.is<http_exchange::idle>() || x.in.size() <= max_ahead_bytes);
}

bool wants_reading(const websocket_input& input) {
  return input.reading != websocket_input::pace::paused;
}

}  // namespace

connection_state connection::state() const {
  return std::visit([](const auto& one) { return state_of(one); }, state_);
}

std::unique_ptr<http_exchange> connection::become_websocket() {
  assert(is_allowed(state(), connection_state::websocket));
  auto was = std::move(get_if<http_state>()->exchange);
  state_ = websocket_state{};
  return was;
}

bool connection::is_transport() const {
  if (is<websocket_state>()) return true;
  const auto* const moving = std::get_if<migrating_state>(&state_);
  return moving != nullptr && std::holds_alternative<websocket_state>(moving->as);
}

http_exchange* connection::request_exchange() const {
  if (const auto* const moving = std::get_if<migrating_state>(&state_)) {
    const auto* const request = std::get_if<http_state>(&moving->as);
    return request != nullptr ? request->exchange.get() : nullptr;
  }
  return http();
}

void connection::begin_migration() {
  if (auto* const request = get_if<http_state>()) {
    http_state moving = std::move(*request);
    assert(is_allowed(moving.exchange->state(), connection_state::migrating));
    state_ = migrating_state{std::move(moving)};
  } else if (auto* const websocket = get_if<websocket_state>()) {
    become(migrating_state{std::move(*websocket)});
  }
}

void connection::end_migration() {
  auto* const moving = get_if<migrating_state>();
  assert(moving != nullptr);
  auto was = std::move(moving->as);
  std::visit([this](auto& one) { become(std::move(one)); }, was);
}

bool connection::wants_reading() const {
  return std::visit(overloaded{
                        [](const http_state& one) { return host::wants_reading(*one.exchange); },
                        [](const websocket_state& one) { return host::wants_reading(one.input); },
                        [](const closing_state& one) { return host::wants_reading(one.input); },
                        [](const flushing_state& one) { return !one.is_input_over; },
                        [](const draining_state&) { return true; },
                        [this](const migrating_state&) { return watched.reading; },
                        [](const closed_state&) { return false; },
                    },
                    state_);
}

}  // namespace downbeat::host
