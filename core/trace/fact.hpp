#pragma once

#include "input.hpp"
#include "time.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

/// Traces: what an engine was told and what it ordered, as lines of text that people can read,
/// replay and compare. A fact's line begins with its time and `>`, an order's with `<`.
///
///     1500 > websocket 3 {"query":"EIO=4&transport=websocket","origin":"","address":"::1",…}
///     1500 < accept 3
///     1500 < send 3 "0{\"sid\":\"…\"}"
///     1510 > text 3 "40"
///
/// A fact's line holds all that the engine learns, secrets included: whoever can read it while the
/// session lives can speak for its members.
namespace downbeat::trace {

/// One fact as a line, without the line's end.
std::string write_fact(instant_ms now, const input::any& fact);

/// A fact that was read, with the texts that its views refer to.
class recorded_fact {
 public:
  instant_ms now = 0;
  input::any fact = input::deadline_reached{};

  /// Keeps a text for as long as the fact lives.
  std::string_view keep(std::string text) {
    texts_[kept_] = std::make_unique<const std::string>(std::move(text));
    return *texts_[kept_++];
  }

 private:
  std::array<std::unique_ptr<const std::string>, 4> texts_;
  std::size_t kept_ = 0;
};

/// Why a line cannot be read, in words.
struct unreadable {
  std::string why;
};

/// The fact in a line that `write_fact` wrote, or somebody by hand.
std::variant<recorded_fact, unreadable> read_fact(std::string_view line);

}  // namespace downbeat::trace
