#include "cli/config_file.hpp"

#include "http/text.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace downbeat::host {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_text(std::string_view line) {
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
  return utf8::is_valid(line) && std::none_of(line.begin(), line.end(), is_control);
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_comment(std::string_view text) {
  return text.empty() || text.front() == '#';
}

class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {
    if (rest_.substr(0, byte_order_mark.size()) == byte_order_mark) {
      rest_.remove_prefix(byte_order_mark.size());
    }
  }

  std::variant<std::vector<config_entry>, config_error> read() {
    std::vector<config_entry> entries;
    while (!why_ && next_line()) {
      skip_blanks();
      if (is_comment(line_) || line_.front() == ';') continue;
      config_entry entry{{}, {}, number_};
      read_entry(entry);
      entries.push_back(std::move(entry));
    }
    if (why_) return config_error{*why_, number_};
    return entries;
  }

 private:
  bool next_line() {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (!is_text(line_)) fail("the line is not UTF-8, or has control characters");
    return true;
  }

  void read_entry(config_entry& entry) {
    if (line_.front() == '[')
      return fail("sections are not supported; write lines like port = 3001");
    const std::size_t end = std::min(line_.find_first_of("=#"), line_.size());
    entry.name = std::string(trim(line_.substr(0, end)));
    if (entry.name.empty()) return fail("a line must begin with the name of an option");
    line_.remove_prefix(end);
    if (is_comment(line_)) return;
    line_.remove_prefix(1);
    skip_blanks();
    if (!line_.empty() && line_.front() == '[') {
      read_list(entry);
    } else {
      entry.values.push_back(read_value("#"));
    }
    if (why_) return;
    skip_blanks();
    if (!is_comment(line_)) fail("there is more text after the value: " + std::string(line_));
  }

  void read_list(config_entry& entry) {
    line_.remove_prefix(1);
    for (bool is_value_next = true;;) {
      skip_blanks();
      if (why_) return;
      if (is_comment(line_)) {
        if (!next_line())
          return fail("the list that begins in line " + std::to_string(entry.line) +
                      " is not closed");
      } else if (line_.front() == ']') {
        line_.remove_prefix(1);
        if (entry.values.empty()) fail("the list is empty");
        return;
      } else if (!is_value_next) {
        if (line_.front() != ',')
          return fail("a comma or ] is missing before " + std::string(line_));
        line_.remove_prefix(1);
        is_value_next = true;
      } else {
        entry.values.push_back(read_value("#,]"));
        is_value_next = false;
      }
    }
  }

  /// An unquoted value ends at one of the characters in `ends`.
  std::string read_value(std::string_view ends) {
    if (!line_.empty() && (line_.front() == '"' || line_.front() == '\'')) return read_quoted();
    const std::size_t end = std::min(line_.find_first_of(ends), line_.size());
    const std::string_view value = trim(line_.substr(0, end));
    line_.remove_prefix(end);
    return std::string(value);
  }

  std::string read_quoted() {
    const char quote = line_.front();
    std::string value;
    for (std::size_t i = 1; i < line_.size(); ++i) {
      if (line_[i] == quote) {
        line_.remove_prefix(i + 1);
        return value;
      }
      // As in TOML, a backslash is an escape only between double quotes.
      if (line_[i] == '\\' && quote == '"') {
        ++i;
        if (i == line_.size() || (line_[i] != '"' && line_[i] != '\\')) {
          fail("\\ may only stand before \" or \\; between single quotes, it is like any other");
          return {};
        }
      }
      value += line_[i];
    }
    fail("the quotes are not closed");
    return {};
  }

  void skip_blanks() {
    while (!line_.empty() && is_blank(line_.front())) line_.remove_prefix(1);
  }

  void fail(std::string why) {
    if (!why_) why_ = std::move(why);
  }

  std::string_view rest_;
  std::string_view line_;  ///< the part of the line that is not parsed yet
  std::size_t number_ = 0;
  std::optional<std::string> why_;
};

}  // namespace

std::variant<std::vector<config_entry>, config_error> read_config(std::string_view text) {
  return reader(text).read();
}

}  // namespace downbeat::host
