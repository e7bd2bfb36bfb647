#include "redis/redis_target.hpp"

#include "redis/redis_away.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace downbeat::host {
namespace {

std::future<std::size_t> begin_to_find(const std::string& host) {
  redis_address where;
  where.host = host;
  const auto promise = std::make_shared<std::promise<std::size_t>>();
  find_redis(where, [promise](const redis_target& found, const std::exception_ptr& error) {
    error ? promise->set_exception(error) : promise->set_value(found.endpoints.size());
  });
  return promise->get_future();
}

}  // namespace

TEST_CASE("all who ask where a Redis is get an answer, however many they are") {
  std::vector<std::future<std::size_t>> found;
  std::vector<std::future<std::size_t>> not_found;
  for (int i = 0; i < 50; ++i) {
    found.push_back(begin_to_find("127.0.0.1"));
    not_found.push_back(begin_to_find("127.0.0.1.1"));
  }
  for (auto& one : found) {
    REQUIRE(one.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(one.get() == 1);
  }
  for (auto& one : not_found) {
    REQUIRE(one.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK_THROWS_AS(one.get(), redis_away);
  }
}

}  // namespace downbeat::host
