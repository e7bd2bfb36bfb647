#include "websocket/frame_reader.hpp"

#include "websocket/close_payload.hpp"
#include "websocket/mask.hpp"
#include "websocket/opcode.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace downbeat::host {
namespace {

using kind = frame_event::kind;

constexpr std::uint16_t protocol_error = 1002;
constexpr std::size_t max_control_bytes = 125;
constexpr std::size_t max_header_bytes = 14;
// A client can announce more than it will ever send, so memory is allocated as bytes arrive.
constexpr std::uint64_t first_reserve_bytes = 64 * 1024;

std::uint8_t octet(char c) {
  return static_cast<std::uint8_t>(c);
}

frame_event broken() {
  return {kind::broken, protocol_error};
}

std::size_t header_size(std::uint8_t second_byte) {
  const unsigned length = second_byte & 0x7f;
  return 2 + (length < 126 ? 0u : length == 126 ? 2u : 8u) + 4;
}

}  // namespace

struct frame_reader::header {
  opcode code = opcode::continuation;
  bool is_final = false;
  masking_key mask = {};
  std::uint64_t payload_bytes = 0;
};

struct frame_reader::partial {
  // An incomplete header.
  std::array<char, max_header_bytes> header_bytes;
  std::size_t header_count = 0;

  // A frame whose payload is incomplete.
  std::optional<header> frame;
  std::uint64_t taken = 0;

  // Control frames may come between two fragments, so they have a buffer of their own.
  std::string control;

  // A message of which at least one fragment has begun.
  std::string message;
  bool is_message_open = false;
  bool is_message_binary = false;

  // The last event borrows from this object. After it, the object can be freed.
  bool is_spent = false;

  [[nodiscard]] bool is_idle() const { return header_count == 0 && !frame && !is_message_open; }
};

namespace {

// The first two bytes show most protocol errors, before the rest of the header is here.
bool are_first_bytes_valid(std::uint8_t first, std::optional<std::uint8_t> second,
                           bool is_message_open) {
  if ((first & 0x70) != 0) return false;  // no extension was negotiated (RFC 6455, 5.2)
  const bool is_final = (first & 0x80) != 0;
  const unsigned code = first & 0x0f;
  if (code > 0xa || (code > 0x2 && code < 0x8)) return false;
  const bool is_control_frame = code >= 0x8;
  if (is_control_frame && !is_final) return false;
  if (!is_control_frame && (code == 0) != is_message_open) return false;
  if (!second) return true;
  if ((*second & 0x80) == 0) return false;  // clients must mask (RFC 6455, 5.1)
  return !is_control_frame || (*second & 0x7f) <= max_control_bytes;
}

}  // namespace

frame_reader::frame_reader() = default;
frame_reader::frame_reader(frame_reader&&) noexcept = default;
frame_reader& frame_reader::operator=(frame_reader&&) noexcept = default;
frame_reader::~frame_reader() = default;

frame_reader::partial& frame_reader::keep() {
  if (!partial_) partial_ = std::make_unique<partial>();
  return *partial_;
}

frame_event frame_reader::next(std::span<char>& in, std::uint64_t max_message_bytes) {
  if (partial_ && partial_->is_spent) {
    if (partial_->is_idle()) {
      partial_.reset();
    } else {
      partial_->control.clear();
      partial_->is_spent = false;
    }
  }
  if (partial_ && partial_->frame) return take_payload(in);

  // The header: read from the input if it is complete there, otherwise collected byte by byte.
  std::array<char, max_header_bytes> gathered;
  std::size_t count = partial_ ? partial_->header_count : 0;
  if (count > 0) gathered = partial_->header_bytes;
  const std::size_t kept = count;
  const bool is_open = partial_ && partial_->is_message_open;
  for (std::size_t used = 0;; ++used) {
    if (count >= 1) {
      const auto second = count >= 2 ? std::optional(octet(gathered[1])) : std::nullopt;
      if (count <= 2 && !are_first_bytes_valid(octet(gathered[0]), second, is_open)) {
        return broken();
      }
      if (count >= 2 && count == header_size(octet(gathered[1]))) break;
    }
    if (used == in.size()) {
      in = {};
      if (count == 0) return {kind::need_more};
      partial& rest = keep();
      rest.header_bytes = gathered;
      rest.header_count = count;
      return {kind::need_more};
    }
    gathered[count++] = in[used];
  }
  in = in.subspan(count - kept);
  if (partial_) partial_->header_count = 0;

  header head;
  head.is_final = (octet(gathered[0]) & 0x80) != 0;
  head.code = static_cast<opcode>(octet(gathered[0]) & 0x0f);
  const std::size_t length_bytes = count - 2 - head.mask.size();
  if (length_bytes == 0) {
    head.payload_bytes = octet(gathered[1]) & 0x7fu;
  } else {
    for (std::size_t i = 0; i < length_bytes; ++i) {
      head.payload_bytes = head.payload_bytes << 8 | octet(gathered[2 + i]);
    }
    // A length must use the shortest encoding, and its topmost bit must be 0 (RFC 6455, 5.2).
    const bool is_minimal = head.payload_bytes > (length_bytes == 2 ? 125u : 0xffffu);
    if (!is_minimal || head.payload_bytes >> 63 != 0) return broken();
  }
  for (std::size_t i = 0; i < head.mask.size(); ++i) {
    head.mask[i] = octet(gathered[2 + length_bytes + i]);
  }

  if (!is_control(head.code)) {
    const std::uint64_t before = is_open ? partial_->message.size() : 0;
    if (head.payload_bytes > max_message_bytes || before > max_message_bytes - head.payload_bytes) {
      return {kind::too_large};
    }
  }

  // The fast path: nearly every frame is a whole message in one piece. Nothing is copied or kept.
  if (in.size() >= head.payload_bytes && !is_open && head.is_final) {
    const auto payload = in.first(static_cast<std::size_t>(head.payload_bytes));
    in = in.subspan(payload.size());
    apply_mask(payload, head.mask, 0);
    const std::string_view data{payload.data(), payload.size()};
    if (is_control(head.code)) return finish_control(head, data);
    return {head.code == opcode::text ? kind::text : kind::binary, 0, data};
  }

  partial& rest = keep();
  rest.frame = head;
  rest.taken = 0;
  if (!is_control(head.code)) {
    if (!rest.is_message_open) {
      rest.is_message_open = true;
      rest.is_message_binary = head.code == opcode::binary;
      rest.message.reserve(
          static_cast<std::size_t>(std::min(head.payload_bytes, first_reserve_bytes)));
    }
  }
  return take_payload(in);
}

frame_event frame_reader::take_payload(std::span<char>& in) {
  partial& rest = *partial_;
  const header head = *rest.frame;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), head.payload_bytes - rest.taken));
  const auto piece = in.first(size);
  in = in.subspan(size);
  apply_mask(piece, head.mask, rest.taken);
  std::string& target = is_control(head.code) ? rest.control : rest.message;
  target.append(piece.data(), piece.size());
  rest.taken += size;
  if (rest.taken < head.payload_bytes) return {kind::need_more};

  rest.frame.reset();
  if (is_control(head.code)) {
    rest.is_spent = true;
    return finish_control(head, rest.control);
  }
  if (!head.is_final) return {kind::fragment};
  rest.is_message_open = false;
  rest.is_spent = true;
  return {rest.is_message_binary ? kind::binary : kind::text, 0, rest.message};
}

frame_event frame_reader::finish_control(const header& head, std::string_view data) {
  if (head.code == opcode::ping) return {kind::ping, 0, data};
  if (head.code == opcode::pong) return {kind::pong, 0, data};
  const close_payload said = parse_close_payload(data);
  return {said.is_valid ? kind::close : kind::broken, said.code, {}};
}

}  // namespace downbeat::host
