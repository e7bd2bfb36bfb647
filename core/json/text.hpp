#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Reading JSON text in place, without building a tree. A relayed event keeps the sender's exact
/// text: number formats and the order of keys do not change.
///
/// *Checked* text is text that `check` accepted. *Compact* text has no whitespace outside of
/// strings. All functions are iterative and take linear time, whatever the text.
namespace downbeat::json {

/// The result of `check`.
struct survey {
  std::int32_t depth;   ///< nesting of arrays and objects: 0 for a scalar, 1 for `[]`
  bool has_whitespace;  ///< whether there is whitespace outside of strings

  friend bool operator==(const survey&, const survey&) = default;
};

/// Checks that valid UTF-8 text is exactly one JSON value (RFC 8259), with optional whitespace
/// around it. Nothing if it is not. As in JSON.parse, an escape may be a lone surrogate, and
/// numbers may have any size.
std::optional<survey> check(std::string_view text);

/// Checked text without the whitespace outside of strings.
std::string compact(std::string_view checked);

enum class kind { null, boolean, number, string, array, object };

/// The kind of a checked value, from its first character. There must be no whitespace before it.
kind kind_of(std::string_view value);

/// Reads the items of a checked, compact array one by one, as slices of it.
class item_reader {
 public:
  explicit item_reader(std::string_view array);

  /// The next item as a slice of the array, or nothing at its end.
  std::optional<std::string_view> next();

  /// The items that have not been read, with commas between them but without brackets.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// The items of a checked, compact array, as slices of it.
std::vector<std::string_view> items(std::string_view array);

/// Finds several members of the object at the start of a checked, compact text in one pass. Writes
/// each key's value, a slice of the text, to the same index of `values`, which must be as long as
/// `keys`. The last of duplicate keys counts, as in JSON.parse; keys with escapes are decoded
/// first. Text behind the object is not read, so callers need not find its end.
void find_members(std::string_view text, std::span<const std::string_view> keys,
                  std::span<std::optional<std::string_view>> values);

/// The values of several members, such as `auto [type, data] = members(event, {"type", "data"})`.
template <std::size_t count>
std::array<std::optional<std::string_view>, count> members(std::string_view object,
                                                           const std::string_view (&keys)[count]) {
  std::array<std::optional<std::string_view>, count> values;
  find_members(object, keys, values);
  return values;
}

/// The value of one member, or nothing if the object does not have it.
std::optional<std::string_view> member(std::string_view object, std::string_view key);

/// Whether a checked string literal decodes to `text`.
bool spells(std::string_view literal, std::string_view text);

/// Decodes a checked string literal to UTF-8. Nothing if it has a lone surrogate.
std::optional<std::string> decode_string(std::string_view literal);

/// Like `decode_string`, but without a copy if there is nothing to decode: a slice of the literal,
/// or of `scratch` if the literal has escapes.
std::optional<std::string_view> read_string(std::string_view literal, std::string& scratch);

/// Appends valid UTF-8 as a string literal. Like JSON.stringify it escapes only quotes, backslashes
/// and control characters.
void append_quoted(std::string& out, std::string_view text);

/// Valid UTF-8 text as a string literal.
std::string quote(std::string_view text);

}  // namespace downbeat::json
