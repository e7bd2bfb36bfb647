#pragma once

#include "flood/campaign.hpp"

#include <cstdint>

/// The attacks of flood-attack; see the beginning of attack.cpp.
namespace downbeat::flood {

struct attack_options {
  std::uint16_t port;   ///< of the server
  std::uint32_t count;  ///< connections, for attacks that need many
  std::int64_t note_ns;
};

attack one_socket(const attack_options& given);
attack stalled(const attack_options& given);
attack pings(const attack_options& given);
attack connect_cycles(const attack_options& given);
attack half_sent(const attack_options& given);

attack one_address(const attack_options& given);
attack slow_loris(const attack_options& given);
attack pipelined_gets(const attack_options& given);
attack full_posts(const attack_options& given);

}  // namespace downbeat::flood
