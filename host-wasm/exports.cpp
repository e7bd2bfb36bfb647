// The functions that JavaScript calls. A text is passed as an address and a length. JavaScript
// writes input to the address that `downbeat_input` returns, and finds the result of every call at
// `downbeat_result`.

#include "bridge.hpp"

#include <emscripten.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

std::string input;

/// Address and length of the last call's result, side by side, so that JavaScript reads both at
/// once.
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

/// Returns the address to write `size` bytes of input for the next call to. Frees the last input
/// first, so that a large one does not stay in memory, or exist twice.
EMSCRIPTEN_KEEPALIVE char* downbeat_input(std::size_t size) {
  std::string().swap(input);
  input.resize(size);
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

EMSCRIPTEN_KEEPALIVE int downbeat_evolve(downbeat::bridge* server, std::size_t size) {
  const bool is_success = server->evolve(given(size));
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
