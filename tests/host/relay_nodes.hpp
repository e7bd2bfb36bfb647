#pragma once

#include "io/event_loop.hpp"
#include "log/logger.hpp"
#include "node.hpp"
#include "redis/redis_address.hpp"
#include "redis/relay_link.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

/// A node with one event loop, which here all nodes share, as far as its link goes.
struct relay_node {
  node_id id;
  std::vector<std::pair<node_id, std::string>> heard = {};
  std::unique_ptr<host::relay_link> link = {};

  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& [from, text] : heard) all.push_back(text);
    return all;
  }
};

/// Nodes on one event loop.
class nodes_on_a_loop final : host::event_loop::client {
 public:
  explicit nodes_on_a_loop(std::vector<relay_node*> all) : all_(std::move(all)) {}
  nodes_on_a_loop(const nodes_on_a_loop&) = delete;
  nodes_on_a_loop& operator=(const nodes_on_a_loop&) = delete;
  ~nodes_on_a_loop() {
    for (relay_node* const one : all_) one->link.reset();
  }

  void connect(const host::redis_address& where) {
    for (relay_node* const one : all_) connect(*one, where);
  }
  void connect(relay_node& one, const host::redis_address& where, std::uint32_t loop = 0) {
    one.link = std::make_unique<host::relay_link>(
        events_, where, one.id, loop,
        [&one](node_id from, std::span<const std::string_view> messages) {
          for (const std::string_view text : messages) one.heard.emplace_back(from, text);
        },
        log_);
  }

  /// Runs until this is true, at the end of a turn. Returns whether it came true.
  bool run_until(std::function<bool()> goal) {
    goal_ = std::move(goal);
    is_reached_ = false;
    host::timer patience(events_, [this] { is_out_of_time_ = true; });
    is_out_of_time_ = false;
    patience.set(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    // It cannot be stopped and go on, so it is left by an exception.
    events_.context().restart();
    try {
      events_.post([] {});
      events_.run(*this);
    } catch (const enough&) {
    }
    return is_reached_;
  }
  void run_a_turn() {
    REQUIRE(run_until([] { return true; }));
  }
  bool run_until_connected() {
    return run_until([this] {
      for (const relay_node* const one : all_) {
        if (!one->link->counters().is_connected) return false;
      }
      return true;
    });
  }
  bool run_until_lost(const relay_node& one) {
    return run_until([&one] { return !one.link->counters().is_connected; });
  }

 private:
  struct enough {};

  void on_ready(std::uint64_t, host::event_loop::wait_type,
                const boost::system::error_code&) override {}
  void end_turn() override {
    for (relay_node* const one : all_) {
      if (one->link) one->link->end_turn();
    }
    is_reached_ = goal_();
    if (is_reached_ || is_out_of_time_) throw enough();
  }

  host::logger log_{host::log_level::off, host::log_format::text};
  host::event_loop events_;
  std::vector<relay_node*> all_;
  std::function<bool()> goal_;
  bool is_reached_ = false;
  bool is_out_of_time_ = false;
};

}  // namespace downbeat::test
