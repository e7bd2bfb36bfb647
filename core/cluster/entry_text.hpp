#pragma once

#include "cluster/log_store.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The texts in the log of all rooms, and on the channel on which they are published.
namespace downbeat::cluster {

/// `ROOM APPEND SEQ CHAIN NEW_SEQ NEW_CHAIN EVENTS`, with `-` for an empty chain; of a mark
/// `* LINEAGE`.
std::string write_entry(const log_entry& entry);
/// Nothing if the text is something else.
std::optional<log_entry> read_entry(std::uint64_t n, std::string_view text);

/// What is published: `N ENTRY`, or `N *` as a sign that the sender lives, or `N ?` if the nodes
/// have changed. N is the number of the last append then.
struct publication {
  enum class kind : std::uint8_t { entry, sign, nodes };

  kind what = kind::sign;
  log_entry entry;  ///< only its number if it is no entry
};

std::string write_publication(const publication& what);
std::optional<publication> read_publication(std::string_view text);

/// The chain after an append.
std::string chain_after(std::string_view before, std::string_view append, std::string_view events);

}  // namespace downbeat::cluster
