#include "json/text.hpp"

#include "json/scan.hpp"
#include "text/utf8.hpp"
#include "text/words.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace downbeat::json {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_whitespace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The first character at or after `at` that must be escaped in a string literal, or `end`.
const char* find_special(const char* at, const char* end) {
  while (static_cast<std::size_t>(end - at) >= sizeof(words::word)) {
    const words::word bytes = words::load(at);
    const words::word marks = words::mark_equal(bytes, '"') | words::mark_equal(bytes, '\\') |
                              words::mark_below(bytes, 0x20);
    if (marks != 0) return at + words::first_marked(marks);
    at += sizeof(words::word);
  }
  while (at != end && *at != '"' && *at != '\\' && !is_control(*at)) ++at;
  return at;
}

/// The stack of open arrays and objects. It uses one bit for each, and allocates only for more than
/// 64 levels.
class open_containers {
 public:
  [[nodiscard]] std::int32_t depth() const { return depth_; }
  [[nodiscard]] bool is_innermost_object() const { return (newest_ & 1) != 0; }

  void push(bool is_object) {
    if (depth_ != 0 && depth_ % 64 == 0) full_.push_back(newest_);
    newest_ = newest_ << 1 | std::uint64_t{is_object};
    ++depth_;
  }

  void pop() {
    newest_ >>= 1;
    --depth_;
    if (depth_ != 0 && depth_ % 64 == 0) {
      newest_ = full_.back();
      full_.pop_back();
    }
  }

 private:
  std::int32_t depth_ = 0;
  std::uint64_t newest_ = 0;
  std::vector<std::uint64_t> full_;
};

/// Checks one JSON text. The functions for parts of the grammar return whether the part was valid.
class checker {
 public:
  explicit checker(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  std::optional<survey> run() {
    for (;;) {
      // A value begins here. In an object its key has been read.
      skip_whitespace();
      if (take('[')) {
        open(false);
        if (peek() != ']') continue;
      } else if (take('{')) {
        open(true);
        if (peek() != '}') {
          if (!key()) return std::nullopt;
          continue;
        }
      } else if (!scalar()) {
        return std::nullopt;
      }
      // A value has ended, or an empty container is about to end. Close the containers that end
      // here, too.
      for (;;) {
        skip_whitespace();
        if (open_.depth() == 0) {
          if (at_ != end_) return std::nullopt;
          return found_;
        }
        if (take(',')) {
          if (open_.is_innermost_object() && !key()) return std::nullopt;
          break;
        }
        if (!take(open_.is_innermost_object() ? '}' : ']')) return std::nullopt;
        open_.pop();
      }
    }
  }

 private:
  /// The next character; at the end NUL, which JSON allows nowhere.
  [[nodiscard]] char peek() const { return at_ != end_ ? *at_ : '\0'; }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void skip_whitespace() {
    while (is_whitespace(peek())) {
      found_.has_whitespace = true;
      ++at_;
    }
  }

  void open(bool is_object) {
    open_.push(is_object);
    found_.depth = std::max(found_.depth, open_.depth());
    skip_whitespace();
  }

  bool key() {
    skip_whitespace();
    if (!take('"') || !rest_of_string()) return false;
    skip_whitespace();
    return take(':');
  }

  bool scalar() {
    switch (peek()) {
      case '"': ++at_; return rest_of_string();
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      default: return number();
    }
  }

  bool literal(std::string_view name) {
    if (static_cast<std::size_t>(end_ - at_) < name.size()) return false;
    if (std::memcmp(at_, name.data(), name.size()) != 0) return false;
    at_ += name.size();
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    do ++at_;
    while (is_digit(peek()));
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool rest_of_string() {
    for (;;) {
      at_ = find_special(at_, end_);
      if (take('"')) return true;
      if (!take('\\') || !rest_of_escape()) return false;
    }
  }

  bool rest_of_escape() {
    switch (peek()) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't': ++at_; return true;
      case 'u': ++at_; return hex_digit() && hex_digit() && hex_digit() && hex_digit();
      default: return false;
    }
  }

  bool hex_digit() {
    if (hex_value(peek()) < 0) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* end_;
  open_containers open_;
  survey found_{0, false};
};

/// The end of the value that begins at `at` in compact text.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  switch (text[at]) {
    case '"': return end_of_string(text, at);
    case '[':
    case '{': break;
    default:
      while (at != text.size() && text[at] != ',' && text[at] != ']' && text[at] != '}') ++at;
      return at;
  }
  // Brackets in checked text match, so counting them is enough.
  std::size_t depth = 0;
  for (;;) {
    at = find_structure(text, at);
    if (at == text.size()) return at;
    switch (text[at]) {
      case '"': at = end_of_string(text, at); continue;
      case '[':
      case '{': ++depth; break;
      case ']':
      case '}': --depth; break;
      default: break;
    }
    ++at;
    if (depth == 0) return at;
  }
}

/// The text between the quotes of a literal or the brackets of a container.
std::string_view inside(std::string_view enclosed) {
  return enclosed.size() < 2 ? std::string_view{} : enclosed.substr(1, enclosed.size() - 2);
}

/// The number that the four hexadecimal digits at `at` stand for.
std::optional<char32_t> hex_number(std::string_view text, std::size_t at) {
  if (text.size() - at < 4) return std::nullopt;
  char32_t number = 0;
  for (std::size_t i = at; i != at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    number = number << 4 | static_cast<char32_t>(digit);
  }
  return number;
}

constexpr bool is_high_surrogate(char32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool is_low_surrogate(char32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

/// Decodes `\u` and its digits, with a second `\u` for a surrogate pair. `at` is behind the `u` and
/// moves on. Nothing for a lone surrogate.
std::optional<char32_t> take_code_point(std::string_view text, std::size_t& at) {
  const auto unit = hex_number(text, at);
  if (!unit || is_low_surrogate(*unit)) return std::nullopt;
  at += 4;
  if (!is_high_surrogate(*unit)) return unit;

  if (text.substr(at, 2) != "\\u") return std::nullopt;
  const auto low = hex_number(text, at + 2);
  if (!low || !is_low_surrogate(*low)) return std::nullopt;
  at += 6;
  return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

/// The character that an escape of one letter stands for.
char unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

/// Appends the escape of a character that cannot stand in a string literal.
void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out.append("\\\"", 2); return;
    case '\\': out.append("\\\\", 2); return;
    case '\b': out.append("\\b", 2); return;
    case '\f': out.append("\\f", 2); return;
    case '\n': out.append("\\n", 2); return;
    case '\r': out.append("\\r", 2); return;
    case '\t': out.append("\\t", 2); return;
    default: break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  const char escape[] = {'\\', 'u', '0', '0', hex[code >> 4], hex[code & 0xf]};
  out.append(escape, sizeof escape);
}

}  // namespace

std::optional<survey> check(std::string_view text) {
  return checker(text).run();
}

std::string compact(std::string_view checked) {
  std::string out;
  out.reserve(checked.size());
  std::size_t copied = 0;
  for (std::size_t at = 0; at != checked.size();) {
    if (checked[at] == '"') {
      at = end_of_string(checked, at);
    } else if (is_whitespace(checked[at])) {
      out.append(checked, copied, at - copied);
      copied = ++at;
    } else {
      ++at;
    }
  }
  return out.append(checked, copied, std::string_view::npos);
}

kind kind_of(std::string_view value) {
  assert(!value.empty());
  switch (value.front()) {
    case 'n': return kind::null;
    case 't':
    case 'f': return kind::boolean;
    case '"': return kind::string;
    case '[': return kind::array;
    case '{': return kind::object;
    default: return kind::number;
  }
}

item_reader::item_reader(std::string_view array) : rest_(inside(array)) {
  assert(kind_of(array) == kind::array);
}

std::optional<std::string_view> item_reader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::size_t end = end_of_value(rest_, 0);
  const std::string_view item = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return item;
}

std::vector<std::string_view> items(std::string_view array) {
  std::vector<std::string_view> all;
  item_reader reader(array);
  while (const auto item = reader.next()) all.push_back(*item);
  return all;
}

void find_members(std::string_view text, std::span<const std::string_view> keys,
                  std::span<std::optional<std::string_view>> values) {
  assert(kind_of(text) == kind::object);
  assert(keys.size() == values.size());
  std::fill(values.begin(), values.end(), std::nullopt);

  std::string scratch;
  for (std::size_t at = 1; at < text.size() && text[at] != '}';) {
    const std::size_t key_end = end_of_string(text, at);
    const std::string_view literal = text.substr(at, key_end - at);
    const std::size_t value_begin = std::min(key_end + 1, text.size());
    const std::size_t value_end = end_of_value(text, value_begin);

    const auto name = read_string(literal, scratch);
    for (std::size_t i = 0; name && i != keys.size(); ++i) {
      if (keys[i] == *name) values[i] = text.substr(value_begin, value_end - value_begin);
    }
    if (value_end == text.size() || text[value_end] == '}') return;
    at = value_end + 1;
  }
}

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  return members(object, {key})[0];
}

bool spells(std::string_view literal, std::string_view text) {
  std::string scratch;
  return read_string(literal, scratch) == text;
}

std::optional<std::string> decode_string(std::string_view literal) {
  const std::string_view body = inside(literal);
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0;;) {
    const std::size_t escape = std::min(body.find('\\', at), body.size());
    out.append(body, at, escape - at);
    if (body.size() - escape < 2) return out;
    at = escape + 2;
    if (body[escape + 1] != 'u') {
      out += unescaped(body[escape + 1]);
      continue;
    }
    const auto code_point = take_code_point(body, at);
    if (!code_point) return std::nullopt;
    utf8::append(out, *code_point);
  }
}

std::optional<std::string_view> read_string(std::string_view literal, std::string& scratch) {
  const std::string_view body = inside(literal);
  if (body.find('\\') == std::string_view::npos) return body;
  auto decoded = decode_string(literal);
  if (!decoded) return std::nullopt;
  scratch = std::move(*decoded);
  return scratch;
}

void append_quoted(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out += '"';
  for (;;) {
    const char* const special = find_special(at, end);
    out.append(at, static_cast<std::size_t>(special - at));
    if (special == end) break;
    append_escape(out, *special);
    at = special + 1;
  }
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

}  // namespace downbeat::json
