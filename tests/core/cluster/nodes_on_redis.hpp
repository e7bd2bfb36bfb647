#pragma once

#include "cluster/replica.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "support/simulated_redis.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::cluster::test {

using outcome = input::append_answered::outcome;

/// A node whose engines believe what the updates say.
class node {
 public:
  node(node_id self, downbeat::test::simulated_redis& redis, std::int64_t lease_ms)
      : link(redis),
        redis_(redis),
        all(std::make_unique<replica>(replica::options{self, "n" + std::to_string(self), lease_ms},
                                      link)) {}

  /// Lets it do what is due, and hear what was published.
  void turn() {
    if (is_asleep) return;
    all->keep_up(redis_.now);
    listen();
    hear();
  }
  /// Subscribes anew after each connection.
  void listen() {
    const std::uint64_t connections = all->count().connections_total;
    if (std::exchange(connections_, connections) == connections) return;
    link.published.clear();
    all->listen_again(redis_.now);
  }
  void hear() {
    while (!link.published.empty()) {
      const std::string text = std::move(link.published.front());
      link.published.pop_front();
      all->receive(text, redis_.now);
    }
    take();
  }

  /// The engine has taken over the rooms of before.
  void restore() {
    all->visit([&](const session::room& room) { rooms[room.code] = room; });
  }

  std::uint64_t begin_append(const std::string& code,
                             const std::vector<session::any_event>& events) {
    std::optional<session::room> after = room(code);
    const std::uint64_t head = after ? after->head.seq : 0;
    for (const session::any_event& event : events) session::evolve(after, event);
    const std::uint64_t id = ++appends_;
    outstanding[id] = {code, events};
    const own_append one{
        {id, code, head, session::write_events(events), after ? after->head.seq : 0}};
    all->append({&one, 1}, redis_.now);
    return id;
  }
  std::optional<outcome> append(const std::string& code,
                                const std::vector<session::any_event>& events) {
    const std::uint64_t id = begin_append(code, events);
    take();
    return answer(id);
  }
  std::optional<outcome> create(const std::string& code, const std::string& who) {
    session::event::created event;
    event.room = code;
    event.number = 1;
    event.who.id = session::participant_id(who);
    event.who.name = who;
    event.who.instrument = "harp";
    return append(code, {event});
  }
  std::optional<outcome> join(const std::string& code, const std::string& who) {
    session::event::joined event;
    event.room = code;
    event.who.id = session::participant_id(who);
    event.who.name = who;
    event.who.instrument = "drum";
    return append(code, {event});
  }
  std::optional<outcome> close(const std::string& code) {
    return append(code, {session::event::closed{code}});
  }

  [[nodiscard]] std::optional<outcome> answer(std::uint64_t id) const {
    const auto found = answers.find(id);
    return found == answers.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<session::room> room(const std::string& code) const {
    const auto found = rooms.find(code);
    return found == rooms.end() ? std::nullopt : std::optional(found->second);
  }
  /// The names of those who are in a room, as the engine of this node has it.
  [[nodiscard]] std::vector<std::string> members(const std::string& code) const {
    std::vector<std::string> names;
    if (const auto state = room(code)) {
      for (const session::participant& who : state->participants) names.push_back(who.name);
    }
    return names;
  }

  downbeat::test::simulated_link link;

 private:
  downbeat::test::simulated_redis& redis_;

 public:
  std::unique_ptr<replica> all;
  bool is_asleep = false;
  std::map<std::string, session::room> rooms = {};  ///< of the engine
  std::map<std::uint64_t, outcome> answers = {};
  std::vector<update::any> heard = {};
  std::string living = {};

  /// The updates reach the engine.
  void take() {
    for (update::any& one : all->take_updates()) {
      heard.push_back(one);
      if (const auto* of = std::get_if<update::append_answered>(&one)) {
        answers[of->append_id] = of->how;
        if (of->how == outcome::unknown) continue;
        const auto found = outstanding.find(of->append_id);
        REQUIRE(found != outstanding.end());
        if (of->how == outcome::appended) apply(of->room, found->second.second);
        outstanding.erase(found);
      } else if (const auto* appended = std::get_if<update::room_appended>(&one)) {
        const auto here = room(appended->room);
        CHECK((here ? here->head.seq : 0) == appended->expected_head);
        apply(appended->room, *session::read_events(appended->events));
      } else if (const auto* replaced = std::get_if<update::room_replaced>(&one)) {
        rooms.erase(replaced->room);
        if (!replaced->snapshot.empty()) {
          rooms[replaced->room] = *session::read_snapshot(replaced->snapshot);
        }
      } else if (const auto* nodes = std::get_if<update::nodes_changed>(&one)) {
        living = nodes->json;
      }
    }
  }

 private:
  void apply(const std::string& code, const std::vector<session::any_event>& events) {
    std::optional<session::room> state = room(code);
    for (const session::any_event& event : events) session::evolve(state, event);
    if (state) {
      rooms[code] = *state;
    } else {
      rooms.erase(code);
    }
  }

  std::uint64_t appends_ = 0;
  std::uint64_t connections_ = 0;
  std::map<std::uint64_t, std::pair<std::string, std::vector<session::any_event>>> outstanding;
};

/// Several nodes on one simulated Redis.
struct stage {
  static constexpr std::int64_t lease_ms = 6'000;

  downbeat::test::simulated_redis redis;
  std::deque<node> nodes;

  node& start(node_id self) {
    node& one = nodes.emplace_back(self, redis, lease_ms);
    one.turn();
    one.restore();
    settle();
    return one;
  }
  /// All hear what was published, until nothing is.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      for (node& one : nodes) one.turn();
    }
  }
  void pass(std::int64_t ms) {
    for (const std::int64_t end = redis.now + ms; redis.now < end;) {
      redis.now += 50;
      for (node& one : nodes) one.turn();
    }
  }
  void check_agreement() {
    for (node& one : nodes) {
      CHECK(one.all->is_following());
      CHECK(one.rooms.size() == redis.codes().size());
      for (const std::string& code : redis.codes()) {
        CHECK(one.all->head_of(code).chain == redis.head_of(code).chain);
        CHECK(session::digest_of(one.room(code)) == session::digest_of(nodes.front().room(code)));
      }
    }
  }
};

}  // namespace downbeat::cluster::test
