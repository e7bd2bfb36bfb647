#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace downbeat::test {

/// The server's system calls that a test can make fail. `send` stands for all calls that send.
enum class system_call : std::uint8_t {
  accept,
  epoll_ctl,
  epoll_wait,
  getrandom,
  recv,
  send,
  setsockopt,
  shutdown,
};

/// While it exists, system calls of the server fail: those of this kind, from the `first`th on
/// (counted from 0), this many `times`, each with this errno. With errno 0 a call does only a part
/// of its work: one byte.
///
/// The linker redirects the calls (`--wrap`); the server does not notice. Calls of the thread that
/// made the plan, which is the test's, never fail, nor do calls on `spared` descriptors. Only one
/// plan at a time.
class fault_plan {
 public:
  struct fault {
    system_call what;
    int error = 0;
    int first = 0;
    int times = 1;
  };

  explicit fault_plan(const fault& what, std::vector<int> spared = {});
  fault_plan(const fault_plan&) = delete;
  fault_plan& operator=(const fault_plan&) = delete;
  ~fault_plan();

  /// How many calls have failed so far.
  [[nodiscard]] int hits() const;
};

/// The server's descriptor of a connection within this process, by the port of the other end.
int descriptor_of_peer(std::uint16_t remote_port);

/// The number of open descriptors of this process.
int open_descriptors();

}  // namespace downbeat::test
