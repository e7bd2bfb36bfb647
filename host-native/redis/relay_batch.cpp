#include "redis/relay_batch.hpp"

#include <cstddef>

namespace downbeat::host {
namespace {

constexpr char batch_version = 1;

template <class Number>
void append_number(std::string& to, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  }
}

/// Takes from the front. After a failure it stays failed.
class batch_cursor {
 public:
  explicit batch_cursor(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      has_failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <class Number>
  Number take_number() {
    const std::string_view bytes = take(sizeof(Number));
    Number value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      value = static_cast<Number>(value << 8) | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
  }

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  std::string_view rest_;
  bool has_failed_ = false;
};

}  // namespace

void begin_batch(std::string& into, node_id from, std::uint32_t loop, std::uint64_t first) {
  into.assign(1, batch_version);
  append_number(into, from);
  append_number(into, loop);
  append_number(into, first);
}

void append_to_batch(std::string& batch, std::string_view message) {
  append_number(batch, static_cast<std::uint32_t>(message.size()));
  batch += message;
}

std::optional<relay_batch> read_batch(std::string_view bytes) {
  batch_cursor at(bytes);
  if (at.take(1) != std::string_view(&batch_version, 1)) return std::nullopt;
  relay_batch batch;
  batch.from = at.take_number<node_id>();
  batch.loop = at.take_number<std::uint32_t>();
  batch.first = at.take_number<std::uint64_t>();
  while (!at.is_at_end()) {
    batch.messages.push_back(at.take(at.take_number<std::uint32_t>()));
  }
  if (at.has_failed()) return std::nullopt;
  return batch;
}

}  // namespace downbeat::host
