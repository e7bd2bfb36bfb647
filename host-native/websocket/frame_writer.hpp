#pragma once

#include "websocket/opcode.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Appends a whole frame, unmasked, as a server sends it (RFC 6455, 5.2).
void append_frame(std::string& out, opcode code, std::string_view payload);

/// Appends the header of an unmasked frame with a payload of this size.
void append_header(std::string& out, opcode code, std::uint64_t payload_bytes);

/// Appends a close frame (RFC 6455, 5.5.1); 1005 means one without a code.
void append_close_frame(std::string& out, std::uint16_t code);

/// The number of bytes that `append_frame` appends.
std::uint64_t framed_size(std::uint64_t payload_bytes);

}  // namespace downbeat::host
