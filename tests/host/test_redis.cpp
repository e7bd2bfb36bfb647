#include "host/test_redis.hpp"

#include "redis/redis_connection.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace downbeat::test {
namespace {

using namespace std::chrono_literals;

// Debian has it in a folder that is not in every user's PATH.
std::string program() {
  const char* const path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "" : path;
  const std::string all = std::string(folders) + ":/usr/local/sbin:/usr/sbin:/usr/local/bin";
  folders = all;
  while (!folders.empty()) {
    const auto end = std::min(folders.find(':'), folders.size());
    const auto file = std::filesystem::path(folders.substr(0, end)) / "redis-server";
    if (::access(file.c_str(), X_OK) == 0) return file;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

}  // namespace

bool test_redis::exists() {
  return !program().empty();
}

std::uint16_t test_redis::free_port() {
  const int one = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound = ::bind(one, any, size) == 0 && ::getsockname(one, any, &size) == 0;
  ::close(one);
  if (!is_bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

test_redis::test_redis(std::initializer_list<std::string> options)
    : options_(options), port_(free_port()) {
  start();
}

test_redis::~test_redis() {
  kill();
}

host::redis_address test_redis::address() const {
  host::redis_address where;
  where.host = "127.0.0.1";
  where.port = port_;
  return where;
}

std::string test_redis::ask(std::initializer_list<std::string_view> command) const {
  return host::redis_connection(address(), 5s).ask(command).text;
}

void test_redis::start() {
  std::vector<std::string> words{program(),   "--port", std::to_string(port_),   "--bind",
                                 "127.0.0.1", "--dir",  folder_.path().string(), "--save",
                                 ""};
  words.insert(words.end(), options_.begin(), options_.end());
  std::vector<char*> arguments;
  for (std::string& one : words) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  child_ = ::fork();
  if (child_ == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + 30s;
  for (;;) {
    try {
      // It may ask for a password, and lives all the same.
      static_cast<void>(ask({"PING"}));
      return;
    } catch (const host::redis_away&) {
      if (std::chrono::steady_clock::now() > end) throw;
      std::this_thread::sleep_for(5ms);
    }
  }
}

void test_redis::kill() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  child_ = -1;
}

void test_redis::pause() const {
  ::kill(child_, SIGSTOP);
}

void test_redis::resume() const {
  ::kill(child_, SIGCONT);
}

bool has_no_redis() {
  if (test_redis::exists()) return false;
  WARN("there is no redis-server");
  return true;
}

}  // namespace downbeat::test
