#pragma once

#include "websocket/opcode.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Appends a whole, unmasked frame, as servers send them.
void append_frame(std::string& out, opcode code, std::string_view payload);

/// Appends what stands before a payload of this size.
void append_header(std::string& out, opcode code, std::uint64_t payload_bytes);

/// Appends a close frame; 1005 stands for one without a code.
void append_close_frame(std::string& out, std::uint16_t code);

/// The bytes that `append_frame` would append.
std::uint64_t framed_size(std::uint64_t payload_bytes);

}  // namespace downbeat::host
