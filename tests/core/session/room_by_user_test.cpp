#include "session/room_by_user.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace downbeat::session {
namespace {

/// Rooms and an index of their participants, kept in step, as a directory does it.
struct house {
  explicit house(room_by_user::hash_function hash) : all(hash) {}

  void enter(const user_id& user, room& where) {
    room* const before = all.find(user);
    where.participants.push_back({user, "Ada", "piano"});
    before == nullptr ? all.add(user, where) : all.move(user, where);
    if (before != nullptr) take_out(user, *before);
  }

  void leave(const user_id& user) {
    room& where = *all.find(user);
    all.remove(user);
    take_out(user, where);
  }

  static void take_out(const user_id& user, room& of) {
    const auto at = std::find_if(of.participants.begin(), of.participants.end(),
                                 [&](const participant& one) { return one.id == user; });
    of.participants.erase(at);
  }

  room red{"RED-22", 1, 0, 0, {}};
  room blue{"BLUE-33", 2, 0, 0, {}};
  room_by_user all;
};

std::uint64_t all_alike(const user_id&) {
  return 5;
}

std::uint64_t by_length(const user_id& user) {
  return user.size();
}

TEST_CASE("a user is found in their room, wherever they go", "[room_by_user]") {
  const auto hash = GENERATE(&all_alike, &by_length);
  house h(hash);
  CHECK(h.all.find("ada") == nullptr);
  h.enter("ada", h.red);
  h.enter("bob", h.red);
  h.enter("cleo", h.blue);
  CHECK(h.all.find("ada") == &h.red);
  CHECK(h.all.find("bob") == &h.red);
  CHECK(h.all.find("cleo") == &h.blue);
  CHECK(h.all.find("dan") == nullptr);
  CHECK(h.all.size() == 3);

  h.enter("bob", h.blue);
  CHECK(h.all.find("ada") == &h.red);
  CHECK(h.all.find("bob") == &h.blue);
  h.enter("ada", h.blue);
  h.leave("ada");
  CHECK(h.all.find("ada") == nullptr);
  CHECK(h.all.find("bob") == &h.blue);
  CHECK(h.all.find("cleo") == &h.blue);
  CHECK(h.all.size() == 2);

  h.enter("ada", h.red);
  h.leave("bob");
  h.leave("cleo");
  CHECK(h.all.find("ada") == &h.red);
  CHECK(h.all.find("bob") == nullptr);
  CHECK(h.all.size() == 1);
}

}  // namespace
}  // namespace downbeat::session
