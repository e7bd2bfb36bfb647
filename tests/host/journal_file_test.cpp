// Rooms come back from the journal as they were, whatever became of the process, and a file that is
// none is left alone.
#include "journal/journal_file.hpp"

#include "base/entropy.hpp"
#include "host/in_child.hpp"
#include "host/temporary_folder.hpp"
#include "journal/inspect.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "text/sha256.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace downbeat;
using namespace downbeat::host;
using downbeat::test::temporary_folder;

namespace {

using outcome = journal_file::outcome;
using reason = unusable_journal::reason;

session::participant member(const std::string& name) {
  return {session::participant_id("id-of-" + name),
          name,
          "drums",
          1,
          false,
          0,
          std::make_shared<const sha256_digest>(sha256(name)),
          nullptr};
}

/// Rooms as an engine has them, and their appends.
struct rooms {
  std::map<std::string, session::room> live;
  std::uint64_t ids = 0;

  output::append append(const std::string& code, const std::vector<session::any_event>& events) {
    const auto found = live.find(code);
    std::optional<session::room> state;
    if (found != live.end()) state = found->second;
    const std::uint64_t head = state ? state->head.seq : 0;
    for (const session::any_event& event : events) evolve(state, event);
    live.erase(code);
    if (state) live.emplace(code, *state);
    return {++ids, code, head, session::write_events(events), state ? state->head.seq : 0};
  }
  output::append create(const std::string& code, const std::string& name) {
    return append(code, {session::event::created{code, 1, 0, member(name)}});
  }
  output::append join(const std::string& code, const std::string& name) {
    return append(code, {session::event::joined{code, member(name), false, false}});
  }
  output::append close(const std::string& code) {
    return append(code, {session::event::closed{code}});
  }
};

std::unique_ptr<journal_file> open(const temporary_folder& in, bool is_loaded = true) {
  auto file = std::make_unique<journal_file>(in.path().string(), durability::process,
                                             std::chrono::milliseconds(0));
  if (is_loaded) file->load([](const auto&, std::string_view) {});
  return file;
}

outcome append(journal_file& to, const output::append& what) {
  outcome result = outcome::failed;
  to.append({&what, 1}, {&result, 1});
  return result;
}

/// The snapshots that a file gives, by room.
std::map<std::string, std::string> loaded(const temporary_folder& from) {
  std::map<std::string, std::string> all;
  open(from, false)->load([&](const session::room& room, std::string_view snapshot) {
    all.emplace(room.code, snapshot);
  });
  return all;
}

std::map<std::string, std::string> written(const rooms& of) {
  std::map<std::string, std::string> all;
  for (const auto& [code, room] : of.live) all.emplace(code, session::write_snapshot(room));
  return all;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// Why a folder cannot be opened, and that nothing in its file has changed.
std::pair<reason, std::string> refused(const temporary_folder& folder, const std::string& bytes) {
  const std::string file = folder.path().string() + "/sessions.db";
  write(file, bytes);
  try {
    open(folder);
  } catch (const unusable_journal& error) {
    CHECK(bytes_of(file) == bytes);
    return {error.why(), error.what()};
  }
  FAIL("it was opened");
  return {};
}

TEST_CASE("rooms come back from the journal as they were", "[journal]") {
  const temporary_folder folder;
  rooms all;
  {
    const auto file = open(folder);
    CHECK(append(*file, all.create("BONGO-72", "Alice")) == outcome::appended);
    CHECK(append(*file, all.join("BONGO-72", "Bob")) == outcome::appended);
    CHECK(append(*file, all.create("MUSIC-42", "Carol")) == outcome::appended);
    CHECK(append(*file, all.append("BONGO-72", {session::event::lost{"BONGO-72", member("Bob").id,
                                                                     1'700'000'000'000}})) ==
          outcome::appended);
    CHECK(append(*file, all.close("MUSIC-42")) == outcome::appended);
    // The code is used again, for another room.
    CHECK(append(*file, all.create("MUSIC-42", "Dora")) == outcome::appended);
    CHECK(file->room_count() == 2);
  }
  CHECK(loaded(folder) == written(all));
  // And again, from the snapshots alone.
  CHECK(loaded(folder) == written(all));
}

TEST_CASE("several appends of one room may be in one transaction", "[journal]") {
  const temporary_folder folder;
  rooms all;
  {
    const auto file = open(folder);
    const std::vector<output::append> batch = {all.create("BONGO-72", "Alice"),
                                               all.join("BONGO-72", "Bob"), all.close("BONGO-72"),
                                               all.create("BONGO-72", "Carol")};
    std::vector<outcome> results(batch.size());
    file->append(batch, results);
    CHECK(results == std::vector<outcome>(4, outcome::appended));
  }
  CHECK(loaded(folder) == written(all));
}

TEST_CASE("an append at another length of the log fails, and the others do not", "[journal]") {
  const temporary_folder folder;
  rooms all;
  const auto file = open(folder);
  const output::append create = all.create("BONGO-72", "Alice");
  output::append wrong = all.join("BONGO-72", "Bob");
  wrong.expected_head = 7;
  const std::vector<output::append> batch = {create, wrong};
  std::vector<outcome> results(batch.size());
  file->append(batch, results);
  CHECK(results == std::vector<outcome>{outcome::appended, outcome::failed});
  CHECK(file->failure().find("another length") != std::string::npos);
}

TEST_CASE("compaction changes no room, wherever the process ends", "[journal]") {
  const temporary_folder folder;
  rooms all;
  splitmix64 random(GENERATE(1U, 2U, 3U));
  auto file = open(folder);
  for (int step = 0; step < 3'000; ++step) {
    const std::string code = "ROOM-" + std::to_string(random.below(40) + 10);
    const auto found = all.live.find(code);
    const std::string name = "n" + std::to_string(random.below(6));
    std::optional<output::append> next;
    if (found == all.live.end()) {
      next = all.create(code, name);
    } else if (random.below(6) == 0) {
      next = all.close(code);
    } else if (find_participant(found->second, member(name).id) == nullptr) {
      next = all.join(code, name);
    } else {
      next = all.append(code, {session::event::left{code, member(name).id}});
    }
    REQUIRE(append(*file, *next) == outcome::appended);
    if (random.below(200) == 0) static_cast<void>(file->compact_some());
    if (random.below(200) == 0) file->checkpoint();
    if (random.below(300) == 0) {
      file.reset();
      REQUIRE(loaded(folder) == written(all));
      file = open(folder);
    }
  }
  while (file->compact_some()) {
  }
  CHECK(file->failure().empty());
  CHECK(file->log_rows() == 0);
  file.reset();
  CHECK(loaded(folder) == written(all));
}

TEST_CASE("a second process cannot have the journal", "[journal]") {
  const temporary_folder folder;
  const auto file = open(folder);
  // In another process, because locks are those of a process.
  const int code = test::code_of_child(test::begin_in_child([&] {
    try {
      open(folder);
      return 0;
    } catch (const unusable_journal& error) {
      return error.why() == reason::in_use ? 3 : 4;
    }
  }));
  CHECK(code == 3);
}

TEST_CASE("a file that is no journal of this version is left alone", "[journal]") {
  const temporary_folder folder;
  rooms all;
  {
    const auto file = open(folder);
    append(*file, all.create("BONGO-72", "Alice"));
    while (file->compact_some()) {
    }
    file->checkpoint();
  }
  const std::string name = folder.path().string() + "/sessions.db";
  const std::string good = bytes_of(name);
  std::filesystem::remove(name + "-wal");
  REQUIRE(good.size() > 4'096);

  const auto says = [&](const std::string& bytes, const std::string& what) {
    const auto [why, text] = refused(folder, bytes);
    INFO(text);
    CHECK(why == reason::unreadable);
    CHECK(text.find(what) != std::string::npos);
  };
  says("", "damaged");
  says("hello", "damaged");
  says(std::string(10'000, '\0'), "damaged");
  says(good.substr(0, 50), "damaged");
  says(good.substr(0, 4'096), "damaged");
  std::string other = good;
  other[68] = 'X';
  says(other, "belongs to another program");
  other = good;
  other[63] = 2;
  says(other, "is of version 2");
  other = good;
  const std::size_t host = other.find("\"host\"");
  REQUIRE(host != std::string::npos);
  other[host + 1] = 'b';
  says(other, "cannot be read");
  write(name, good);
  CHECK(loaded(folder) == written(all));
}

TEST_CASE("a journal that cannot be created says why", "[journal]") {
  const temporary_folder folder;
  write(folder.path().string() + "/file", "x");
  try {
    const journal_file file(folder.path().string() + "/file", durability::process,
                            std::chrono::milliseconds(0));
    FAIL("it was opened");
  } catch (const unusable_journal& error) {
    CHECK(error.why() == reason::unreadable);
    CHECK(std::string(error.what()).find("Not a directory") != std::string::npos);
  }
}

TEST_CASE("what a crash has left of a new file is in nobody's way", "[journal]") {
  const temporary_folder folder;
  write(folder.path().string() + "/sessions.db.new", "half of a file");
  rooms all;
  CHECK(append(*open(folder), all.create("BONGO-72", "Alice")) == outcome::appended);
  CHECK(loaded(folder) == written(all));
}

TEST_CASE("of a torn write-ahead log, what is whole counts", "[journal]") {
  const temporary_folder folder;
  rooms all;
  std::vector<std::map<std::string, std::string>> states = {{}};
  auto file = open(folder);
  for (int i = 10; i < 20; ++i) {
    append(*file, all.create("ROOM-" + std::to_string(i), "Alice"));
    states.push_back(written(all));
  }
  const std::string name = folder.path().string() + "/sessions.db";
  const std::string log = bytes_of(name + "-wal");
  const std::string main = bytes_of(name);
  file.reset();
  std::size_t last = 0;
  for (std::size_t size = 0; size <= log.size(); size += 997) {
    write(name, main);
    write(name + "-wal", log.substr(0, size));
    const auto found = std::find(states.begin(), states.end(), loaded(folder));
    REQUIRE(found != states.end());
    const auto which = static_cast<std::size_t>(found - states.begin());
    CHECK(which >= last);
    last = which;
  }
  write(name, main);
  write(name + "-wal", log);
  CHECK(loaded(folder) == states.back());
}

std::uint64_t wal_bytes(const journal_file& file) {
  journal_counters counters;
  file.count(counters);
  return counters.file->wal_bytes;
}

TEST_CASE("on a full disk appends fail, and once there is room they do not", "[journal]") {
  const temporary_folder folder;
  const int code = test::code_of_child(test::begin_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rooms all;
    auto file = open(folder);
    if (append(*file, all.create("ROOM-10", "Alice")) != outcome::appended) return 1;
    const rooms before = all;
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t most = limit.rlim_cur;
    limit.rlim_cur = static_cast<rlim_t>(wal_bytes(*file));
    setrlimit(RLIMIT_FSIZE, &limit);
    outcome how = append(*file, all.create("ROOM-11", "Bob"));
    if (file->failure().empty()) return 2;
    if (how == outcome::unknown) file->resolve({}, {&how, 1});
    if (how != outcome::failed) return 4;
    all = before;
    limit.rlim_cur = most;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (append(*file, all.create("ROOM-12", "Carol")) != outcome::appended) return 5;
    file.reset();
    return loaded(folder) == written(all) ? 0 : 6;
  }));
  CHECK(code == 0);
}

TEST_CASE("an operator sees the sessions, their faults, and makes a copy", "[journal]") {
  const temporary_folder folder;
  rooms all;
  const auto file = open(folder);
  append(*file, all.create("BONGO-72", "Alice"));
  append(*file, all.join("BONGO-72", "Bob"));
  CHECK(list_sessions(rooms_of(*file)).text ==
        "BONGO-72  2 members: Alice, Bob\n1 session, 2 members\n");
  CHECK(check_sessions(rooms_of(*file), file->integrity_faults()).text ==
        "no faults in 1 session with 2 members\n");

  const std::string copy = folder.path().string() + "/copy/sessions.db";
  std::filesystem::create_directory(folder.path().string() + "/copy");
  CHECK(back_up(*file, copy).is_well);
  CHECK_FALSE(back_up(*file, copy).is_well);
  struct stat about {};
  REQUIRE(::stat(copy.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  journal_file second(folder.path().string() + "/copy", durability::process,
                      std::chrono::milliseconds(0));
  std::map<std::string, std::string> copied;
  second.load([&](const session::room& room, std::string_view snapshot) {
    copied.emplace(room.code, snapshot);
  });
  CHECK(copied == written(all));

  // A room that no engine makes: its host is no member, and Alice is in it, too.
  append(*file, all.append("MUSIC-42", {session::event::created{"MUSIC-42", 2, 0, member("Alice")},
                                        session::event::host_changed{"MUSIC-42", member("X").id}}));
  const inspection found = check_sessions(rooms_of(*file), file->integrity_faults());
  CHECK_FALSE(found.is_well);
  CHECK(found.text.find("MUSIC-42 has a host who is no member") != std::string::npos);
  CHECK(found.text.find("is in two sessions") != std::string::npos);
}

}  // namespace
