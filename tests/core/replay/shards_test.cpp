// Every shard of a server replays by itself: its trace holds all that the others have sent it.

#include "base/entropy.hpp"
#include "core/jam/jam_story.hpp"
#include "jam/memory_journal.hpp"
#include "replay/header.hpp"
#include "replay/player.hpp"
#include "replay/redact.hpp"
#include "replay/run.hpp"
#include "socketio/server.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::replay {
namespace {

using jam::test::all_transports;
using jam::test::jam_stage;
using jam::test::member_of;
using jam::test::musician;
using jam::test::transport_kind;

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t times = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++times;
  return times;
}

/// The traces of all shards, after a random story.
std::vector<std::string> story(shard_index shards, std::uint64_t seed,
                               jam::journal_kind journal = jam::journal_kind::memory,
                               bool is_node = false) {
  jam::options options;
  options.journal = journal;
  options.session.max_sessions = 4;
  options.session.max_participants = 3;
  options.max_failed_joins_per_minute = 5;
  jam_stage s(options, shards);
  s.line.record();
  if (is_node) {
    s.line.give(input::nodes_changed{R"({"self":7,"nodes":[{"id":7,"name":"attic"}]})"});
    s.line.give(input::restore_finished{});
  }
  splitmix64 chance(seed);
  const auto index_below = [&](std::size_t count) {
    return static_cast<std::size_t>(chance.below(count));
  };
  const std::vector<transport_kind> transport_kinds(std::begin(all_transports),
                                                    std::end(all_transports));
  std::deque<musician> people;
  std::vector<std::string> codes = {"nowhere"};
  const auto arrive = [&] {
    s.line.connect_next_to(static_cast<shard_index>(chance.below(shards)));
    people.emplace_back(s.line, transport_kinds[index_below(transport_kinds.size())]);
  };
  for (int i = 0; i < 4; ++i) arrive();
  for (int step = 0; step < 120; ++step) {
    if (journal == jam::journal_kind::host && chance.below(2) == 0) {
      const auto where = static_cast<shard_index>(chance.below(shards));
      const bool conflicts = chance.below(8) == 0;
      s.line.journal(where).set_faults(
          {conflicts ? 20 : 0, chance.below(8) == 0, false, conflicts});
      s.line.answer_appends();
    }
    musician& who = people[index_below(people.size())];
    const std::string& code = codes[index_below(codes.size())];
    switch (who.is_open() ? chance.below(10) : 0) {
      case 0:
        if (people.size() < 10) arrive();
        break;
      case 1:
        who.messages();
        who.emit("session:create", R"({"name":"Ada \"A\" Ö"})");
        s.line.answer_appends();
        for (const std::string& text : who.messages()) {
          if (text.find("session:created") != text.npos)
            codes.push_back(member_of(text, "roomCode"));
        }
        break;
      case 2:
      case 3:
      case 4:
        who.join(code, "Bob", "drums");
        // What a client sends at once is held until it has moved.
        who.emit("session:event", R"({"type":"note","data":1})");
        break;
      case 5: who.emit("session:event", R"({"type":"note","data":[1,"x"]})"); break;
      case 6: who.leave(code); break;
      case 7: s.line.advance(static_cast<std::int64_t>(chance.below(1'500))); break;
      case 8:
        if (chance.below(4) == 0) who.vanish();
        break;
      default: who.emit("session:update", R"({"name":"Cleo"})"); break;
    }
    // All that can be said of people is asked for: those on polling come for what waits.
    if (chance.below(3) == 0) who.messages();
  }
  std::vector<std::string> all;
  for (shard_index i = 0; i < shards; ++i) {
    all.push_back(write_header(options, {i, shards}) + '\n' + s.line.recorded(i));
  }
  return all;
}

std::string all_of(const std::vector<std::string>& traces) {
  std::string all;
  for (const std::string& one : traces) all += one;
  return all;
}

/// What is said of the first line after those that a trace begins with.
std::string error_after(const std::string& trace, const std::string& line) {
  return run(trace + line).difference;
}

}  // namespace

TEST_CASE("each shard's trace replays by itself, and so do all of them in one text") {
  const auto shards = static_cast<shard_index>(GENERATE(2, 3));
  std::size_t moved = 0;
  std::size_t messages = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(shards, seed);
    const auto traces = story(shards, seed);
    for (const std::string& one : traces) {
      const replay_result found = run(one);
      CHECK(found.difference == "");
      CHECK(found.traces == 1);
      CHECK(found.inputs > 20);
    }
    const std::string all = all_of(traces);
    const replay_result found = run(all);
    CHECK(found.difference == "");
    CHECK(found.traces == shards);
    moved += count(all, " > moved-in ");
    messages += count(all, " > shard-message ");
  }
  CHECK(moved > 20);
  CHECK(messages > 60);
}

TEST_CASE("a shard whose rooms a host keeps replays, with what its journal answered") {
  std::size_t appended = 0;
  std::size_t conflicts = 0;
  std::size_t failures = 0;
  std::size_t moved = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const std::string all = all_of(story(2, seed, jam::journal_kind::host));
    CHECK(run(all).difference == "");
    appended += count(all, " > appended ");
    conflicts += count(all, " > append-conflict ");
    failures += count(all, " > append-failed ");
    moved += count(all, " > moved-in ");
    const auto told = redact(all, 99);
    REQUIRE(std::holds_alternative<std::string>(told));
    const auto& text = std::get<std::string>(told);
    CHECK(run(text).difference == "");
    CHECK(run(text).inputs == run(all).inputs);
    for (const char* const word : {"Ada", "Bob", "Cleo", "drums", "Ghost", "theremin"}) {
      CAPTURE(word);
      CHECK(count(text, word) == 0);
    }
  }
  CHECK(appended > 20);
  CHECK(conflicts > 0);
  CHECK(failures > 0);
  CHECK(moved > 0);
}

TEST_CASE("a client that moved while its command waited for the journal is in the trace") {
  jam::options options;
  options.journal = jam::journal_kind::host;
  jam_stage s(options, 2);
  s.line.record();
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string event = GENERATE("create", "join", "update");
  CAPTURE(event);
  if (event == "create") alice.emit("session:create", R"({"name":"Alice"})");
  if (event != "create") {
    alice.emit("session:create", R"({"name":"Alice"})");
    s.line.answer_appends();
  }
  if (event == "update") alice.emit("session:update", R"({"name":"Alicia"})");
  s.line.connect_next_to(0);
  musician bob(s.line);
  if (event == "join") bob.join(member_of(alice.last_message(), "roomCode"), "Bob");
  const musician& who = event == "join" ? bob : alice;
  s.servers[0]->move(*s.servers[0]->find("/", who.id()), 1);
  s.line.connect_next_to(0);
  const musician carol(s.line);  // connections move at the end of a step
  const std::string trace = write_header(options, {1, 2}) + '\n' + s.line.recorded(1);
  CHECK(count(trace, "\"failed\":\"" + event + '"') == 1);
  CHECK(count(trace, "\\\"code\\\":\\\"try_again\\\",\\\"event\\\":\\\"session:" + event) == 1);
  CHECK(run(trace).difference == "");
  const auto at = trace.find("\"failed\":\"" + event);
  const std::string other = std::string(trace).replace(at, 10 + event.size(), "\"failed\":\"leave");
  CHECK(run(other).difference != "");
}

TEST_CASE("traces of shards keep their secrets when they are redacted, and replay") {
  std::size_t sids = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const std::string all = all_of(story(2, seed));
    const auto told = redact(all, 99);
    REQUIRE(std::holds_alternative<std::string>(told));
    const auto& text = std::get<std::string>(told);
    CHECK(run(text).difference == "");
    CHECK(run(text).inputs == run(all).inputs);
    for (const char* const word : {"Ada", "Bob", "Cleo", "drums"}) CHECK(count(text, word) == 0);
    // Every secret of a state that moved is another one.
    const std::string key = "\"sid\":\"";
    for (auto at = all.find(key); at != all.npos; at = all.find(key, at + 1)) {
      ++sids;
      CHECK(count(text, all.substr(at + key.size(), 16)) == 0);
    }
    for (const char* const name : {"\"entropy\":\"", "\"draws\":"}) {
      const std::string before = name;
      for (auto at = all.find(before); at != all.npos; at = all.find(before, at + 1)) {
        CHECK(count(text, all.substr(at, before.size() + 12)) == 0);
      }
    }
  }
  CHECK(sids > 0);
}

TEST_CASE("session ids that begin with the name of a node are redacted, and keep that") {
  std::size_t sids = 0;
  std::size_t kept = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    const std::string all = all_of(story(2, seed, jam::journal_kind::host, true));
    const auto told = redact(all, 99);
    REQUIRE(std::holds_alternative<std::string>(told));
    const auto& text = std::get<std::string>(told);
    CHECK(run(text).difference == "");
    CHECK(run(text).inputs == run(all).inputs);
    const std::string key = "\"sid\":\"attic_";
    for (auto at = all.find(key); at != all.npos; at = all.find(key, at + 1)) {
      ++sids;
      CHECK(count(text, all.substr(at + key.size(), 16)) == 0);
    }
    kept += count(text, key);
  }
  CHECK(sids > 0);
  CHECK(kept > 0);
}

TEST_CASE("a message that is changed, cut or for another layer is refused with its line") {
  const std::string trace = write_header({}, {0, 2}) + "\n";
  const auto error = [&](const std::string& message) {
    return error_after(trace, "5 > shard-message 1 " + message + "\n");
  };
  const std::string wrong =
      "line 2: no such message between shards, or one of its members is wrong";
  const std::string unknown = "line 2: unknown input, or its argument is wrong: shard-message";
  CHECK(error(R"({"layer":"application","message":{"message":"count join","address":"::1"}})") ==
        "");
  CHECK(error(R"({"layer":"engineio","message":{"connectionClosed":"abc"}})") == "");
  CHECK(error(R"({"layer":"engineio","message":{"message":"count join","address":"::1"}})") ==
        wrong);
  CHECK(error(R"({"layer":"application","message":{"connectionClosed":"abc"}})") == wrong);
  for (
      const char* const message :
      {R"({"message":"sing"})", R"({"message":"count join"})", R"({"address":"::1"})",
       R"({"message":"count join","address":5})",
       R"({"message":"count join","address":"::1","more":1})",
       R"({"message":"count failed join","address":"::1","weight":-1})",
       R"({"message":"count failed join","address":"::1","weight":1001})",
       R"({"message":"sessions lent","user":"abcdefghijklmnopqrst","count":-1})",
       R"({"message":"sessions lent","user":"abcdefghijklmnopqrst","count":99999999999999})",
       R"({"message":"reserve","user":"","code":"a","address":"","question":1})",
       R"({"message":"reserve","user":"abcdefghijklmnopqrstuvwxyz","code":"a","address":"","question":1})",
       R"({"message":"reservation answer","user":"abcdefghijklmnopqrst","outcome":"perhaps","weight":0,"question":1})",
       "{}"}) {
    CAPTURE(message);
    CHECK(error(R"({"layer":"application","message":)" + std::string(message) + "}") == wrong);
  }
  CHECK(error(R"({"layer":"session","message":{}})") == unknown);
  CHECK(error(R"({"layer":"application","message":7})") == unknown);
  CHECK(error(R"({"layer":"application"})") == unknown);
  CHECK(error("7") == unknown);
  CHECK(error_after(trace,
                    "5 > shard-message 0 "
                    "{\"layer\":\"engineio\",\"message\":{\"connectionClosed\":\"a\"}}\n") ==
        "line 2: there is no other shard of that number");
  CHECK(error_after(trace,
                    "5 > shard-message 2 "
                    "{\"layer\":\"engineio\",\"message\":{\"connectionClosed\":\"a\"}}\n") ==
        "line 2: there is no other shard of that number");
}

TEST_CASE(
    "a state that is changed or cut anywhere is refused, or replays to something, never more") {
  const auto traces = story(2, 3);
  std::size_t refused = 0;
  for (const std::string& trace : traces) {
    const auto at = trace.find(" > moved-in ");
    if (at == trace.npos) continue;
    const auto begin = trace.rfind('\n', at) + 1;
    const auto end = trace.find('\n', at);
    const std::string before = trace.substr(0, begin);
    const std::string line = trace.substr(begin, end - begin);
    for (std::size_t i = 0; i < line.size(); i += 3) {
      // Only the outputs are left out, so that a line that can be read is handled.
      const std::string cut = line.substr(0, i) + '\n';
      std::string changed = line;
      changed[i] = changed[i] == '1' ? '9' : '1';
      std::string shorter = line;
      shorter.erase(i, 1);
      for (const std::string& one : {cut, changed, shorter}) {
        const std::string why = error_after(before, one + '\n');
        if (!why.empty()) {
          ++refused;
          CHECK(why.substr(0, 5) == "line ");
        }
      }
    }
    // A connection that is here already cannot come again.
    CHECK(error_after(before, line + '\n' + line + '\n') != "");
  }
  CHECK(refused > 200);
}

TEST_CASE("a state that no live connection could have had is refused") {
  const auto traces = story(2, 3);
  std::size_t tried = 0;
  for (const std::string& trace : traces) {
    const auto at = trace.find(" > moved-in ");
    if (at == trace.npos) continue;
    const auto begin = trace.rfind('\n', at) + 1;
    const std::string before = trace.substr(0, begin);
    const std::string line = trace.substr(begin, trace.find('\n', at) - begin);
    REQUIRE(error_after(before, line + '\n') == "");
    const auto error_with = [&](std::string_view old, const std::string& text, bool is_last) {
      const auto place = is_last ? line.rfind(old) : line.find(old);
      REQUIRE(place != line.npos);
      return error_after(before, std::string(line).replace(place, old.size(), text) + '\n');
    };
    const std::string why = ": the state of the connection cannot be read";
    const auto is_refused = [&](const std::string& error) { return error.find(why) != error.npos; };
    // Of Engine.IO first, and then of Socket.IO.
    const std::string address = R"("address":")";
    for (const bool is_last : {false, true}) {
      CHECK(is_refused(error_with(address, address + std::string(64, ':'), is_last)));
    }
    CHECK(is_refused(error_with(R"("query":"")", R"("query":"a")", true)));
    CHECK(is_refused(error_with(R"("namespace":"/")", R"("namespace":"/other")", true)));
    std::string acks;
    for (int i = 0; i < 1'001; ++i) acks += (i == 0 ? "" : ",") + std::to_string(i);
    const auto with_acks = [&](const std::string& list) {
      const std::string old = R"("nextAckId":0,"outstandingAcks":[])";
      return error_with(old, R"("nextAckId":2000,"outstandingAcks":[)" + list + ']', true);
    };
    CHECK(is_refused(with_acks(acks)));
    CHECK(with_acks(acks.substr(0, acks.rfind(','))) == "");
    ++tried;
  }
  CHECK(tried > 0);
}

TEST_CASE("a single engine has no other shard to receive from") {
  const std::string trace = write_header({}) + "\n";
  CHECK(error_after(trace, "5 > moved-in {\"websocket\":1,\"state\":{}}\n") ==
        "line 2: there is no other shard that a connection could come from");
}

TEST_CASE("a header names a shard of so many") {
  CHECK(write_header({}, {1, 3}).substr(0, 31) == "downbeat trace 2 shard 1 of 3 {");
  const auto read = read_header(write_header({}, {1, 3}));
  REQUIRE(std::holds_alternative<header>(read));
  CHECK(std::get<header>(read).here.index == 1);
  CHECK(std::get<header>(read).here.count == 3);
  for (const char* const words :
       {"shard", "shard 1", "shard 3 of 3", "shard -1 of 3", "shard 0 of 0",
        "shard 0 of 99999999999", "shard 0 of 9999", "shard 0 of 2x"}) {
    CAPTURE(words);
    const auto wrong = read_header("downbeat trace 2 " + std::string(words) + " {}");
    REQUIRE(std::holds_alternative<trace::unreadable>(wrong));
  }
}

}  // namespace downbeat::replay
