#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// The files below one folder, as a web server shows them.
class static_files {
 public:
  struct file {
    std::filesystem::path path;
    std::uintmax_t size;
    std::string etag;  ///< in its quotes
    std::filesystem::file_time_type changed;
  };

  /// The bytes that are sent for a file: its own, or those of one beside it that is compressed.
  struct representation {
    file bytes;
    std::string_view encoding;  ///< as Content-Encoding names it; empty for the file itself
    bool has_others;            ///< so that the choice depends on what the browser accepts
  };

  /// The folder must exist.
  explicit static_files(const std::filesystem::path& root);

  /// The file that a URL's path names; for a folder, its index.html. Nothing that is hidden, and
  /// nothing outside the root, whatever the path or a symbolic link may say.
  [[nodiscard]] std::optional<file> find(std::string_view url_path) const;

  /// What to send to a browser with this Accept-Encoding. `app.js.br` and `app.js.gz` are `app.js`,
  /// compressed when it was built; one that is older than the file itself does not count.
  [[nodiscard]] representation choose(const file& wanted, std::string_view accept_encoding) const;

  /// Its bytes, or nothing if they cannot be read any more.
  [[nodiscard]] static std::optional<std::string> read(const file& which);

 private:
  [[nodiscard]] std::optional<file> look_at(const std::filesystem::path& wanted) const;

  std::filesystem::path root_;
};

/// Whether a URL's path names what will never change: below `/assets/`, with a hash of its content
/// in the name, as `/assets/app-Bx3k9_Qa.js`, which is how Vite and others name things.
bool is_immutable(std::string_view url_path);

/// The path with its percent escapes replaced, or nothing if one of them is broken.
std::optional<std::string> decode_path(std::string_view url_path);

/// Whether an If-None-Match header names this entity tag.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace downbeat::host
