#include "journal/journal_file.hpp"

#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "session/room.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

using reason = unusable_journal::reason;

/// `Dbtj`: the file belongs to this program.
constexpr std::uint32_t application_id = 0x4462'746a;
/// Of the tables. A newer program can read older files, but not the other way round.
constexpr std::uint32_t file_version = 1;
/// Rows of the log that are compacted in one transaction, during which appends wait.
constexpr std::int64_t rows_in_a_slice = 64;
/// Compaction begins with this many rows of the log even if appends keep coming.
constexpr std::int64_t most_log_rows = 16'384;
/// The same of a checkpoint (64 MiB). Appends wait meanwhile, up to 100 ms on a slow disk.
constexpr std::int64_t most_wal_pages = 16 * 1024;
/// Without appends for so long the journal is idle.
constexpr std::chrono::milliseconds idle_time{250};
constexpr std::int64_t max_row = std::numeric_limits<std::int64_t>::max();

constexpr const char* new_tables =
    "BEGIN;"
    "CREATE TABLE room (id INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;"
    "CREATE TABLE log (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, events TEXT NOT NULL) STRICT;"
    "PRAGMA application_id = 1147303018;"
    "PRAGMA user_version = 1;"
    "COMMIT;";
static_assert(application_id == 1'147'303'018 && file_version == 1);

/// What the first bytes of the file say, before SQLite looks at it: it would write into files of
/// other programs, too.
struct file_header {
  bool is_sqlite = false;
  std::uint32_t version = 0;
  std::uint32_t application = 0;
};

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

/// Nothing if there is no such file. Throws std::system_error.
std::optional<file_header> read_header(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::nullopt;
    throw std::system_error(errno, std::generic_category());
  }
  std::array<unsigned char, 100> bytes{};
  const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
  const int error = errno;
  ::close(descriptor);
  if (count < 0) throw std::system_error(error, std::generic_category());
  constexpr std::string_view magic("SQLite format 3\0", 16);
  file_header header;
  header.is_sqlite = static_cast<std::size_t>(count) == bytes.size() &&
                     std::equal(magic.begin(), magic.end(), bytes.begin(),
                                [](char a, unsigned char b) { return a == static_cast<char>(b); });
  header.version = big_endian(bytes.data() + 60);
  header.application = big_endian(bytes.data() + 68);
  return header;
}

std::uint64_t size_of(const std::string& file) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(file, ignored);
  return ignored ? 0 : bytes;
}

}  // namespace

journal_file::journal_file(const std::string& folder, durability how,
                           std::chrono::milliseconds wait)
    : name_((std::filesystem::path(folder) / "sessions.db").string()), durability_(how) {
  try {
    if (std::filesystem::create_directories(folder)) {
      // Secrets are in it only as hashes, but also the names of people.
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    }
    if (!read_header(name_)) create();
    open(wait);
  } catch (const database_error& error) {
    if (error.is_busy()) {
      throw unusable_journal(name_ + " is in use by another process", reason::in_use);
    }
    if (error.is_corrupt()) damaged(error.what());
    throw unusable_journal(name_ + ": " + error.what(), reason::unreadable);
  } catch (const std::system_error& error) {
    throw unusable_journal(name_ + ": " + error.code().message(), reason::unreadable);
  }
}

// Under another name first, so that a crash leaves no half of a file.
void journal_file::create() {
  const std::string unfinished = name_ + ".new-" + std::to_string(::getpid());
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  std::filesystem::remove(unfinished + "-journal", ignored);
  const int descriptor =
      ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category());
  ::close(descriptor);
  {
    database fresh(unfinished, database::access::read_write);
    fresh.execute(new_tables);
  }
  // Two processes that begin at one time must not replace each other's file.
  if (::link(unfinished.c_str(), name_.c_str()) != 0 && errno != EEXIST) {
    const int error = errno;
    std::filesystem::remove(unfinished, ignored);
    throw std::system_error(error, std::generic_category());
  }
  std::filesystem::remove(unfinished, ignored);
}

void journal_file::open(std::chrono::milliseconds wait) {
  const std::optional<file_header> header = read_header(name_);
  if (!header || !header->is_sqlite) damaged("it is no database");
  if (header->application != application_id) {
    throw unusable_journal(name_ + " belongs to another program", reason::unreadable);
  }
  refuse_newer(header->version);
  database_.emplace(name_, database::access::read_write);
  sqlite3_busy_timeout(database_->handle(), static_cast<int>(wait.count()));
  // A file that turns out to be damaged stays as it is; `checkpoint` is called where it is wanted.
  sqlite3_db_config(database_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Before the first access: then SQLite needs no memory that is shared with other processes.
  database_->execute("PRAGMA locking_mode = EXCLUSIVE");
  // So SQLite says that it cannot be written before a client relies on that.
  if (sqlite3_db_readonly(database_->handle(), "main") == 1) {
    throw unusable_journal(name_ + " cannot be written", reason::unreadable);
  }
  database_->execute("PRAGMA journal_mode = WAL");
  database_->execute(durability_ == durability::power ? "PRAGMA synchronous = FULL"
                                                      : "PRAGMA synchronous = NORMAL");
  database_->execute("PRAGMA wal_autocheckpoint = 0");
  // Takes the place of automatic checkpoints.
  sqlite3_wal_hook(
      database_->handle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &wal_pages_);
  // Takes the lock, which this connection then never gives up.
  database_->execute("BEGIN IMMEDIATE");
  database_->execute("COMMIT");
  // A newer program may have written its version into the write-ahead log only.
  refuse_newer(database_->number("PRAGMA user_version"));
  insert_.emplace(database_->prepare("INSERT INTO log (id, room, events) VALUES (?, ?, ?)"));
}

void journal_file::refuse_newer(std::int64_t version) const {
  if (version <= file_version) return;
  throw unusable_journal(name_ + " is of version " + std::to_string(version) +
                             ", and this program knows versions up to " +
                             std::to_string(file_version),
                         reason::unreadable);
}

void journal_file::damaged(const std::string& what) const {
  throw unusable_journal(name_ + " is damaged: " + what, reason::unreadable);
}

void journal_file::load(const visitor& take) {
  try {
    const auto changed = read_log(max_row);
    // Everything is read before anything is written: a damaged file stays as it is.
    statement all = database_->prepare("SELECT id, state FROM room ORDER BY id");
    while (all.next_row()) {
      const std::int64_t id = all.number(0);
      next_room_id_ = std::max(next_room_id_, id + 1);
      if (changed.count(id) == 0) add(id, read(id, all.text(1)), all.text(1), take);
    }
    for (const auto& [id, state] : changed) {
      next_room_id_ = std::max(next_room_id_, id + 1);
      if (state) add(id, *state, session::write_snapshot(*state), take);
    }
    next_log_id_ = database_->number("SELECT max(id) FROM log") + 1;
    first_log_id_ = std::max<std::int64_t>(database_->number("SELECT min(id) FROM log"), 1);
    compact_all(changed);
  } catch (const database_error& error) {
    if (error.is_corrupt()) damaged(error.what());
    throw unusable_journal(name_ + ": " + error.what(), reason::unreadable);
  }
}

// On a full disk the sessions go on all the same: it is tried again later.
void journal_file::compact_all(
    const std::map<std::int64_t, std::optional<session::room>>& changed) {
  failure_.clear();
  try {
    database_->execute("BEGIN IMMEDIATE");
    write_states(changed);
    database_->execute("DELETE FROM log");
    database_->execute("COMMIT");
    first_log_id_ = next_log_id_;
  } catch (const database_error& error) {
    roll_back();
    if (error.is_corrupt()) throw;
    failure_ = error.what();
    return;
  }
  checkpoint();
}

void journal_file::add(std::int64_t id, const session::room& state, std::string_view snapshot,
                       const visitor& take) {
  if (!rooms_.emplace(state.code, live_room{id, state.head.seq}).second) {
    damaged("there are two rooms " + state.code);
  }
  take(state, snapshot);
}

session::room journal_file::read(std::int64_t room, std::string_view snapshot) const {
  std::optional<session::room> state = session::read_snapshot(snapshot);
  if (!state) damaged("the state of room " + std::to_string(room) + " cannot be read");
  return *std::move(state);
}

std::map<std::int64_t, std::optional<session::room>> journal_file::read_log(std::int64_t end) {
  std::map<std::int64_t, std::optional<session::room>> changed;
  statement log = database_->prepare("SELECT id, room, events FROM log WHERE id < ? ORDER BY id");
  statement find = database_->prepare("SELECT state FROM room WHERE id = ?");
  log.bind(1, end);
  while (log.next_row()) {
    const std::int64_t room = log.number(1);
    const auto ended = ended_.find(room);
    const auto [at, is_new] = changed.try_emplace(room);
    if (ended != ended_.end() && ended->second < end) continue;
    std::optional<session::room>& state = at->second;
    if (is_new && find.bind(1, room).next_row()) {
      state = read(room, find.text(0));
      find.reset();
    }
    const auto events = session::read_events(log.text(2));
    if (!events) damaged("row " + std::to_string(log.number(0)) + " of the log cannot be read");
    for (const session::any_event& event : *events) evolve(state, event);
  }
  return changed;
}

void journal_file::visit(const visitor& take) {
  if (!is_open()) throw unusable_journal(name_ + " could not be opened again", reason::unreadable);
  while (compact_some()) {
  }
  if (!failure_.empty()) throw unusable_journal(failure_, reason::unreadable);
  statement all = database_->prepare("SELECT id, state FROM room ORDER BY id");
  while (all.next_row()) take(read(all.number(0), all.text(1)), all.text(1));
}

void journal_file::append(std::span<const output::append> what, std::span<outcome> results) {
  std::fill(results.begin(), results.end(), outcome::failed);
  if (!is_open()) {
    failure_ = "it could not be opened again";
    return;
  }
  failure_.clear();
  committing_.clear();
  std::unordered_map<std::string_view, live_room> heads;  // with the appends before, of this call
  std::int64_t row = next_log_id_;
  std::int64_t next_room = next_room_id_;
  bool is_committing = false;
  try {
    database_->execute("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < what.size(); ++i) {
      const output::append& one = what[i];
      live_room& room = heads.try_emplace(one.room, find(one.room)).first->second;
      if (one.expected_head != room.head) {
        // This cannot be: only this process appends.
        failure_ = "the log of " + one.room + " has another length than expected";
        continue;
      }
      if (room.head == 0) room.id = next_room++;
      room.head = one.new_head;
      insert_->bind(1, row).bind(2, room.id).bind(3, one.events).run();
      committing_.push_back({one.room, room, row, i});
      ++row;
    }
    is_committing = true;
    database_->execute("COMMIT");
  } catch (const database_error& error) {
    failure_ = error.what();
    roll_back();
    // What a commit has written before it failed may be found when the file is opened again.
    if (is_committing) {
      for (const change& one : committing_) results[one.index] = outcome::unknown;
    }
    return;
  }
  for (const change& one : committing_) results[one.index] = outcome::appended;
  take_committed();
}

void journal_file::resolve(std::span<const output::append> /*what*/, std::span<outcome> results) {
  failure_.clear();
  try {
    insert_.reset();
    database_.reset();
    open(std::chrono::milliseconds(0));
    const bool is_there = database_->number("SELECT max(id) FROM log") >= committing_.back().row;
    std::replace(results.begin(), results.end(), outcome::unknown,
                 is_there ? outcome::appended : outcome::failed);
    if (is_there) take_committed();
  } catch (const std::exception& error) {
    insert_.reset();
    database_.reset();
    failure_ = error.what();
  }
}

journal_file::live_room journal_file::find(const std::string& code) const {
  const auto found = rooms_.find(code);
  return found == rooms_.end() ? live_room{0, 0} : found->second;
}

void journal_file::take_committed() {
  for (const change& one : committing_) {
    next_log_id_ = one.row + 1;
    next_room_id_ = std::max(next_room_id_, one.room.id + 1);
    if (one.room.head != 0) {
      rooms_.insert_or_assign(one.code, one.room);
    } else {
      rooms_.erase(one.code);
      ended_.emplace(one.room.id, one.row);
    }
  }
  committing_.clear();
}

std::optional<std::chrono::milliseconds> journal_file::keep_up(bool is_idle) {
  failure_.clear();
  bool has_more = !is_idle;
  if (is_idle || log_rows() > most_log_rows) has_more = compact_some();
  std::string trouble = failure_;
  const bool is_large = wal_pages_ > most_wal_pages;
  if (is_large || (is_idle && !has_more)) checkpoint();
  if (failure_.empty()) failure_ = std::move(trouble);
  counted_rows_ = static_cast<std::uint64_t>(log_rows());
  return has_more || !is_idle ? std::optional(idle_time) : std::nullopt;
}

bool journal_file::compact_some() {
  if (!is_open()) return false;
  failure_.clear();
  const std::int64_t end = std::min(first_log_id_ + rows_in_a_slice, next_log_id_);
  if (first_log_id_ >= end) return false;
  try {
    database_->execute("BEGIN IMMEDIATE");
    const std::map<std::int64_t, std::optional<session::room>> changed = read_log(end);
    write_states(changed);
    statement remove = database_->prepare("DELETE FROM log WHERE id < ?");
    remove.bind(1, end).run();
    database_->execute("COMMIT");
    first_log_id_ = end;
    for (const auto& [room, state] : changed) {
      if (!state) ended_.erase(room);
    }
    return first_log_id_ < next_log_id_;
  } catch (const std::exception& error) {
    failure_ = error.what();
    roll_back();
    return false;
  }
}

void journal_file::write_states(
    const std::map<std::int64_t, std::optional<session::room>>& states) {
  statement replace = database_->prepare("INSERT OR REPLACE INTO room (id, state) VALUES (?, ?)");
  statement remove = database_->prepare("DELETE FROM room WHERE id = ?");
  for (const auto& [id, state] : states) {
    if (state) {
      replace.bind(1, id).bind(2, session::write_snapshot(*state)).run();
    } else {
      remove.bind(1, id).run();
    }
  }
}

std::vector<std::string> journal_file::integrity_faults() {
  std::vector<std::string> faults;
  if (!is_open()) return faults;
  try {
    statement check = database_->prepare("PRAGMA integrity_check(20)");
    while (check.next_row()) {
      if (check.text(0) != "ok") faults.emplace_back(check.text(0));
    }
  } catch (const database_error& error) {
    faults.emplace_back(error.what());
  }
  return faults;
}

void journal_file::copy_to(const std::string& file) {
  const int descriptor =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category());
  ::close(descriptor);
  try {
    if (!is_open()) throw std::runtime_error("the journal could not be opened again");
    // It is empty, which SQLite takes for a new one. Its version is copied, too.
    statement copy = database_->prepare("VACUUM INTO ?");
    copy.bind(1, file).run();
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw;
  }
}

void journal_file::checkpoint() {
  if (!is_open()) return;
  failure_.clear();
  if (sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                nullptr) != SQLITE_OK) {
    failure_ = sqlite3_errmsg(database_->handle());
    return;
  }
  wal_pages_ = 0;
}

void journal_file::close() {
  checkpoint();
  if (!is_open()) return;
  // Then SQLite removes its other files.
  if (failure_.empty()) {
    sqlite3_db_config(database_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  }
  insert_.reset();
  database_.reset();
}

void journal_file::count(journal_counters& into) const {
  into.log_appends = counted_rows_;
  into.file = journal_file_counters{size_of(name_ + "-wal"), size_of(name_)};
}

void journal_file::roll_back() noexcept {
  try {
    if (database_->is_in_transaction()) database_->execute("ROLLBACK");
  } catch (const std::exception&) {
    // The next BEGIN says what is wrong.
  }
}

}  // namespace downbeat::host
