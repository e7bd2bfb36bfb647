#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/static_files.hpp"
#include "server/figures.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Everything that is served beside Engine.IO: health, metrics, and the files of a page.
class site {
 public:
  /// What is made of the figures when they are asked for.
  struct sources {
    std::function<std::string(const figures&)> health;
    std::function<std::string(const figures&)> metrics;
  };

  /// Without a web root, `/` is a page that says what this server is. The policy is the
  /// Content-Security-Policy of what is in the web root; empty: it has none.
  site(const std::string& web_root, std::string_view policy, std::string engineio_path,
       sources from);

  [[nodiscard]] response answer(const request& asked) const;

  /// Whether a request is answered with figures, at its path.
  [[nodiscard]] static bool is_for_operator(const request& asked);
  [[nodiscard]] response answer_operator(std::string_view path, const figures& all) const;

 private:
  [[nodiscard]] response page(const request& asked) const;

  std::optional<static_files> files_;
  std::string file_fields_;  ///< of every response from the web root
  std::string engineio_path_;
  sources from_;
};

}  // namespace downbeat::host
