#pragma once

#include "input.hpp"
#include "output.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::golden {

/// What the peers of a story have received so far, so that a story can refer to what the server
/// drew. A peer goes by the number of the WebSocket or request that it shook hands with:
///
///     {sid 1}      its Engine.IO session id
///     {id 1}       its Socket.IO id
///     {room 1}     the code of the room that it was sent last
///     {room 1 lower}   the same in small letters
///     {room 1 bare}    the same without the hyphen
class known {
 public:
  /// Takes note of who speaks by which transport or request.
  void note(const input::any& input);
  /// Takes note of what the server sends.
  void note(const output::any& output);

  /// The text with everything in braces that stands for something replaced by that; or, if no
  /// peer has received what the text refers to, that reference.
  struct missing {
    std::string reference;
  };
  [[nodiscard]] std::variant<std::string, missing> expand(std::string_view text) const;

 private:
  struct peer {
    std::string sid;
    std::string id;
    std::string pid;
    std::string room;
  };

  void note_speaker(std::uint64_t number, std::string_view query);
  void hear(std::uint64_t number, std::string_view packet);
  [[nodiscard]] std::optional<std::string> value_of(std::string_view reference) const;

  std::map<std::uint64_t, peer> peers_;             ///< by the number of the handshake
  std::map<std::uint64_t, std::uint64_t> speaker_;  ///< by the number of the transport_kind
};

}  // namespace downbeat::golden
