// Does it pay to guess room codes? The whole core on virtual time: a server with so many live
// rooms, ten thousand addresses that guess for days, and honest people who come meanwhile.
//
//     guessing        the same in each run: nothing here is left to chance but a seed

#include "base/entropy.hpp"
#include "engine.hpp"
#include "jam/make_engine.hpp"
#include "jam/options.hpp"
#include "session/room_code.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace downbeat;

constexpr instant_ms minute_ms = 60'000;
constexpr instant_ms day_ms = 24 * 60 * minute_ms;
constexpr instant_ms round_ms = 120 * minute_ms;
constexpr std::size_t attackers = 10'000;
constexpr int days = 3;
constexpr int pupils = 9;

enum class outcome { joined, not_found, refused };

jam::options long_lived() {
  jam::options options;
  // Nobody here answers pings.
  options.engineio.ping_interval_ms = 2'000'000'000;
  return options;
}

std::string address(std::string_view network, std::uint64_t number) {
  std::string text(network);
  for (const int shift : {16, 8, 0}) {
    text.append(".").append(std::to_string((number >> shift) & 0xff));
  }
  return text;
}

/// A server, and a clock that is turned by hand.
class server {
 public:
  transport_id connect(std::string_view from) {
    const transport_id id = ++last_id_;
    entropy fresh{};
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random.next());
    give(input::websocket_requested{id, {"EIO=4&transport=websocket", {}, {}, from}, fresh});
    give(input::frame_received{id, false, "40"});
    return id;
  }

  void lose(transport_id who) { give(input::transport_closed{who}); }

  /// Returns the code.
  std::string create(transport_id who) {
    give(input::frame_received{who, false, R"(42["session:create",{"name":"Host"}])"});
    constexpr std::string_view before = "\"roomCode\":\"";
    const std::size_t begin = answer_.find(before) + before.size();
    return answer_.substr(begin, answer_.find('"', begin) - begin);
  }

  outcome join(transport_id who, std::string_view code) {
    std::string text = R"(42["session:join",{"name":"Clara","roomCode":")";
    give(input::frame_received{who, false, text.append(code).append("\"}]")});
    if (answer_.find("session:joined") != std::string::npos) return outcome::joined;
    const bool is_not_found = answer_.find("session_not_found") != std::string::npos;
    return is_not_found ? outcome::not_found : outcome::refused;
  }

  /// Somebody comes from an address, joins if they may, and goes.
  outcome visit(std::string_view from, std::string_view code) {
    const transport_id who = connect(from);
    const outcome result = join(who, code);
    lose(who);
    return result;
  }

  [[nodiscard]] std::uint64_t measure(std::string_view name) const {
    for (const measurement& m : core_->measure(now)) {
      if (m.name == name) return m.value;
    }
    return 0;
  }

  instant_ms now = 0;
  splitmix64 random{42};

 private:
  void give(const input::any& input) {
    core_->handle(now, input);
    const auto* frame = std::get_if<input::frame_received>(&input);
    for (;;) {
      const output::any output = core_->poll_output();
      if (std::holds_alternative<output::wait_until>(output)) return;
      const auto* sent = std::get_if<output::send_frame>(&output);
      if (sent != nullptr && frame != nullptr && sent->transport == frame->transport) {
        answer_ = sent->data.bytes();
      }
    }
  }

  std::unique_ptr<engine> core_ = jam::make_engine(long_lived());
  transport_id last_id_ = 0;
  std::string answer_;
};

struct tally {
  std::uint64_t answered = 0;  ///< guesses that were looked up
  std::uint64_t refused = 0;
  std::uint64_t hits = 0;
  double expected_hits = 0;
  std::uint64_t newcomers = 0;
  std::uint64_t newcomers_in = 0;
  std::uint64_t typists = 0;  ///< who mistype once
  std::uint64_t typists_in = 0;
  std::uint64_t pupils_come = 0;  ///< of a class behind one address, who mistype now and then
  std::uint64_t pupils_in = 0;
};

/// So many live rooms, whose codes are as long as those of a server that has long had so many.
std::vector<std::string> open_rooms(server& s, std::size_t count) {
  std::vector<std::string> codes;
  std::vector<transport_id> early;
  for (std::size_t i = 0; i < count; ++i) {
    const transport_id host = s.connect(address("10", i));
    codes.push_back(s.create(host));
    if (i < 5'000) early.push_back(host);
    if (i % 1'000 == 0) s.now += minute_ms;
  }
  for (std::size_t i = 0; i < early.size(); ++i) codes[i] = s.create(early[i]);
  return codes;
}

std::string mistyped(std::string code) {
  code.back() = code.back() == '7' ? '9' : '7';
  return code;
}

void come_honestly(server& s, const std::vector<std::string>& codes, std::uint64_t& visitors,
                   tally& day) {
  const auto any_code = [&] {
    return codes[static_cast<std::size_t>(s.random.below(codes.size()))];
  };
  ++day.newcomers;
  if (s.visit(address("172", ++visitors), any_code()) == outcome::joined) ++day.newcomers_in;

  const std::string code = any_code();
  const std::string home = address("172", ++visitors);
  ++day.typists;
  s.visit(home, mistyped(code));
  if (s.visit(home, code) == outcome::joined) ++day.typists_in;

  const std::string school = address("172", ++visitors);
  const std::string lesson = any_code();
  std::vector<transport_id> present;
  for (int i = 0; i < pupils; ++i) {
    present.push_back(s.connect(school));
    if (s.random.below(10) == 0) s.join(present.back(), mistyped(lesson));
    ++day.pupils_come;
    if (s.join(present.back(), lesson) == outcome::joined) ++day.pupils_in;
  }
  for (const transport_id pupil : present) s.lose(pupil);
}

/// Guesses in the shape in which the most codes are live, for days.
std::vector<tally> besiege(std::size_t rooms) {
  server s;
  const std::vector<std::string> codes = open_rooms(s, rooms);
  const session::code_format& shape = *session::format_of(*session::canonicalize(codes.back()));
  const double density = static_cast<double>(rooms) / static_cast<double>(shape.possible_codes());

  std::vector<transport_id> peers;
  for (std::size_t i = 0; i < attackers; ++i) peers.push_back(s.connect(address("198", i)));
  std::vector<tally> all;
  std::uint64_t visitors = 0;
  for (int d = 0; d < days; ++d) {
    tally day;
    for (instant_ms end = s.now + day_ms; s.now < end; s.now += round_ms) {
      for (std::size_t i = 0; i < peers.size(); ++i) {
        // As long as it is answered, and no longer than its own limit of a minute lets it.
        for (int tries = 0; tries < 30; ++tries) {
          const outcome result = s.join(peers[i], session::draw_code(shape, s.random));
          if (result == outcome::refused) {
            ++day.refused;
            break;
          }
          ++day.answered;
          if (result != outcome::joined) continue;
          ++day.hits;
          s.lose(peers[i]);
          peers[i] = s.connect(address("198", i));
        }
      }
      come_honestly(s, codes, visitors, day);
    }
    day.expected_hits = static_cast<double>(day.answered) * density;
    all.push_back(day);
  }
  std::printf("%zu live rooms with codes such as %s, one of %.0f possible ones is live\n", rooms,
              codes.back().c_str(), 1 / density);
  for (int d = 0; d < days; ++d) {
    const tally& t = all[static_cast<std::size_t>(d)];
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "  day %d: %llu guesses answered, %llu refused; rooms found: %llu, to be expected: %.2f\n"
        "         joined: newcomers %llu of %llu, after a typo %llu of %llu, pupils %llu of %llu\n",
        d + 1, number(t.answered), number(t.refused), number(t.hits), t.expected_hits,
        number(t.newcomers_in), number(t.newcomers), number(t.typists_in), number(t.typists),
        number(t.pupils_in), number(t.pupils_come));
  }
  return all;
}

int passed = 0;
int failed = 0;

void check(bool holds, const char* what) {
  ++(holds ? passed : failed);
  if (!holds) std::printf("FAILED: %s\n", what);
}

void expect_safety(const std::vector<tally>& all) {
  for (const tally& t : all) {
    check(t.hits <= 1, "at most one stray hit a day");
    check(t.expected_hits <= 1, "no more than one stray hit a day is to be expected");
    check(t.answered + t.refused >= attackers, "the attack took place");
  }
}

void expect_welcome(const std::vector<tally>& all) {
  for (const tally& t : all) {
    check(t.newcomers > 0 && t.newcomers_in == t.newcomers, "every newcomer joins");
    check(t.typists_in == t.typists, "who mistypes once joins");
    check(t.pupils_in * 100 >= t.pupils_come * 95, "a class joins");
  }
}

}  // namespace

int main() {
  std::printf("%zu addresses guess room codes for %d days.\n", attackers, days);
  for (const std::size_t rooms : {std::size_t{1'000'000}, std::size_t{100'000}}) {
    const auto all = besiege(rooms);
    expect_safety(all);
    expect_welcome(all);
  }
  // While there are so few rooms that a code is a word and two digits, guesses hit: this is what
  // short codes cost. The newcomers are let in all the same.
  expect_welcome(besiege(150));
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
