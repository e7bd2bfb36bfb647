#include "base/entropy.hpp"
#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace downbeat::test;

namespace {

using downbeat::http_method;
using downbeat::request_id;
using downbeat::transport_id;

constexpr std::uint64_t seeds = 20;
constexpr int steps_per_seed = 8'000;
constexpr std::size_t most_sessions = 6;

/// What the peers know of one session, only from what they did and saw.
struct session {
  std::uint64_t number = 0;  ///< in the order of the handshakes
  std::string sid;
  bool is_alive = true;                    ///< as the application was notified
  std::optional<std::int64_t> kept_until;  ///< closed, but a GET can still get the close
  std::optional<transport_id> via;         ///< the WebSocket that carries it
  std::optional<transport_id> pretender;   ///< the WebSocket that wants to
  bool is_probed = false;                  ///< and whether it has got its pong
  std::vector<request_id> gets;            ///< those that wait
  std::vector<request_id> posts;           ///< those whose body is still to come
  int said = 0;                            ///< numbered messages that went out to the server
  int heard = 0;                           ///< and those that came back
};

/// Peers that do whatever comes to their minds, most of it allowed.
///
/// Every message of theirs that the server must echo is numbered. So long as its session lives,
/// the echoes come back in order, none is missing and none comes twice, whatever transport they
/// take.
class crowd {
 public:
  explicit crowd(std::uint64_t seed) : random_(seed) {}

  void act() {
    if (chance(1, 2'000)) return pass_time(50'000);
    if (chance(1, 500)) return line_.oversleep(below(60'000));
    if (chance(1, 100)) return wake();
    if (chance(1, 3)) return pass_time(chance(1, 20) ? 10'000 : 120);
    if (sessions_.size() < most_sessions && chance(1, 4)) return open();
    if (chance(1, 200)) return knock();
    if (sessions_.empty()) return;
    session& s = sessions_[static_cast<std::size_t>(random_.below(sessions_.size()))];
    switch (random_.below(10)) {
      case 0:
      case 1: return poll(s);
      case 2:
      case 3: return begin_post(s);
      case 4:
      case 5: return finish_post(s);
      case 6:
      case 7: return upgrade(s);
      case 8: return speak(s);
      default: return misbehave(s);
    }
  }

  /// Takes in what the step brought about, and compares the machine's count with the crowd's own.
  void check() {
    read_log();
    std::uint64_t on_websocket = 0;
    std::uint64_t on_polling = 0;
    for (session& s : sessions_) {
      look_at(s);
      if (s.is_alive) {
        ++(s.via ? on_websocket : on_polling);
        REQUIRE(s.gets.size() <= (s.via ? 0 : 1));
        REQUIRE(s.posts.size() <= 1);
        REQUIRE((!s.via || !s.pretender));
        // Nothing that was echoed waits without need.
        if (s.via || !s.gets.empty()) REQUIRE(s.heard == s.said);
      } else {
        REQUIRE(s.gets.empty());
        REQUIRE(s.posts.empty());
        REQUIRE_FALSE(s.pretender);
        REQUIRE_FALSE(s.via);
        if (s.kept_until) ++on_polling;
      }
    }
    std::erase_if(sessions_, [](const session& s) { return !s.is_alive && !s.kept_until; });
    REQUIRE(line_.measure("connections_polling") == on_polling);
    REQUIRE(line_.measure("connections_websocket") == on_websocket);
    REQUIRE(line_.measure("handshakes_total") == handshakes_);
    REQUIRE(line_.measure("upgrades_total") == upgrades);
    REQUIRE(line_.wait_ms().has_value() == (on_polling + on_websocket != 0));
    line_.reports();
  }

  void lose_everything() {
    for (const session& s : sessions_) {
      // The machine answers and closes by itself what belongs to something that was lost before.
      const auto lose = [this](const std::optional<transport_id>& peer) {
        if (peer) line_.lose(*peer);
      };
      if (chance(1, 2)) lose(s.via);
      for (const request_id post : s.posts) line_.abort(post);
      if (chance(1, 2)) lose(s.pretender);
      for (const request_id get : s.gets) line_.abort(get);
      lose(s.pretender);
      lose(s.via);
    }
  }

  void shut_down() {
    line_.shut_down();
    check();
    for (const session& s : sessions_) REQUIRE_FALSE(s.is_alive);
  }

  void expect_nothing_after_an_hour() {
    line_.advance(3'600'000);
    REQUIRE(line_.pending().empty());
    REQUIRE(line_.measure("connections_polling") == 0);
    REQUIRE(line_.measure("connections_websocket") == 0);
    REQUIRE_FALSE(line_.wait_ms().has_value());
  }

  // What happened, so that a test can check that it did.
  std::uint64_t upgrades = 0;
  int echoes = 0;
  int kept_closes_fetched = 0;
  std::map<std::string, int> endings;

 private:
  bool chance(std::uint64_t one, std::uint64_t in) { return random_.below(in) < one; }
  std::int64_t below(std::uint64_t bound) {
    return static_cast<std::int64_t>(random_.below(bound));
  }
  std::string_view any_of(const std::vector<std::string_view>& choices) {
    return choices[static_cast<std::size_t>(random_.below(choices.size()))];
  }

  // Time.

  void pass_time(std::uint64_t most) {
    line_.advance(below(most));
    forget_kept_closes();
  }

  void wake() {
    line_.wake();
    forget_kept_closes();
  }

  void forget_kept_closes() {
    for (session& s : sessions_) {
      if (s.kept_until && *s.kept_until <= line_.now()) s.kept_until.reset();
    }
  }

  // What a peer does.

  void open() {
    session s;
    s.number = ++handshakes_;
    if (chance(2, 3)) {
      s.sid = open_polling(line_);
    } else {
      s.via = line_.open_websocket();
      s.sid = member_of(line_.last_sent(*s.via), "sid");
    }
    sessions_.push_back(s);
  }

  /// Somebody who is not let in.
  void knock() {
    const auto query = any_of({"", "EIO=3&transport=polling", "EIO=4&transport=pigeon",
                               "EIO=4&transport=polling&sid=nobody"});
    REQUIRE(line_.response(line_.get(query)).substr(0, 4) == "400 ");
    REQUIRE_FALSE(line_.is_open(line_.open_websocket(query)));
  }

  void poll(session& s) {
    // Most clients wait for the answer to the one before.
    if (s.gets.empty() || chance(1, 60)) s.gets.push_back(line_.get(polling(s.sid)));
  }

  void begin_post(session& s) {
    if (s.posts.empty() || chance(1, 60)) s.posts.push_back(line_.begin_post(polling(s.sid)));
  }

  void finish_post(session& s) {
    if (s.posts.empty()) return;
    const request_id post = s.posts.back();
    if (chance(1, 20)) return line_.finish_post_too_large(post);
    if (chance(1, 60)) {
      return line_.finish_post(
          post, any_of({"", "1", "2", "x", "4a\x1e", "b!", "\xff", "4close", "4say and close"}));
    }
    if (chance(1, 60))
      return line_.finish_post(post, numbered(s) +
                                         "\x1e"
                                         "4close");
    std::string body = "3";
    while (chance(2, 3)) body += '\x1e' + numbered(s);
    if (chance(1, 8))
      body +=
          "\x1e"
          "bAQID\x1e"
          "6";
    line_.finish_post(post, body);
  }

  void upgrade(session& s) {
    if (s.pretender) return say(s, *s.pretender, s.is_probed && chance(1, 2) ? "5" : "2probe");
    if (s.via && !chance(1, 20)) return;
    const transport_id peer = line_.open_websocket(websocket(s.sid));
    if (line_.is_open(peer)) {
      s.pretender = peer;
      s.is_probed = false;
    }
  }

  void speak(session& s) {
    if (!s.via) return;
    if (chance(1, 3)) return say(s, *s.via, "3");
    if (chance(1, 10)) return line_.receive_binary(*s.via, "bytes");
    say(s, *s.via, numbered(s));
  }

  /// One of the things that a session may die of.
  void misbehave(session& s) {
    if (!chance(1, 6)) return;
    const auto peer = s.pretender ? s.pretender : s.via;
    switch (random_.below(8)) {
      case 0:
        if (!s.gets.empty()) line_.abort(s.gets.back());
        return;
      case 1:
        if (!s.posts.empty()) line_.abort(s.posts.back());
        return;
      case 2:
        s.posts.push_back(line_.begin_post(polling(s.sid), "application/octet-stream"));
        return;
      case 3:
        REQUIRE(line_.response(line_.request(http_method::other, polling(s.sid))) != "<pending>");
        return;
      case 4:
        if (peer) {
          say(s, *peer,
              any_of({"", "0", "1", "2", "3", "5", "6", "x", "b!", "\xff", "4close",
                      "4say and close"}));
        }
        return;
      case 5:
        if (peer) line_.lose(*peer);
        return;
      case 6:
        if (peer) line_.receive_too_large(*peer);
        return;
      default: {
        const std::string query =
            std::string(any_of({"transport=polling&EIO=4", "transport=websocket&EIO=3"})) +
            "&sid=" + s.sid;
        REQUIRE_FALSE(line_.is_open(line_.open_websocket(query)));
        return;
      }
    }
  }

  std::string numbered(session& s) { return "4n" + std::to_string(++s.said); }

  void say(session& s, transport_id on, std::string_view text) {
    line_.receive(on, text);
    if (s.pretender != on || !line_.is_open(on)) return;
    if (text == "2probe") {
      REQUIRE(line_.last_sent(on) == "3probe");
      s.is_probed = true;
    } else if (text == "5") {
      REQUIRE(s.is_probed);
      s.via = on;
      s.pretender.reset();
      ++upgrades;
    }
  }

  // What a peer sees.

  void look_at(session& s) {
    // An upgrade answers the GET before it sends anything on the WebSocket.
    std::erase_if(s.gets, [&](request_id get) {
      const std::string response = line_.response(get);
      if (response == "<pending>") return false;
      if (response.substr(0, 4) == "200 ") {
        hear(s, response.substr(4));
        // Messages come first, and the close alone.
        if (s.kept_until && response == "200 1") {
          ++kept_closes_fetched;
          s.kept_until.reset();
        }
      }
      return true;
    });
    std::erase_if(s.posts, [&](request_id post) { return line_.response(post) != "<pending>"; });
    if (s.pretender && !line_.is_open(*s.pretender)) s.pretender.reset();
    if (!s.via) return;
    for (const std::string& text : line_.sent(*s.via)) hear_packet(s, text);
    if (!line_.is_open(*s.via)) s.via.reset();
  }

  void hear(session& s, std::string_view payload) {
    for (;;) {
      const auto end = payload.find('\x1e');
      hear_packet(s, payload.substr(0, end));
      if (end == std::string_view::npos) return;
      payload.remove_prefix(end + 1);
    }
  }

  void hear_packet(session& s, std::string_view packet) {
    if (packet.substr(0, 2) != "4n") return;
    REQUIRE(packet == "4n" + std::to_string(s.heard + 1));
    ++s.heard;
    ++echoes;
  }

  /// What the application was notified of; the ends of sessions matter.
  void read_log() {
    for (const std::string& told : log_) {
      const auto space = told.find(' ');
      const std::string what = told.substr(space + 1);
      if (what == "opened" || what.substr(0, 4) == "got ") continue;
      ++endings[what];
      const auto number = std::stoull(told.substr(0, space));
      const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                      [&](const session& s) { return s.number == number; });
      REQUIRE(found != sessions_.end());
      REQUIRE(found->is_alive);
      found->is_alive = false;
      const bool is_ordered = what == "forced close" || what == "server shutting down";
      if (is_ordered && !found->via) found->kept_until = line_.now() + close_timeout;
    }
    log_.clear();
  }

  downbeat::splitmix64 random_;
  transcript log_;
  wire line_{make_echo_with({}, &log_)};
  std::uint64_t handshakes_ = 0;
  std::vector<session> sessions_;
};

}  // namespace

TEST_CASE("whatever peers do, the machine keeps its count, its promises and nothing else") {
  int echoes = 0;
  int fetched = 0;
  std::uint64_t upgrades = 0;
  std::map<std::string, int> endings;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    crowd peers(seed);
    for (int step = 0; step != steps_per_seed; ++step) {
      CAPTURE(step);
      peers.act();
      peers.check();
    }
    seed % 2 == 0 ? peers.shut_down() : peers.lose_everything();
    peers.expect_nothing_after_an_hour();
    echoes += peers.echoes;
    fetched += peers.kept_closes_fetched;
    upgrades += peers.upgrades;
    for (const auto& [what, times] : peers.endings) endings[what] += times;
  }
  // A test that nothing happens in proves nothing.
  CAPTURE(echoes, fetched, upgrades);
  CHECK(echoes > 5'000);
  CHECK(fetched > 20);
  CHECK(upgrades > 500);
  CHECK(endings.size() == 6);
  for (const auto& [what, times] : endings) {
    CAPTURE(what);
    CHECK(times > 20);
  }
}
