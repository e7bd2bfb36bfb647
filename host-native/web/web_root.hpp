#pragma once

#include "http/static_files.hpp"
#include "log/logger.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace downbeat::host {

/// The web root, in memory, shared by all event loops, so that no request waits for a disk. A
/// thread of its own polls the folder for changes.
class web_root {
 public:
  /// Reads the folder. Throws `unusable_folder`.
  web_root(std::filesystem::path folder, logger& log, static_files::limits most = {});
  web_root(const web_root&) = delete;
  web_root& operator=(const web_root&) = delete;
  ~web_root();

  /// The current files. Thread-safe.
  [[nodiscard]] std::shared_ptr<const static_files> files() const;

  /// Starts a thread that polls the folder, at least this long after the last pass. Files that can
  /// no longer be read keep their last content, and one line is logged.
  void keep_up(std::chrono::milliseconds interval = std::chrono::seconds(1));

 private:
  void run(std::chrono::milliseconds interval);
  void read_again();
  void log_problem(const std::string& about);

  const std::filesystem::path folder_;
  logger& log_;
  const static_files::limits most_;
  std::string last_problem_;  ///< the last one that was logged

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopped_ = false;
  std::shared_ptr<const static_files> files_;
  std::thread thread_;
};

}  // namespace downbeat::host
