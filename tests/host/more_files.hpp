#pragma once

#include <sys/resource.h>

namespace downbeat::test {

/// While it exists, this process may open as many files as the hard limit allows.
class more_files {
 public:
  more_files() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit more = before_;
    more.rlim_cur = more.rlim_max;
    setrlimit(RLIMIT_NOFILE, &more);
  }
  more_files(const more_files&) = delete;
  more_files& operator=(const more_files&) = delete;
  ~more_files() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace downbeat::test
