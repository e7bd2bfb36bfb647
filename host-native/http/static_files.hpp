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
  };

  /// The folder must exist.
  explicit static_files(const std::filesystem::path& root);

  /// The file that a URL's path names; for a folder, its index.html. Nothing that is hidden, and
  /// nothing outside the root, whatever the path or a symbolic link may say.
  [[nodiscard]] std::optional<file> find(std::string_view url_path) const;

  /// Its bytes, or nothing if they cannot be read any more.
  [[nodiscard]] static std::optional<std::string> read(const file& which);

 private:
  std::filesystem::path root_;
};

/// The path with its percent escapes replaced, or nothing if one of them is broken.
std::optional<std::string> decode_path(std::string_view url_path);

/// Whether an If-None-Match header names this entity tag.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace downbeat::host
