#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Looking into JSON text without building it, because an event is relayed without being rebuilt:
/// what a peer wrote reaches the others digit for digit and key for key, and costs no tree.
///
/// A *checked* text is one that `check` said yes to; a *compact* one has no insignificant
/// whitespace. Every function is iterative and takes linear time, whatever the text.
namespace downbeat::json {

/// What one pass over a JSON text found.
struct survey {
  std::int32_t depth;   ///< how deep its arrays and objects nest: 0 for a scalar, 1 for `[]`
  bool has_whitespace;  ///< whether there is any outside of its strings

  friend bool operator==(const survey&, const survey&) = default;
};

/// The survey of a text that is exactly one JSON value (RFC 8259), whitespace around it allowed, or
/// nothing if it is not. The text must be valid UTF-8. As with JSON.parse, an escape may be a lone
/// surrogate; a number may have any size.
std::optional<survey> check(std::string_view text);

/// A checked text without its insignificant whitespace.
std::string compact(std::string_view checked);

enum class kind { null, boolean, number, string, array, object };

/// What a checked value without whitespace in front is, by its first character.
kind kind_of(std::string_view value);

/// Reads the items of a checked, compact array one by one, as slices of it.
class item_reader {
 public:
  explicit item_reader(std::string_view array);

  /// The next item, or nothing at the end of the array.
  std::optional<std::string_view> next();

  /// The items that were not read yet, with the commas between them: in brackets, an array again.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// The items of a checked, compact array, as slices of it.
std::vector<std::string_view> items(std::string_view array);

/// Looks up members of the object that a checked, compact text begins with, in one pass: each key's
/// value, as a slice of the text, goes to the same place in `values`, which is as long as `keys`.
/// Of doubled keys the last counts, as in JSON.parse. Keys with escapes are compared decoded. What
/// follows the object is not looked at, so that nobody has to find its end first.
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

/// The value of one member, or nothing if the object has none of that name.
std::optional<std::string_view> member(std::string_view object, std::string_view key);

/// Whether a checked string literal stands for this text.
bool spells(std::string_view literal, std::string_view text);

/// The text of a checked string literal, decoded to UTF-8, or nothing if it has a lone surrogate.
std::optional<std::string> decode_string(std::string_view literal);

/// The same without a copy where there is nothing to decode: a slice of the literal if it has no
/// escapes, and else what it is decoded to, in `scratch`.
std::optional<std::string_view> read_string(std::string_view literal, std::string& scratch);

/// Appends valid UTF-8 text as a string literal, escaping only what must be, as JSON.stringify
/// does: quotes, backslashes and control characters.
void append_quoted(std::string& out, std::string_view text);

/// Valid UTF-8 text as a string literal.
std::string quote(std::string_view text);

}  // namespace downbeat::json
