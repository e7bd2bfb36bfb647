// What JavaScript calls. Text crosses as a place in memory and a length; `downbeat_input` gives a
// place to write to, and every call's outcome is read where `downbeat_result` says.

#include "bridge.hpp"

#include <emscripten.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

std::string input;

/// Where the outcome of the last call is. JavaScript reads the two numbers in one look.
struct {
  const char* data;
  std::uint32_t size;
} outcome;

int leave(bool is_success, const std::string& text) {
  outcome.data = text.data();
  outcome.size = static_cast<std::uint32_t>(text.size());
  return is_success ? 1 : 0;
}

std::string_view given(std::size_t size) {
  return std::string_view(input).substr(0, size);
}

}  // namespace

extern "C" {

/// A place for at least `size` bytes of input to the next call.
EMSCRIPTEN_KEEPALIVE char* downbeat_input(std::size_t size) {
  if (input.size() < size) input.resize(size);
  return input.data();
}

EMSCRIPTEN_KEEPALIVE const void* downbeat_result() {
  return &outcome;
}

EMSCRIPTEN_KEEPALIVE downbeat::bridge* downbeat_new() {
  return new downbeat::bridge();
}

EMSCRIPTEN_KEEPALIVE void downbeat_delete(downbeat::bridge* server) {
  delete server;
}

EMSCRIPTEN_KEEPALIVE int downbeat_create(downbeat::bridge* server, std::size_t size) {
  const bool is_success = server->create(given(size));
  return leave(is_success, server->result());
}

EMSCRIPTEN_KEEPALIVE int downbeat_step(downbeat::bridge* server, std::size_t size) {
  const bool is_success = server->step(given(size));
  return leave(is_success, server->result());
}

EMSCRIPTEN_KEEPALIVE int downbeat_snapshot(downbeat::bridge* server) {
  return leave(server->snapshot(), server->result());
}

EMSCRIPTEN_KEEPALIVE int downbeat_measure(downbeat::bridge* server) {
  return leave(server->measure(), server->result());
}

EMSCRIPTEN_KEEPALIVE int downbeat_replay(std::size_t size) {
  static std::string found;
  found = downbeat::replay_json(given(size));
  return leave(true, found);
}
}
