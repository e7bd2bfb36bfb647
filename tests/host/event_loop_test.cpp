#include "io/event_loop.hpp"

#include "host/more_files.hpp"
#include "io/signal_listener.hpp"

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

using namespace std::chrono_literals;
using test::more_files;
using wait_type = event_loop::wait_type;

/// A connected pair: what the far end sends, the near one reads.
struct pipe_of_two {
  byte_stream near{file_descriptor()};
  file_descriptor far;

  explicit pipe_of_two(event_loop& in) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    near = byte_stream(file_descriptor(ends[0]));
    far = file_descriptor(ends[1]);
    REQUIRE_FALSE(near.attach(in.context()));
  }

  void say(char what) const { REQUIRE(::send(far.number(), &what, 1, 0) == 1); }
  void hear() {
    char what = 0;
    const auto got = near.read({&what, 1});
    REQUIRE(got.what == byte_stream::status::ok);
    REQUIRE(got.size == 1);
  }
};

/// Records its calls, and stops after this many turns.
struct diary final : event_loop::client {
  event_loop& of;
  int turns;
  std::string text;
  std::function<void(std::uint64_t)> ready = [](std::uint64_t) {};
  std::function<void()> turn_ends = [] {};

  diary(event_loop& in, int turns_at_most) : of(in), turns(turns_at_most) {}

  void on_ready(std::uint64_t key, wait_type what,
                const boost::system::error_code& error) override {
    text += error ? "error" : what == wait_type::wait_read ? "r" : "w";
    text += std::to_string(key) + ' ';
    ready(key);
  }
  void end_turn() override {
    text += "| ";
    turn_ends();
    if (--turns == 0) of.stop();
  }
};

}  // namespace

TEST_CASE("a turn reads from all who have something to say, and ends once", "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  pipe_of_two b(loop);
  a.say('x');
  b.say('y');
  loop.wait(a.near, 1, wait_type::wait_read);
  loop.wait(b.near, 2, wait_type::wait_read);
  diary seen(loop, 1);
  loop.run(seen);
  CHECK(seen.text == "r1 r2 | ");
}

TEST_CASE("a peer that was not read to the end is reported again, in the next turn",
          "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  a.say('x');
  a.say('y');
  loop.wait(a.near, 1, wait_type::wait_read);
  diary seen(loop, 2);
  seen.ready = [&](std::uint64_t) { a.hear(); };
  seen.turn_ends = [&] { loop.wait(a.near, 1, wait_type::wait_read); };
  loop.run(seen);
  CHECK(seen.text == "r1 | r1 | ");
}

TEST_CASE("a lost peer is reported, as readable or while nothing is read", "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  const auto what = GENERATE(wait_type::wait_read, wait_type::wait_error);
#ifdef BOOST_ASIO_DISABLE_EPOLL
  // select(2) has no way to report it.
  if (what == wait_type::wait_error) return;
#endif
  loop.wait(a.near, 7, what);
  a.far.close();
  diary seen(loop, 1);
  loop.run(seen);
  CHECK(seen.text == (what == wait_type::wait_read ? "r7 | " : "w7 | "));
  CHECK(a.near.is_lost());
}

TEST_CASE("that a peer can be written to is reported only if somebody waits for it",
          "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  a.say('x');
  loop.wait(a.near, 1, wait_type::wait_write);
  diary seen(loop, 2);
  seen.turn_ends = [&] { loop.wait(a.near, 2, wait_type::wait_read); };
  loop.run(seen);
  CHECK(seen.text == "w1 | r2 | ");
}

TEST_CASE("a peer that was detached, or closed, is not reported", "[event_loop]") {
  event_loop loop;
  event_loop other;
  pipe_of_two a(loop);
  pipe_of_two b(loop);
  pipe_of_two c(loop);
  std::uint64_t key = 0;
  for (pipe_of_two* const one : {&a, &b, &c}) {
    one->say('x');
    loop.wait(one->near, ++key, wait_type::wait_read);
  }
  a.near.detach();
  b.near.close();
  diary seen(loop, 1);
  loop.run(seen);
  CHECK(seen.text == "r3 | ");
  // Another loop goes on where the first has stopped.
  REQUIRE_FALSE(a.near.attach(other.context()));
  other.wait(a.near, 4, wait_type::wait_read);
  diary seen_there(other, 1);
  seen_there.ready = [&](std::uint64_t) { a.hear(); };
  other.run(seen_there);
  CHECK(seen_there.text == "r4 | ");
}

TEST_CASE("what is detached can neither be read nor written, and closes", "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  a.say('x');
  a.near.detach();
  char into = 0;
  CHECK(a.near.read({&into, 1}).what == byte_stream::status::blocked);
  CHECK(a.near.write("y").what == byte_stream::status::blocked);
  a.near.shut_down_writing();
  CHECK(a.near.number() >= 0);
  a.near.close();
  CHECK(a.near.number() == -1);
  CHECK(::recv(a.far.number(), &into, 1, 0) <= 0);
}

TEST_CASE("a socket that cannot be watched is refused, and others are not", "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  byte_stream none{file_descriptor()};
  CHECK(none.attach(loop.context()));
  a.say('x');
  loop.wait(a.near, 2, wait_type::wait_read);
  diary seen(loop, 1);
  loop.run(seen);
  CHECK(seen.text == "r2 | ");
}

TEST_CASE("timers fire in their time, once, and may set themselves again", "[event_loop]") {
  event_loop loop;
  std::string order;
  timer later(loop, [&] { order += "later "; });
  timer sooner(loop, [&] { order += "sooner "; });
  timer never(loop, [&] { order += "never "; });
  int left = 2;
  timer again(loop, [&] {
    order += "again ";
    if (--left > 0) return again.set(loop.now() + 1ms);
    loop.stop();
  });
  sooner.set(loop.now() + 1ms);
  later.set(loop.now() + 20ms);
  never.set(loop.now() + 1ms);
  never.clear();
  again.set(loop.now() + 40ms);
  diary seen(loop, 1000);
  loop.run(seen);
  CHECK(order == "sooner later again again ");
  CHECK_FALSE(again.is_set());
}

TEST_CASE("a timer that is moved fires at its new time", "[event_loop]") {
  event_loop loop;
  const auto begin = loop.now();
  timer moved(loop, [&] { loop.stop(); });
  moved.set(begin + 1h);
  diary seen(loop, 1000);
  // The loop sleeps with the time before, for the first turn is a posted task.
  loop.post([&] { moved.set(begin + 2h); });
  loop.post([&] { moved.set(begin + 5ms); });
  loop.run(seen);
  CHECK(loop.now() >= begin + 5ms);
  CHECK(loop.now() < begin + 1h);
}

TEST_CASE("another thread has something done in the one that runs", "[event_loop]") {
  event_loop loop;
  std::vector<int> done;
  std::thread::id where;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      // What is posted need not be copyable.
      loop.post([&, number = std::make_unique<int>(i)] {
        done.push_back(*number);
        where = std::this_thread::get_id();
        if (*number == 99) loop.stop();
      });
    }
  });
  diary seen(loop, 1000);
  loop.run(seen);
  other.join();
  REQUIRE(done.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(done[static_cast<std::size_t>(i)] == i);
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("what waits for the end of a turn is done before it, and what it adds in the next",
          "[event_loop]") {
  event_loop loop;
  diary seen(loop, 2);
  loop.post([&] {
    loop.when_all_is_handled([&] {
      seen.text += "last ";
      loop.when_all_is_handled([&] { seen.text += "next "; });
    });
    seen.text += "first ";
  });
  loop.post([&] { seen.text += "second "; });
  loop.run(seen);
  CHECK(seen.text == "first second last | next | ");
}

TEST_CASE("no timer fires before all have been read who were ready before", "[event_loop]") {
  const more_files files;
  event_loop loop;
  // So many that one turn does not read all; and select(2) knows no more than 1,024 descriptors.
#ifdef BOOST_ASIO_DISABLE_EPOLL
  constexpr std::size_t count = 480;
#else
  constexpr std::size_t count = 1'600;
#endif
  std::vector<std::unique_ptr<pipe_of_two>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<pipe_of_two>(loop));
    all.back()->say('x');
    loop.wait(all.back()->near, i, wait_type::wait_read);
  }
  diary seen(loop, 1'000);
  std::vector<bool> is_heard(count);
  std::vector<std::uint64_t> again;
  // Sockets that are not read to the end are reported again and again, and delay nobody.
  seen.ready = [&](std::uint64_t key) {
    const auto at = static_cast<std::size_t>(key);
    is_heard[at] = true;
    if (key % 2 == 0) return all[at]->hear();
    again.push_back(key);
  };
  seen.turn_ends = [&] {
    for (const std::uint64_t key : std::exchange(again, {})) {
      loop.wait(all[static_cast<std::size_t>(key)]->near, key, wait_type::wait_read);
    }
  };
  timer deadline(loop, [&] { loop.stop(); });
  deadline.set(loop.now());
  loop.run(seen);
  CHECK(std::find(is_heard.begin(), is_heard.end(), false) == is_heard.end());
  CHECK(seen.turns > 0);
}

TEST_CASE("a thread that posts all the time stops neither readers nor timers", "[event_loop]") {
  event_loop loop;
  pipe_of_two a(loop);
  a.say('x');
  std::function<void()> again = [&] { loop.post(again); };
  loop.post(again);
  loop.wait(a.near, 1, wait_type::wait_read);
  bool is_read = false;
  diary seen(loop, 100'000);
  seen.ready = [&](std::uint64_t) { is_read = true; };
  timer deadline(loop, [&] {
    if (is_read) return loop.stop();
    deadline.set(loop.now());
  });
  deadline.set(loop.now());
  loop.run(seen);
  CHECK(is_read);
  CHECK(seen.turns > 0);
}

TEST_CASE("one that was stopped before it ran does not begin", "[event_loop]") {
  event_loop loop;
  loop.stop();
  diary seen(loop, 1);
  loop.run(seen);
  CHECK(seen.text.empty());
}

TEST_CASE("the memory of waits is used again", "[event_loop]") {
  handler_memory memory;
  void* const first = memory.allocate(100);
  void* const second = memory.allocate(100);
  CHECK(first != second);
  memory.deallocate(first, 100);
  CHECK(memory.allocate(20) == first);
  memory.deallocate(first, 20);
  memory.deallocate(second, 100);
  void* const large = memory.allocate(1'000);
  memory.deallocate(large, 1'000);
}

TEST_CASE("signals are delivered once in a turn, each, and wait after that", "[event_loop]") {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  event_loop loop;
  diary seen(loop, 1000);
  {
    const signal_listener signals(loop, {SIGUSR1, SIGUSR2}, [&](int number) {
      seen.text += number == SIGUSR1 ? "one " : "two ";
      if (number == SIGUSR2) loop.stop();
    });
    for (int i = 0; i < 100; ++i) ::raise(SIGUSR1);
    ::raise(SIGUSR2);
    loop.run(seen);
  }
  CHECK(seen.text == "one two | ");
  // Nobody handles it, and it ends nothing.
  ::kill(::getpid(), SIGUSR1);
  sigset_t waiting;
  sigpending(&waiting);
  CHECK(sigismember(&waiting, SIGUSR1) == 1);
  int taken = 0;
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigwait(&both, &taken);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace downbeat::host
