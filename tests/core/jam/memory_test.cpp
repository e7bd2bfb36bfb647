// What is over leaves nothing behind.

#include "core/jam/jam_story.hpp"
#include "support/heap.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace downbeat::jam::test {
namespace {

/// What an allocator may keep for itself; a few bytes for each cycle at most, which is less than
/// the smallest thing that could be left behind.
constexpr std::size_t slack_bytes = 64 * 1024;

/// A jam server whose host remembers nothing but the last room code.
class forgetful_host {
 public:
  void handle(const input::any& input) {
    core_->handle(0, input);
    for (;;) {
      const output::any output = core_->poll_output();
      if (std::holds_alternative<output::wait_until>(output)) return;
      const auto* send = std::get_if<output::send_frame>(&output);
      if (send == nullptr) continue;
      if (send->data.bytes().find("session:created") == std::string::npos) continue;
      code_ = member_of(send->data.bytes(), "roomCode");
    }
  }

  transport_id connect() {
    const transport_id id = ++last_id_;
    entropy fresh{};
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
    handle(
        input::websocket_requested{id, {"EIO=4&transport=websocket", {}, {}, "192.0.2.1"}, fresh});
    handle(input::frame_received{id, false, "40"});
    return id;
  }
  void create(transport_id who) {
    handle(input::frame_received{who, false, R"(421["session:create",{"name":"Alice"}])"});
  }
  void join(transport_id who) {
    handle(input::frame_received{
        who, false, R"(421["session:join",{"name":"Bob","roomCode":")" + code_ + "\"}]"});
  }
  void leave(transport_id who) {
    handle(
        input::frame_received{who, false, R"(421["session:leave",{"roomCode":")" + code_ + "\"}]"});
  }
  void lose(transport_id who) { handle(input::transport_closed{who}); }

  [[nodiscard]] std::uint64_t measure(std::string_view name) const {
    for (const measurement& m : core_->measure(0)) {
      if (m.name == name) return m.value;
    }
    FAIL("there is no measurement called " << name);
    return 0;
  }

 private:
  static options without_rates() {
    options result;
    result.max_joins_per_minute = 0;
    result.max_joins_per_minute_by_address = 0;
    return result;
  }

  std::unique_ptr<engine> core_ = make_engine(without_rates());
  splitmix64 random_{1};
  transport_id last_id_ = 0;
  std::string code_;
};

/// Does something many times, and compares the heap to what it was after the first few.
template <class Cycle>
void require_no_growth(const forgetful_host& host, int cycles, const Cycle& cycle) {
  for (int i = 0; i < 1'000; ++i) cycle();
  const auto before = downbeat::test::heap_bytes_in_use();
  for (int i = 0; i < cycles; ++i) cycle();
  const auto after = downbeat::test::heap_bytes_in_use();
  for (const auto* what : {"sessions", "participants", "rooms"}) {
    CAPTURE(what);
    CHECK(host.measure(what) == 0);
  }
  if (before && after) CHECK(*after <= *before + slack_bytes);
}

}  // namespace

TEST_CASE("nothing is left of 100,000 sessions that were created and left") {
  forgetful_host host;
  const transport_id alice = host.connect();
  require_no_growth(host, 100'000, [&] {
    host.create(alice);
    host.leave(alice);
  });
  CHECK(host.measure("sessions_created_total") == 101'000);
  CHECK(host.measure("sockets") == 1);
}

TEST_CASE("nothing is left of 20,000 sessions whose members were lost") {
  forgetful_host host;
  require_no_growth(host, 20'000, [&] {
    const transport_id alice = host.connect();
    const transport_id bob = host.connect();
    host.create(alice);
    host.join(bob);
    host.lose(alice);
    host.lose(bob);
  });
  CHECK(host.measure("sockets") == 0);
  CHECK(host.measure("connections_websocket") == 0);
}

}  // namespace downbeat::jam::test
