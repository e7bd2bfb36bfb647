#include "http/chunk_decoder.hpp"

#include "http/field_line.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace downbeat::host {
namespace {

constexpr std::string_view line_end = "\r\n";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size > 0;
}

bool take_quoted_string(std::string_view& text) {
  if (!take(text, '"')) return false;
  while (!text.empty()) {
    if (take(text, '"')) return true;
    if (take(text, '\\') && text.empty()) return false;
    text.remove_prefix(1);
  }
  return false;
}

// *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
bool are_extensions(std::string_view text) {
  while (!text.empty()) {
    skip_blanks(text);
    if (!take(text, ';')) return false;
    skip_blanks(text);
    if (!take_token(text)) return false;
    std::string_view behind = text;
    skip_blanks(behind);
    if (!take(behind, '=')) continue;
    skip_blanks(behind);
    if (!take_token(behind) && !take_quoted_string(behind)) return false;
    text = behind;
  }
  return true;
}

// chunk-size [ chunk-ext ], of which the size is 1*HEXDIG: no sign, no prefix, no blank before it
bool read_size_line(std::string_view line, std::uint64_t& size) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error != std::errc()) return false;
  return are_extensions(line.substr(static_cast<std::size_t>(end - line.data())));
}

}  // namespace

chunk_decoder::outcome chunk_decoder::take_line(std::string_view line) {
  if (!is_line_text(line)) return outcome::malformed;
  if (state_ == state::size_line) {
    if (!read_size_line(line, left_)) return outcome::malformed;
    state_ = left_ > 0 ? state::data : state::trailer;
    return outcome::need_more;
  }
  if (line.empty()) return outcome::done;
  trailer_bytes_ += line.size() + line_end.size();
  if (!is_field_line(line) || trailer_bytes_ > max_line_bytes_) return outcome::malformed;
  return outcome::need_more;
}

chunk_decoder::outcome chunk_decoder::decode(std::string_view arrived, std::string& body,
                                             std::size_t& used) {
  for (used = 0; used < arrived.size();) {
    const std::string_view rest = arrived.substr(used);
    if (state_ == state::data) {
      const std::string_view data = rest.substr(0, std::min<std::uint64_t>(left_, rest.size()));
      body.append(data);
      used += data.size();
      left_ -= data.size();
      if (left_ == 0) state_ = state::data_end;
      continue;
    }
    if (state_ == state::data_end) {
      if (!line_end.starts_with(rest.substr(0, line_end.size()))) return outcome::malformed;
      if (rest.size() < line_end.size()) return outcome::need_more;
      used += line_end.size();
      state_ = state::size_line;
      continue;
    }
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
      return rest.size() > max_line_bytes_ ? outcome::malformed : outcome::need_more;
    }
    if (end == 0 || rest[end - 1] != '\r' || end > max_line_bytes_) return outcome::malformed;
    used += end + 1;
    const outcome result = take_line(rest.substr(0, end - 1));
    if (result != outcome::need_more) return result;
  }
  return outcome::need_more;
}

}  // namespace downbeat::host
