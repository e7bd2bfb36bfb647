#pragma once

#include "cluster/update.hpp"
#include "journal/journal_counters.hpp"
#include "output.hpp"
#include "session/room.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// A journal cannot be used. The text is one line for the operator.
class unusable_journal : public std::runtime_error {
 public:
  enum class reason : std::uint8_t {
    in_use,      ///< another process has it
    unreadable,  ///< damaged, of another program, of a newer version, or not to be written
  };

  unusable_journal(const std::string& what, reason why) : std::runtime_error(what), why_(why) {}

  [[nodiscard]] reason why() const { return why_; }

 private:
  reason why_;
};

/// A place where the logs of all rooms are kept. One process has it at a time, and calls it from
/// one thread at a time.
class journal_store {
 public:
  /// What became of an append.
  enum class outcome : std::uint8_t {
    appended,
    failed,   ///< nothing of it is in the store
    unknown,  ///< call `resolve`
    told,     ///< that is, or will be, among the updates
  };

  /// Gets the state of a room, and its snapshot as `session::write_snapshot` writes it.
  using visitor = std::function<void(const session::room& state, std::string_view snapshot)>;

  journal_store() = default;
  journal_store(const journal_store&) = delete;
  journal_store& operator=(const journal_store&) = delete;
  virtual ~journal_store() = default;

  /// Where it is, for the operator, without secrets. Thread-safe.
  [[nodiscard]] virtual const std::string& name() const = 0;

  /// Reads all rooms. Call it once, before anything is appended; `failure` says what else went
  /// wrong. Throws unusable_journal.
  virtual void load(const visitor& take) = 0;
  /// The same later, of the present state.
  virtual void visit(const visitor& take) = 0;

  /// Appends each or nothing of it. Each gets its outcome in `results`. On an error, `failure` says
  /// why, for the operator. Throws unusable_journal once another process has the store.
  virtual void append(std::span<const output::append> what, std::span<outcome> results) = 0;
  /// Finds out what became of the appends of earlier calls whose outcome is unknown, as far as that
  /// is possible now. Throws unusable_journal.
  virtual void resolve(std::span<const output::append> what, std::span<outcome> results) = 0;

  /// Does what must be done between appends, and what can be done while there are none. Returns
  /// after what time without appends it is to be called again, if it is. Throws unusable_journal.
  virtual std::optional<std::chrono::milliseconds> keep_up(bool is_idle) = 0;

  // A store that several processes share.

  /// As `append`. `seen` has for each the number of the last update that its engine had handled
  /// when it decided this.
  virtual void append_after(std::span<const output::append> what,
                            std::span<const std::uint64_t> /*seen*/, std::span<outcome> results) {
    append(what, results);
  }
  /// What the engines are to hear of since the last call, in order.
  virtual std::vector<cluster::update::any> take_updates() { return {}; }
  /// The number of the last update.
  [[nodiscard]] virtual std::uint64_t told() const { return 0; }
  /// From now on this is called, in any thread, when `keep_up` has something to do before its time.
  virtual void wake_by(const std::function<void()>& /*wake*/) {}

  /// Why the last call failed; empty if it did not.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// Faults of the place itself, a line each.
  virtual std::vector<std::string> integrity_faults() = 0;
  /// Copies everything into a new file, readable for its owner only. Throws std::exception.
  virtual void copy_to(const std::string& file) = 0;

  /// Adds figures of the place to those of the appends. Thread-safe.
  virtual void count(journal_counters& into) const = 0;

  /// Ends the use of the store in order.
  virtual void close() = 0;

 protected:
  std::string failure_;
};

}  // namespace downbeat::host
