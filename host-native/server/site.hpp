#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/static_files.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Everything that is served beside Engine.IO: health, metrics, and the files of a page.
class site {
 public:
  /// What is asked for when it is asked for.
  struct sources {
    std::function<std::string()> health;
    std::function<std::string()> metrics;
  };

  /// Without a web root, `/` is a page that says what this server is. The policy is the
  /// Content-Security-Policy of what is in the web root; empty: it has none.
  site(const std::string& web_root, std::string_view policy, std::string engineio_path,
       sources from);

  [[nodiscard]] response answer(const request& asked) const;

 private:
  [[nodiscard]] response page(const request& asked) const;

  std::optional<static_files> files_;
  std::string file_fields_;  ///< of every response from the web root
  std::string engineio_path_;
  sources from_;
};

}  // namespace downbeat::host
