#include "load/event_text.hpp"

#include <cstddef>

namespace downbeat::bench {
namespace {

constexpr std::size_t bytes_on_the_wire = 146;
/// Of a masked frame of this size.
constexpr std::size_t frame_header = 8;

constexpr std::string_view opening = R"(42["session:event",{)";
constexpr std::string_view author = R"("userId":")";

constexpr std::string_view up_to_sender = R"("type":"note","data":{"from":")";
constexpr std::string_view up_to_sequence = R"(","seq":")";
constexpr std::string_view up_to_time = R"(","at":")";
constexpr std::string_view up_to_padding = R"(","pad":")";
constexpr std::string_view closing = R"("}}])";

constexpr std::size_t sender_digits = 5;
constexpr std::size_t sequence_digits = 8;
constexpr std::size_t time_digits = 15;

constexpr std::size_t sender_at = opening.size() + up_to_sender.size();
constexpr std::size_t sequence_at = sender_at + sender_digits + up_to_sequence.size();
constexpr std::size_t time_at = sequence_at + sequence_digits + up_to_time.size();
constexpr std::size_t padding_at = time_at + time_digits + up_to_padding.size();

void write_digits(char* at, std::size_t count, std::uint64_t value) {
  for (std::size_t i = count; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

std::uint64_t read_digits(std::string_view text, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (const char digit : text.substr(at, count)) {
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

}  // namespace

event_text::event_text() {
  text_.append(opening).append(up_to_sender).append(sender_digits, '0');
  text_.append(up_to_sequence).append(sequence_digits, '0');
  text_.append(up_to_time).append(time_digits, '0').append(up_to_padding);
  text_.append(bytes_on_the_wire - frame_header - text_.size() - closing.size(), '~');
  text_.append(closing);
}

std::string_view event_text::write(const stamp& numbers) {
  write_digits(text_.data() + sender_at, sender_digits, numbers.sender);
  write_digits(text_.data() + sequence_at, sequence_digits, numbers.sequence);
  write_digits(text_.data() + time_at, time_digits, static_cast<std::uint64_t>(numbers.at_ns));
  return text_;
}

std::optional<event_text::delivery> event_text::read(std::string_view received) const {
  const std::string_view ours = text_;
  const std::size_t added = received.size() - ours.size();  // `"userId":"…",`
  if (received.size() < ours.size() + author.size() + 2 || !received.starts_with(opening) ||
      received.substr(opening.size(), author.size()) != author ||
      received.substr(opening.size() + added - 2, 2) != "\",") {
    return std::nullopt;
  }
  // The rest of the text must equal ours except for the digits.
  const std::string_view rest = received.substr(added);
  const auto is_same = [&](std::size_t at, std::string_view part) {
    return rest.substr(at, part.size()) == part;
  };
  if (!is_same(opening.size(), up_to_sender) ||
      !is_same(sender_at + sender_digits, up_to_sequence) ||
      !is_same(sequence_at + sequence_digits, up_to_time) ||
      !is_same(time_at + time_digits, up_to_padding) ||
      !is_same(padding_at, ours.substr(padding_at))) {
    return std::nullopt;
  }
  const stamp numbers{
      static_cast<std::uint32_t>(read_digits(rest, sender_at, sender_digits)),
      static_cast<std::uint32_t>(read_digits(rest, sequence_at, sequence_digits)),
      static_cast<std::int64_t>(read_digits(rest, time_at, time_digits)),
  };
  return delivery{numbers,
                  received.substr(opening.size() + author.size(), added - author.size() - 2)};
}

}  // namespace downbeat::bench
