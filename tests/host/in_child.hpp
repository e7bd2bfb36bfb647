#pragma once

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>

namespace downbeat::test {

/// Runs a function in a child process, which may change its streams, limits and signals. The exit
/// code is the function's result; 99 if it throws.
template <class Function>
pid_t begin_in_child(Function&& what) {
  // Otherwise parent and child would both print what is still buffered.
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child != 0) return child;
  int code = 99;
  try {
    code = what();
  } catch (const std::exception&) {
    code = 99;
  }
  _exit(code);
}

/// Waits for the child's end. Returns its exit code, or the negative number of the signal that
/// ended it.
inline int code_of_child(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace downbeat::test
