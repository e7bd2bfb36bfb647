#pragma once

#include "input.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace downbeat::cluster {

/// What a replica says to the engines of its node, in this order. See the inputs of the same names.
namespace update {

struct append_answered {
  std::string room;
  std::uint64_t append_id;
  input::append_answered::outcome how;
  std::size_t event_bytes = 0;

  friend bool operator==(const append_answered&, const append_answered&) = default;
};

struct room_appended {
  std::string room;
  std::uint64_t expected_head;
  std::string events;

  friend bool operator==(const room_appended&, const room_appended&) = default;
};

struct room_replaced {
  std::string room;
  std::string snapshot;

  friend bool operator==(const room_replaced&, const room_replaced&) = default;
};

/// For all engines.
struct nodes_changed {
  std::string json;

  friend bool operator==(const nodes_changed&, const nodes_changed&) = default;
};

using any = std::variant<append_answered, room_appended, room_replaced, nodes_changed>;

}  // namespace update
}  // namespace downbeat::cluster
