#include "io/ending_signals.hpp"

#include "host/in_child.hpp"

#include <catch2/catch.hpp>

#include <csignal>

namespace downbeat::host {

TEST_CASE("a signal ends a process that has no event loop any more") {
  const int number = GENERATE(SIGTERM, SIGINT);
  const pid_t child = test::begin_in_child([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const ending_signals guard;
    std::raise(number);
    return 0;
  });
  CHECK(test::code_of_child(child) == 128 + number);
}

TEST_CASE("after that signals are blocked again") {
  const pid_t child = test::begin_in_child([] {
    { const ending_signals guard; }
    std::raise(SIGTERM);
    return 7;
  });
  CHECK(test::code_of_child(child) == 7);
}

}  // namespace downbeat::host
