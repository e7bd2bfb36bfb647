#pragma once

#include "session/directory.hpp"
#include "session/event.hpp"
#include "session/event_text.hpp"
#include "session/participant.hpp"
#include "session/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

/// The notifications that follow from a command, so that tests can check them for each user.
namespace downbeat::session::test {

namespace notified {

/// For `user`, who is the host and alone.
struct created {
  user_id user;
  std::string room;

  friend bool operator==(const created&, const created&) = default;
};

/// For `user`, who has become a participant.
struct joined {
  user_id user;
  std::string room;
  std::vector<participant> participants;  ///< in order of joining
  user_id host;
  bool again;  ///< they were in this room already; nothing has changed

  friend bool operator==(const joined&, const joined&) = default;
};

/// For the others in the room.
struct user_joined {
  std::string room;
  participant user;

  friend bool operator==(const user_joined&, const user_joined&) = default;
};

/// For those who remain in the room.
struct user_left {
  std::string room;
  user_id user;

  friend bool operator==(const user_left&, const user_left&) = default;
};

/// For everybody in the room.
struct host_changed {
  std::string room;
  user_id host;

  friend bool operator==(const host_changed&, const host_changed&) = default;
};

/// For the others in the room.
struct user_updated {
  std::string room;
  participant user;

  friend bool operator==(const user_updated&, const user_updated&) = default;
};

/// For no user: the last participant has left, and the room and its code are gone.
struct room_closed {
  std::string room;

  friend bool operator==(const room_closed&, const room_closed&) = default;
};

/// For the shard of `user`: a place is reserved for them.
struct reserved {
  user_id user;

  friend bool operator==(const reserved&, const reserved&) = default;
};

/// For `user`, whose command has changed nothing.
struct refused {
  user_id user;
  refusal reason;
  std::string room;  ///< the code as the user typed it; empty if the command has none

  friend bool operator==(const refused&, const refused&) = default;
};

}  // namespace notified

using any_notified =
    std::variant<notified::created, notified::joined, notified::user_joined, notified::user_left,
                 notified::host_changed, notified::user_updated, notified::room_closed,
                 notified::reserved, notified::refused>;

/// The user of a command; an empty id if it has none.
struct user_of_command {
  template <class Command>
  participant_id operator()(const Command& which) const {
    return which.user;
  }
  participant_id operator()(const command::close_if_empty&) const { return {}; }
};

/// Carries out a command as the application does in memory: decides it, applies its events, and
/// leaves the former room. Returns the notifications in this order.
inline std::vector<any_notified> apply(directory& all, const any_command& command) {
  std::vector<any_notified> out;
  const participant_id user = std::visit(user_of_command(), command);
  const auto evolve = [&](const decision& decided) {
    for (const any_event& what : std::get<std::vector<any_event>>(decided)) {
      all.evolve(what);
      if (const auto* created = std::get_if<event::created>(&what)) {
        out.emplace_back(notified::created{created->who.id, created->room});
      } else if (const auto* joined = std::get_if<event::joined>(&what)) {
        const room* const place = all.find(joined->room);
        out.emplace_back(notified::joined{joined->who.id, joined->room, place->participants,
                                          place->host(), false});
        out.emplace_back(notified::user_joined{joined->room, joined->who});
      } else if (const auto* updated = std::get_if<event::updated>(&what)) {
        out.emplace_back(notified::user_updated{
            updated->room, {updated->user, updated->name, updated->instrument}});
      } else if (const auto* left = std::get_if<event::left>(&what)) {
        out.emplace_back(notified::user_left{left->room, left->user});
      } else if (const auto* changed = std::get_if<event::host_changed>(&what)) {
        out.emplace_back(notified::host_changed{changed->room, changed->host});
      } else {
        out.emplace_back(notified::room_closed{std::get<event::closed>(what).room});
      }
    }
  };
  const room* const before = all.room_of(user);
  const std::string code_before = before == nullptr ? std::string() : before->code;
  const decision decided = all.decide(command);
  if (const auto* no = std::get_if<refused>(&decided)) {
    out.emplace_back(notified::refused{user, no->reason, no->room});
    return out;
  }
  evolve(decided);
  if (const auto* hold = std::get_if<command::reserve>(&command)) {
    out.emplace_back(notified::reserved{user});
    evolve(all.decide(command::close_if_empty{all.reserve(user, hold->code)}));
  } else if (std::holds_alternative<command::cancel_reservation>(command)) {
    evolve(all.decide(command::close_if_empty{all.cancel_reservation(user)}));
  } else if (std::holds_alternative<command::join>(command) && out.empty()) {
    out.emplace_back(
        notified::joined{user, before->code, before->participants, before->host(), true});
  } else if (before != nullptr && (std::holds_alternative<command::join>(command) ||
                                   std::holds_alternative<command::create>(command))) {
    evolve(all.decide(command::move_away{user, code_before}));
  }
  return out;
}

}  // namespace downbeat::session::test

/// Makes Catch2 print these in a failed test.
namespace Catch {

template <>
struct StringMaker<downbeat::session::user_id> {
  static std::string convert(const downbeat::session::user_id& who) { return who.str(); }
};

template <>
struct StringMaker<downbeat::session::participant> {
  static std::string convert(const downbeat::session::participant& who) {
    return who.id.str() + " (" + who.name + ", " + who.instrument + ")";
  }
};

template <>
struct StringMaker<downbeat::session::any_event> {
  static std::string convert(const downbeat::session::any_event& what) {
    return downbeat::session::write_event(what);
  }
};

template <>
struct StringMaker<downbeat::session::test::any_notified> {
  static std::string convert(const downbeat::session::test::any_notified& what) {
    return std::visit([](const auto& which) { return describe(which); }, what);
  }

 private:
  static std::string describe(const downbeat::session::test::notified::created& e) {
    return e.user.str() + " created " + e.room;
  }
  static std::string describe(const downbeat::session::test::notified::joined& e) {
    return e.user.str() + " joined " + e.room + (e.again ? " again" : "") + " with host " +
           e.host.str() + " and " + Detail::stringify(e.participants);
  }
  static std::string describe(const downbeat::session::test::notified::user_joined& e) {
    return e.room + " sees " + Detail::stringify(e.user) + " join";
  }
  static std::string describe(const downbeat::session::test::notified::user_left& e) {
    return e.room + " sees " + e.user.str() + " leave";
  }
  static std::string describe(const downbeat::session::test::notified::host_changed& e) {
    return e.room + " has host " + e.host.str();
  }
  static std::string describe(const downbeat::session::test::notified::user_updated& e) {
    return e.room + " sees " + Detail::stringify(e.user) + " change";
  }
  static std::string describe(const downbeat::session::test::notified::room_closed& e) {
    return e.room + " closed";
  }
  static std::string describe(const downbeat::session::test::notified::reserved& e) {
    return "a place is reserved for " + e.user.str();
  }
  static std::string describe(const downbeat::session::test::notified::refused& e) {
    return e.user.str() + " refused: " + std::string(downbeat::session::code_of(e.reason)) + " '" +
           e.room + "'";
  }
};

}  // namespace Catch
