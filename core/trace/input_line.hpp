#pragma once

#include "base/time.hpp"
#include "input.hpp"
#include "migration.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// Traces: the inputs and outputs of an engine as lines of text that people can read, replay and
/// compare. Each line begins with its time in ms, then `>` for an input or `<` for an output.
///
///     1500 > websocket 3 {"query":"EIO=4&transport=websocket","origin":"","address":"::1",…}
///     1500 < accept 3
///     1500 < send 3 "0{\"sid\":\"…\"}"
///     1510 > text 3 "40"
///
/// Lines of inputs contain secrets: with a session id from a trace, anybody can send as that client
/// while its connection lasts.
namespace downbeat::trace {

/// An input as one line, without the line feed.
std::string write_input(instant_ms now, const input::any& input);

/// An input that was read, with the texts that its views refer to.
class recorded_input {
 public:
  instant_ms now = 0;
  input::any input = input::deadline_reached{};

  /// Keeps a text as long as this object. At most four.
  std::string_view keep(std::string text) {
    texts_[kept_] = std::make_unique<const std::string>(std::move(text));
    return *texts_[kept_++];
  }
  migration* keep(std::unique_ptr<migration> moved) {
    migration_ = std::move(moved);
    return migration_.get();
  }

 private:
  std::array<std::unique_ptr<const std::string>, 4> texts_;
  std::size_t kept_ = 0;
  std::unique_ptr<migration> migration_;
};

/// Why a line cannot be read, as a message for people.
struct unreadable {
  std::string why;
};

/// Reads the line of an input, as `write_input` or a person wrote it.
std::variant<recorded_input, unreadable> read_input(std::string_view line);

}  // namespace downbeat::trace
