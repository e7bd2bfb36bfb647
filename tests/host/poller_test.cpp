#include "server/poller.hpp"

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

using namespace std::chrono_literals;

/// Two ends of a connection: what one sends, the other reads.
struct pipe_of_two {
  descriptor near;
  descriptor far;

  pipe_of_two() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    near = descriptor(ends[0]);
    far = descriptor(ends[1]);
  }

  void say(char what) const { REQUIRE(::send(far.number(), &what, 1, 0) == 1); }
  void hear() const {
    char what = 0;
    REQUIRE(::recv(near.number(), &what, 1, 0) == 1);
  }
};

/// Writes down what it is told, and stops after so many turns.
struct diary final : poller::client {
  poller& of;
  int turns;
  std::string text;
  std::function<void(std::uint64_t)> readable = [](std::uint64_t) {};

  diary(poller& p, int turns_at_most) : of(p), turns(turns_at_most) {}

  void on_readable(std::uint64_t key) override {
    text += 'r' + std::to_string(key) + ' ';
    readable(key);
  }
  void on_writable(std::uint64_t key) override { text += 'w' + std::to_string(key) + ' '; }
  void end_turn() override {
    text += "| ";
    if (--turns == 0) of.stop();
  }
};

TEST_CASE("a turn reads from all who have something to say, and ends once", "[poller]") {
  poller p;
  const pipe_of_two a;
  const pipe_of_two b;
  p.add_peer(a.near.number(), 1);
  p.add_peer(b.near.number(), 2);
  a.say('x');
  b.say('y');
  diary told(p, 1);
  p.run(told);
  CHECK(told.text == "r1 r2 | ");
}

TEST_CASE("a peer that was not read to the end is told of again", "[poller]") {
  poller p;
  const pipe_of_two a;
  p.add_peer(a.near.number(), 1);
  a.say('x');
  a.say('y');
  diary told(p, 2);
  told.readable = [&](std::uint64_t) { a.hear(); };
  p.run(told);
  CHECK(told.text == "r1 | r1 | ");
}

TEST_CASE("a lost peer is told of as readable", "[poller]") {
  poller p;
  pipe_of_two a;
  p.add_peer(a.near.number(), 7);
  a.far.close();
  diary told(p, 1);
  p.run(told);
  CHECK(told.text == "r7 | ");
}

TEST_CASE("that a peer can be written to is told only while somebody waits for it", "[poller]") {
  poller p;
  const pipe_of_two a;
  p.add_peer(a.near.number(), 1);
  a.say('x');
  diary told(p, 2);
  p.await(a.near.number(), 1, true, true);
  told.readable = [&](std::uint64_t) { p.await(a.near.number(), 1, true, false); };
  p.run(told);
  CHECK(told.text == "w1 r1 | r1 | ");
}

TEST_CASE("a peer that was removed, or closed, is not told of", "[poller]") {
  poller p;
  const pipe_of_two a;
  pipe_of_two b;
  const pipe_of_two c;
  for (const auto& [peer, key] : {std::pair(&a, 1), {&b, 2}, {&c, 3}}) {
    p.add_peer(peer->near.number(), static_cast<std::uint64_t>(key));
    peer->say('x');
  }
  p.remove_peer(a.near.number());
  b.near.close();
  diary told(p, 1);
  p.run(told);
  CHECK(told.text == "r3 | ");
}

TEST_CASE("timers fire in their time, once, and may set themselves again", "[poller]") {
  poller p;
  std::string order;
  timer later(p, [&] { order += "later "; });
  timer sooner(p, [&] { order += "sooner "; });
  timer never(p, [&] { order += "never "; });
  int left = 2;
  timer again(p, [&] {
    order += "again ";
    if (--left > 0) return again.set(p.now() + 1ms);
    p.stop();
  });
  sooner.set(p.now() + 1ms);
  later.set(p.now() + 20ms);
  never.set(p.now() + 1ms);
  never.clear();
  again.set(p.now() + 40ms);
  diary told(p, 1000);
  p.run(told);
  CHECK(order == "sooner later again again ");
  CHECK_FALSE(again.is_set());
}

TEST_CASE("another thread has something done in the one that runs", "[poller]") {
  poller p;
  std::vector<int> done;
  std::thread::id where;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      p.post([&, i] {
        done.push_back(i);
        where = std::this_thread::get_id();
        if (i == 99) p.stop();
      });
    }
  });
  diary told(p, 1000);
  p.run(told);
  other.join();
  REQUIRE(done.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(done[static_cast<std::size_t>(i)] == i);
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("what is posted while posted tasks are done has its turn next", "[poller]") {
  poller p;
  diary told(p, 2);
  p.post([&] {
    told.text += "first ";
    p.post([&] { told.text += "second "; });
  });
  p.post([&] { told.text += "beside "; });
  p.run(told);
  CHECK(told.text == "first beside | second | ");
}

TEST_CASE("whoever is called because of a descriptor may end the watch", "[poller]") {
  poller p;
  const pipe_of_two a;
  a.say('x');
  int calls = 0;
  p.watch(a.near.number(), [&] {
    ++calls;
    p.unwatch(a.near.number());
  });
  timer end(p, [&] { p.stop(); });
  end.set(p.now() + 5ms);
  diary told(p, 1000);
  p.run(told);
  CHECK(calls == 1);
}

TEST_CASE("one that was stopped before it ran does not begin", "[poller]") {
  poller p;
  p.stop();
  diary told(p, 1);
  p.run(told);
  CHECK(told.text.empty());
}

}  // namespace
}  // namespace downbeat::host
