#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace downbeat::host {

/// An answer of Redis.
struct redis_reply {
  enum class kind : std::uint8_t { text, integer, nothing, list, error };

  kind what = kind::nothing;
  std::string text = {};  ///< of a text or an error, such as `OOM command not allowed …`
  std::int64_t integer = 0;
  std::vector<redis_reply> items = {};

  [[nodiscard]] bool is_error() const { return what == kind::error; }
  [[nodiscard]] bool is_error(std::string_view code) const {
    return is_error() && text.starts_with(code);
  }
};

/// Takes answers out of the bytes that Redis sends.
class reply_reader {
 public:
  reply_reader();

  void feed(std::string_view bytes);
  /// The next answer; nothing if it has not come completely. Throws redis_away if this is not
  /// Redis' protocol.
  std::optional<redis_reply> next();

 private:
  struct freer {
    void operator()(redisReader* which) const;
  };

  std::unique_ptr<redisReader, freer> reader_;
};

/// Appends a command as it is sent. Its parts may have any bytes.
void append_command(std::string& to, std::span<const std::string_view> parts);
void append_command(std::string& to, std::initializer_list<std::string_view> parts);

}  // namespace downbeat::host
