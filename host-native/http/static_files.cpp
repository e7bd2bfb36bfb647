#include "http/static_files.hpp"

#include "http/accept_encoding.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

namespace downbeat::host {
namespace {

namespace fs = std::filesystem;

std::string make_etag(std::uintmax_t size, fs::file_time_type changed) {
  std::string tag = "\"";
  for (const auto number : {static_cast<std::uint64_t>(size),
                            static_cast<std::uint64_t>(changed.time_since_epoch().count())}) {
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number, 16).ptr;
    if (tag.size() > 1) tag += '-';
    tag.append(std::begin(digits), end);
  }
  return tag + '"';
}

bool is_inside(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

struct compression {
  std::string_view encoding;
  std::string_view extension;
};

// The first that a browser accepts is sent: the smallest comes first.
constexpr std::array<compression, 2> compressions = {{{"br", ".br"}, {"gzip", ".gz"}}};

constexpr std::size_t hash_size = 8;

bool is_letter_of_hash(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

bool is_immutable(std::string_view url_path) {
  if (!url_path.starts_with("/assets/")) return false;
  const std::string_view name = url_path.substr(url_path.rfind('/') + 1);
  const std::string_view stem = name.substr(0, name.find('.'));
  if (stem.size() < hash_size + 2) return false;
  const std::string_view hash = stem.substr(stem.size() - hash_size);
  // `my-document.js` ends in eight letters, too, but a word is not a hash.
  const bool is_word = std::all_of(hash.begin(), hash.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
  return stem[stem.size() - hash_size - 1] == '-' && !is_word &&
         std::all_of(hash.begin(), hash.end(), is_letter_of_hash);
}

std::optional<std::string> decode_path(std::string_view url_path) {
  std::string out;
  for (std::size_t i = 0; i < url_path.size(); ++i) {
    if (url_path[i] != '%') {
      out += url_path[i];
      continue;
    }
    if (i + 2 >= url_path.size()) return std::nullopt;
    unsigned value = 0;
    const char* const digits = url_path.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const auto comma = if_none_match.find(',');
    std::string_view one = trim(if_none_match.substr(0, comma));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == etag) return true;
    if (comma == std::string_view::npos) break;
    if_none_match.remove_prefix(comma + 1);
  }
  return false;
}

static_files::static_files(const fs::path& root) : root_(fs::canonical(root)) {}

std::optional<static_files::file> static_files::find(std::string_view url_path) const {
  const auto decoded = decode_path(url_path);
  if (!decoded || !decoded->starts_with('/') || decoded->find('\0') != std::string::npos ||
      decoded->find('\\') != std::string::npos) {
    return std::nullopt;
  }
  fs::path wanted = root_;
  std::string_view rest = std::string_view(*decoded).substr(1);
  for (;;) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const bool is_last = slash == std::string_view::npos;
    // Also `.` and `..`; and an empty segment is only a folder's trailing slash.
    if (segment.starts_with('.') || (segment.empty() && !is_last)) return std::nullopt;
    wanted /= segment.empty() ? std::string_view("index.html") : segment;
    if (is_last) break;
    rest.remove_prefix(slash + 1);
  }

  return look_at(wanted);
}

std::optional<static_files::file> static_files::look_at(const fs::path& wanted) const {
  std::error_code error;
  const fs::path real = fs::canonical(wanted, error);
  if (error || !is_inside(real, root_) || !fs::is_regular_file(real, error) || error) {
    return std::nullopt;
  }
  const std::uintmax_t size = fs::file_size(real, error);
  if (error) return std::nullopt;
  const auto changed = fs::last_write_time(real, error);
  if (error) return std::nullopt;
  return file{real, size, make_etag(size, changed), changed};
}

static_files::representation static_files::choose(const file& wanted,
                                                  std::string_view accept_encoding) const {
  representation chosen{wanted, {}, false};
  for (const auto& [encoding, extension] : compressions) {
    auto compressed = look_at(fs::path(wanted.path) += extension);
    if (!compressed || compressed->changed < wanted.changed) continue;
    chosen.has_others = true;
    if (!chosen.encoding.empty() || !accepts_encoding(accept_encoding, encoding)) continue;
    chosen.bytes = std::move(*compressed);
    chosen.encoding = encoding;
  }
  return chosen;
}

std::optional<std::string> static_files::read(const file& which) {
  std::ifstream in(which.path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(which.size), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

}  // namespace downbeat::host
