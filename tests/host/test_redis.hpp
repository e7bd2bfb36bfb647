#pragma once

#include "host/temporary_folder.hpp"
#include "redis/redis_address.hpp"

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {

/// A Redis of its own for a test, on the loopback interface, without persistence.
class test_redis {
 public:
  /// Whether there is the program.
  static bool exists();
  static std::uint16_t free_port();

  /// Starts it, with these options besides, and waits until it listens.
  explicit test_redis(std::initializer_list<std::string> options = {});
  test_redis(const test_redis&) = delete;
  test_redis& operator=(const test_redis&) = delete;
  ~test_redis();

  [[nodiscard]] host::redis_address address() const;
  [[nodiscard]] const temporary_folder& folder() const { return folder_; }
  /// The text of an answer; of lists, and of what is no text, nothing. Throws redis_away.
  [[nodiscard]] std::string ask(std::initializer_list<std::string_view> command) const;

  /// Starts it again on the same port, after `kill`.
  void start();
  /// SIGKILL.
  void kill();
  /// It answers nobody until `resume`, and its connections stay open.
  void pause() const;
  void resume() const;

 private:
  temporary_folder folder_;
  std::vector<std::string> options_;
  std::uint16_t port_;
  pid_t child_ = -1;
};

/// Says so, too: a test that needs a Redis ends then.
bool has_no_redis();

}  // namespace downbeat::test
