#pragma once

#include "operations/request.hpp"
#include "shard.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace downbeat::host {

/// Passes an operator's queries and commands to the event loops one after the other, and combines
/// their answers. A list consists of the first loop's, then the second's, and so on; the cursors
/// that operators see begin with the loop's number and a colon. A session or a participant belongs
/// to one loop only, which is found by asking each. A connection that migrates between two pages
/// may be on both, or on none.
///
/// Runs in one thread.
class operator_desk {
 public:
  using receiver = std::function<void(std::string answer)>;
  enum class kind { query, command };
  /// Asks one loop. The answer must come through `answered`, after this call has returned.
  using messenger =
      std::function<void(shard_index where, kind what, std::uint64_t id, std::string json)>;

  operator_desk(shard_index loops, messenger ask) : loops_(loops), ask_(std::move(ask)) {}

  /// A query or a command as JSON (see operations/request.hpp). `done` gets the answer, or an error
  /// after `close`.
  void query(std::string json, receiver done);
  void operate(std::string json, receiver done);

  /// A loop has answered.
  void answered(std::uint64_t id, const std::string& json);

  /// The loops will not answer any more: pending callers get an error.
  void close();

 private:
  struct inquiry {
    kind what;
    std::string json;  ///< the request for the loops
    bool is_list;      ///< each loop has a part of it
    shard_index where;
    receiver done;
  };

  void ask(inquiry what);

  shard_index loops_;
  messenger ask_;
  std::uint64_t asked_ = 0;
  std::map<std::uint64_t, inquiry> open_;
};

}  // namespace downbeat::host
