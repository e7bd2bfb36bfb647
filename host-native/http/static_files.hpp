#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::host {

/// A folder cannot be served. `what()` is one line for the operator.
class unusable_folder : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The files below one folder, in memory, as they were when the folder was read. Immutable, so that
/// threads may share it.
class static_files {
 public:
  /// One file.
  struct file {
    std::shared_ptr<const std::string> bytes;
    std::string etag;  ///< including the quotes
    std::string_view media_type;
    std::int64_t changed;  ///< last modification, in nanoseconds since 1970
    std::uint64_t stamp;   ///< a digest of the file's metadata; if it has changed, the file is read
                           ///< again
  };

  /// The bytes to send for a file: its own, or those of a compressed file beside it.
  struct representation {
    const file* what;
    std::string_view encoding;  ///< the value of Content-Encoding; empty for the file itself
    bool has_others;            ///< there are other encodings, so that the response needs `Vary`
  };

  /// Limits on what is kept in memory. A usual page has some megabytes.
  struct limits {
    std::uint64_t bytes = 256 * 1024 * 1024;  ///< all files together
    std::size_t files = 10'000;
  };

  /// Reads the folder. Reuses files of `before` that have not changed or cannot be read now. Throws
  /// `unusable_folder` if the folder itself cannot be read, or exceeds the limits.
  static static_files read(const std::filesystem::path& root, const static_files& before,
                           const limits& most);
  static static_files read(const std::filesystem::path& root) { return read(root, {}, {}); }

  /// The file for a URL's path, or nullptr; for a folder its index.html. Never a hidden file, and
  /// never one outside the root, whatever the path or a symbolic link says.
  [[nodiscard]] const file* find(std::string_view url_path) const;

  /// What to send for a URL's path to a browser with this Accept-Encoding; nothing if there is no
  /// such file. `app.js.br` and `app.js.gz` are compressed forms of `app.js`; they are ignored if
  /// they are older than `app.js`.
  [[nodiscard]] std::optional<representation> choose(std::string_view url_path,
                                                     std::string_view accept_encoding) const;

  /// The files that could not be read, each with the reason.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  class reading;

  [[nodiscard]] const file* look_up(const std::string& name) const;

  std::unordered_map<std::string, file> files_;  ///< by name relative to the root, with slashes
  std::vector<std::string> problems_;
};

/// Whether the content of this path never changes: below `/assets/`, with a hash in the name, such
/// as `/assets/app-Bx3k9_Qa.js` (the naming of Vite and other bundlers).
bool is_immutable(std::string_view url_path);

/// The path with its percent escapes decoded, or nothing if one is invalid.
std::optional<std::string> decode_path(std::string_view url_path);

/// Whether an If-None-Match header field contains this entity tag (RFC 9110, 13.1.2).
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace downbeat::host
