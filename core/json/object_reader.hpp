#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::json {

/// Reads the members of a JSON object. The text must be checked and compact, but its members may be
/// anything. A missing or wrong member gives a default value and makes `is_good` false; ask it at
/// the end. Unknown members are ignored. To refuse them, write the result again and compare the
/// texts.
class object_reader {
 public:
  explicit object_reader(std::string_view object);

  [[nodiscard]] bool has(std::string_view key) const;

  /// A string, or the bytes that `append_bytes` wrote. Empty if wrong.
  std::string text(std::string_view key);
  /// A whole number from `least` to `most`; `least` if wrong.
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most);
  /// Like `number`, but the member may be missing.
  std::optional<std::int64_t> optional_number(std::string_view key, std::int64_t least,
                                              std::int64_t most);
  /// A 64-bit number, such as an id or a seed; 0 if wrong.
  std::uint64_t id(std::string_view key);
  /// Like `id`, but the member may be missing.
  std::optional<std::uint64_t> optional_id(std::string_view key);
  /// `true` or `false`; false if wrong.
  bool flag(std::string_view key);
  /// The index in `words` of a string member, from 0; 0 if wrong.
  std::size_t word(std::string_view key, std::initializer_list<std::string_view> words);
  /// The items of an array member; empty if wrong.
  std::vector<std::string_view> items(std::string_view key);
  /// The JSON of a member of any kind; empty if the member is missing.
  std::string_view raw(std::string_view key);

  /// Whether all members that were asked for were present and valid.
  [[nodiscard]] bool is_good() const { return is_good_; }

 private:
  std::optional<std::string_view> find(std::string_view key);

  std::string_view object_;
  bool is_good_;
};

/// The members of a checked, compact object in text order. Keys come without quotes and with their
/// escapes, values as JSON.
std::vector<std::pair<std::string_view, std::string_view>> all_members(std::string_view object);

/// Reads a whole number from `least` to `most`. Nothing for other JSON.
std::optional<std::int64_t> read_number(std::string_view json, std::int64_t least,
                                        std::int64_t most);
/// Reads an unsigned 64-bit number. Nothing for other JSON.
std::optional<std::uint64_t> read_id(std::string_view json);

}  // namespace downbeat::json
