#pragma once

#include "base/time.hpp"
#include "engine.hpp"
#include "input.hpp"
#include "jam/memory_journal.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "support/message_router.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

/// A server that is not in shards.
std::vector<std::unique_ptr<engine>> only(std::unique_ptr<engine> core);

/// A host on virtual time, for everything that tests engines without sockets: one engine for each
/// shard, the connections of their peers, what the shards send each other, and the journals of
/// their rooms. An input is always followed by all its outputs. Outputs for other shards and for
/// the journal it carries out itself; the others it hands to its observer, which plays the peers.
class virtual_host {
 public:
  /// Sees everything, and carries out what is for peers, the log and the operator.
  class observer {
   public:
    observer() = default;
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;
    /// An engine is about to be given this.
    virtual void on_input(shard_index /*where*/, const input::any& /*what*/) {}
    /// The engine has handled it. None of its outputs has been looked at yet.
    virtual void on_handled(shard_index /*where*/) {}
    /// Each output in order, also `wait_until`, before it is carried out.
    virtual void on_output(shard_index /*where*/, const output::any& /*what*/) {}
    /// An output that is neither for another shard nor for the journal.
    virtual void carry_out(shard_index where, output::any& what) = 0;
    /// All outputs of an input are carried out.
    virtual void on_drained(shard_index /*where*/) {}
    /// The engine has broken a promise to hosts. That is said after each output from then on.
    virtual void on_complaint(const std::string& what) = 0;

   protected:
    ~observer() = default;
  };

  /// The store that several nodes share, in place of the journals: sees what is for it and for the
  /// other nodes.
  class shared_store {
   public:
    shared_store() = default;
    shared_store(const shared_store&) = delete;
    shared_store& operator=(const shared_store&) = delete;
    virtual void append(shard_index where, output::append what) = 0;
    virtual void relay(shard_index where, output::relay what) = 0;

   protected:
    ~shared_store() = default;
  };

  /// When messages between shards arrive.
  enum class delivery {
    immediate,   ///< after the input that led to them
    on_request,  ///< one at a time, in any order that keeps that of each pair of shards
  };
  /// When the journals' answers do.
  enum class answers {
    in_time,     ///< when they are due, and whenever that is asked for
    on_request,  ///< only then
  };

  virtual_host(std::vector<std::unique_ptr<engine>> engines, observer& watches,
               delivery messages = delivery::on_request, answers appends = answers::in_time);
  virtual_host(const virtual_host&) = delete;
  virtual_host& operator=(const virtual_host&) = delete;

  /// Other engines take the place of these, which die with all their connections. Time goes on, and
  /// the journals stay.
  void restart(std::vector<std::unique_ptr<engine>> engines);
  /// Each input and each output is handed out as a line of a trace, before the observer sees it.
  void record(std::function<void(shard_index, std::string_view)> take) {
    record_ = std::move(take);
  }

  [[nodiscard]] shard_index shards() const { return static_cast<shard_index>(engines_.size()); }
  [[nodiscard]] engine& core(shard_index of = 0) const { return *engines_[of]; }
  [[nodiscard]] const std::vector<std::unique_ptr<engine>>& engines() const { return engines_; }

  // Inputs.

  /// Hands an input to an engine as it is.
  void handle(shard_index where, const input::any& what);
  /// Restores the rooms of each shard from its journal. Call it before any peer comes.
  void restore();
  /// The peers and their connections, wherever these are by now.
  [[nodiscard]] message_router& peers() { return router_; }
  [[nodiscard]] const message_router& peers() const { return router_; }

  // Messages between shards.

  /// From now on they arrive like this; what has waited for it arrives at once.
  void set_delivery(delivery to);
  [[nodiscard]] delivery how_delivered() const { return delivery_; }
  /// Delivers the oldest message of a pair of shards; `choose(n)` says which of n pairs. False if
  /// there is none.
  template <class Choose>
  bool deliver_one(Choose choose) {
    const auto ways = router_.ways();
    if (ways.empty()) return false;
    const auto& [from, to] = ways[choose(ways.size())];
    return router_.deliver(from, to);
  }

  // Journals.

  /// From now on the journals get nothing. The store must outlive the host.
  void use(shared_store& store) { store_ = &store; }
  [[nodiscard]] jam::memory_journal& journal(shard_index of) { return journals_[of]; }
  [[nodiscard]] const jam::memory_journal& journal(shard_index of) const { return journals_[of]; }
  [[nodiscard]] std::vector<jam::memory_journal>& journals() { return journals_; }
  /// Forgets all that was ever kept.
  void empty_journals() { journals_.assign(engines_.size(), jam::memory_journal()); }
  /// Hands over the answers that are due, until there are no more.
  void answer_appends();

  // Time.

  [[nodiscard]] instant_ms now() const { return now_; }
  /// It becomes later while the host is asleep: no deadline is noticed.
  void sleep_until(instant_ms when) { now_ = std::max(now_, when); }
  /// Lets time pass, and stops at each deadline and, if the journals answer in time, at each
  /// answer. After each stop `go_on()` says whether to stop any more.
  template <class GoOn>
  void pass(std::int64_t ms, GoOn go_on) {
    const instant_ms end = now_ + ms;
    for (auto next = next_stop(); next && *next <= end; next = next_stop()) {
      sleep_until(*next);
      stop();
      if (!go_on()) break;
    }
    now_ = end;
  }
  /// What happens at a stop: engines whose deadlines have come get them, then appends are answered.
  void stop();
  /// The deadline that an engine waits for.
  [[nodiscard]] std::optional<instant_ms> deadline(shard_index of) const { return deadlines_[of]; }
  /// The first of all deadlines and, if the journals answer in time, of their answers.
  [[nodiscard]] std::optional<instant_ms> next_stop() const;

 private:
  void drain(shard_index where);
  void carry_out(shard_index where, output::any& what);
  void deliver_all();

  std::vector<std::unique_ptr<engine>> engines_;
  observer& observer_;
  delivery delivery_;
  answers answers_;
  message_router router_;
  std::vector<std::optional<instant_ms>> deadlines_;
  std::vector<jam::memory_journal> journals_;
  shared_store* store_ = nullptr;
  instant_ms now_ = 0;
  bool is_delivering_ = false;
  std::function<void(shard_index, std::string_view)> record_;
};

}  // namespace downbeat::test
