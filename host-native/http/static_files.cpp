#include "http/static_files.hpp"

#include "http/accept_encoding.hpp"
#include "http/media_type.hpp"
#include "http/text.hpp"
#include "io/file_descriptor.hpp"
#include "text/fnv1a.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

namespace downbeat::host {
namespace {

namespace fs = std::filesystem;

struct compression {
  std::string_view encoding;
  std::string_view extension;
};

// In order of preference, smallest first: the first one that the browser accepts is sent.
constexpr std::array<compression, 2> compressions = {{{"br", ".br"}, {"gzip", ".gz"}}};

bool is_inside(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

constexpr std::size_t most_levels = 32;
constexpr std::size_t hash_size = 8;

bool is_hash_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::string make_etag(const std::string& bytes) {
  fnv1a of_bytes;
  of_bytes.add(bytes);
  std::string tag = "\"";
  for (const auto number : {static_cast<std::uint64_t>(bytes.size()), of_bytes.value()}) {
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number, 16).ptr;
    if (tag.size() > 1) tag += '-';
    tag.append(std::begin(digits), end);
  }
  return tag + '"';
}

// A number that changes when the file is written, or replaced by another of the same name.
std::uint64_t stamp_of(const struct ::stat& info) {
  fnv1a all;
  for (const auto number :
       {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mtim.tv_sec),
        static_cast<std::uint64_t>(info.st_mtim.tv_nsec),
        static_cast<std::uint64_t>(info.st_ctim.tv_sec),
        static_cast<std::uint64_t>(info.st_ctim.tv_nsec)}) {
    all.add(number);
  }
  return all.value();
}

std::int64_t changed_at(const struct ::stat& info) {
  return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

// The name of the file for a URL's path, relative to the root; nothing if no file can have it.
std::optional<std::string> name_of(std::string_view url_path) {
  auto name = decode_path(url_path);
  if (!name || !name->starts_with('/')) return std::nullopt;
  name->erase(0, 1);
  if (name->empty() || name->ends_with('/')) *name += "index.html";
  return name;
}

}  // namespace

bool is_immutable(std::string_view url_path) {
  if (!url_path.starts_with("/assets/")) return false;
  const std::string_view name = url_path.substr(url_path.rfind('/') + 1);
  const std::string_view stem = name.substr(0, name.find('.'));
  if (stem.size() < hash_size + 2) return false;
  const std::string_view hash = stem.substr(stem.size() - hash_size);
  // A hash contains digits or capitals. In `my-document.js` the last part has eight letters, too,
  // but is a word.
  const bool is_word = std::all_of(hash.begin(), hash.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
  return stem[stem.size() - hash_size - 1] == '-' && !is_word &&
         std::all_of(hash.begin(), hash.end(), is_hash_character);
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

const static_files::file* static_files::look_up(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

const static_files::file* static_files::find(std::string_view url_path) const {
  const auto name = name_of(url_path);
  return name ? look_up(*name) : nullptr;
}

std::optional<static_files::representation> static_files::choose(
    std::string_view url_path, std::string_view accept_encoding) const {
  const auto name = name_of(url_path);
  const file* const wanted = name ? look_up(*name) : nullptr;
  if (wanted == nullptr) return std::nullopt;
  representation chosen{wanted, {}, false};
  for (const auto& [encoding, extension] : compressions) {
    const file* const compressed = look_up(*name + std::string(extension));
    if (compressed == nullptr || compressed->changed < wanted->changed) continue;
    chosen.has_others = true;
    if (!chosen.encoding.empty() || !accepts_encoding(accept_encoding, encoding)) continue;
    chosen.what = compressed;
    chosen.encoding = encoding;
  }
  return chosen;
}

// One pass over a folder.
class static_files::reading {
 public:
  reading(const static_files& before, const limits& most) : before_(before), most_(most) {}

  static_files all(const fs::path& root) {
    std::error_code error;
    root_ = fs::canonical(root, error);
    if (!error) read_folder(root_, "", error);
    if (error) throw unusable_folder("cannot read " + root.string() + ": " + error.message());
    std::sort(result_.problems_.begin(), result_.problems_.end());
    return std::move(result_);
  }

 private:
  void read_folder(const fs::path& folder, const std::string& prefix, std::error_code& error) {
    above_.push_back(folder);
    for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.starts_with('.')) continue;
      read_entry(*at, prefix + name);
    }
    above_.pop_back();
  }

  void read_entry(const fs::directory_entry& entry, const std::string& name) {
    std::error_code error;
    fs::path real = entry.path();
    // Only a symbolic link can lead out of the root, or form a cycle.
    if (entry.is_symlink(error)) {
      real = fs::canonical(real, error);
      if (error || !is_inside(real, root_)) return;
      if (std::find(above_.begin(), above_.end(), real) != above_.end()) return;
    }
    const auto kind = fs::status(real, error).type();
    if (kind == fs::file_type::directory) {
      if (above_.size() < most_levels) read_folder(real, name + "/", error);
      if (!error) return;
      report(name, error.message());
      keep_below(name + "/");
    } else if (kind == fs::file_type::regular) {
      read_file(real, name);
    }
  }

  void read_file(const fs::path& real, const std::string& name) {
    const file* const before = before_.look_up(name);
    struct ::stat info {};
    if (::stat(real.c_str(), &info) != 0) return;  // deleted in the meantime
    if (before != nullptr && before->stamp == stamp_of(info)) return keep(name, *before);
    // O_NONBLOCK: if the file has been replaced by a pipe in the meantime, opening must not block.
    const file_descriptor in(::open(real.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!in) {
      report(name, std::generic_category().message(errno));
      if (before != nullptr) keep(name, *before);
      return;
    }
    if (::fstat(in.number(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    const std::uint64_t stamp = stamp_of(info);
    std::string bytes;
    expect(static_cast<std::uint64_t>(info.st_size));
    const bool is_whole = read_all(in.number(), static_cast<std::size_t>(info.st_size), bytes);
    if (!is_whole) report(name, std::generic_category().message(errno));
    // A file that is being written is read again in the next pass.
    const bool is_at_rest = ::fstat(in.number(), &info) == 0 && stamp_of(info) == stamp;
    if (!is_whole || !is_at_rest) {
      if (before != nullptr) keep(name, *before);
      return;
    }
    std::string etag = make_etag(bytes);
    const std::int64_t changed = changed_at(info);
    // If a build writes the same content again, browsers can keep what they have cached.
    if (before != nullptr && *before->bytes == bytes) {
      return keep(name, {before->bytes, std::move(etag), before->media_type, changed, stamp});
    }
    keep(name, {std::make_shared<const std::string>(std::move(bytes)), std::move(etag),
                media_type_of(name), changed, stamp});
  }

  static bool read_all(int from, std::size_t size, std::string& into) {
    into.resize(size);
    std::size_t got = 0;
    while (got < size) {
      const ssize_t more = ::read(from, into.data() + got, size - got);
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) return false;
      if (more == 0) break;
      got += static_cast<std::size_t>(more);
    }
    into.resize(got);
    return true;
  }

  void expect(std::uint64_t size) const {
    if (bytes_ + size <= most_.bytes) return;
    throw unusable_folder("there are more than " + std::to_string(most_.bytes / 1024 / 1024) +
                          " MiB in " + root_.string() + ", and all of it would be in memory");
  }

  void keep(const std::string& name, file one) {
    expect(one.bytes->size());
    bytes_ += one.bytes->size();
    result_.files_.insert_or_assign(name, std::move(one));
    if (result_.files_.size() <= most_.files) return;
    throw unusable_folder("there are more than " + std::to_string(most_.files) + " files in " +
                          root_.string());
  }

  void keep_below(const std::string& prefix) {
    for (const auto& [name, one] : before_.files_) {
      if (name.starts_with(prefix) && result_.look_up(name) == nullptr) keep(name, one);
    }
  }

  void report(const std::string& name, const std::string& why) {
    result_.problems_.push_back(name + ": " + why);
  }

  const static_files& before_;
  const limits& most_;
  fs::path root_;
  std::vector<fs::path> above_;  ///< the folders on the path to the current one, to detect cycles
  std::uint64_t bytes_ = 0;
  static_files result_;
};

static_files static_files::read(const fs::path& root, const static_files& before,
                                const limits& most) {
  return reading(before, most).all(root);
}

}  // namespace downbeat::host
