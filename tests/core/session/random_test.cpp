#include "base/entropy.hpp"
#include "session/directory.hpp"
#include "support/session_events.hpp"
#include "support/session_invariants.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace downbeat::session {
namespace {

/// Users who do what comes to their minds.
class crowd {
 public:
  crowd(std::uint64_t seed, int size) : random_(seed) {
    for (int i = 0; i < size; ++i) users.emplace_back("user " + std::to_string(i));
  }

  any_command next_command(const directory& all) {
    const user_id user = anybody();
    switch (random_.below(8)) {
      case 0: return command::create{user, "Name", "unknown", random_.next()};
      case 1:
      case 2:
      case 3: return command::join{user, some_code(all), "Name", "piano"};
      case 4: return command::leave{user, code_of_room(all.room_of(user))};
      case 5: return command::leave{user, some_code(all)};
      case 6: return command::update{user, "New name", std::nullopt};
      default: return command::disconnect{user};
    }
  }

  std::vector<user_id> users;

 private:
  user_id anybody() { return users[static_cast<std::size_t>(random_.below(users.size()))]; }

  static std::string code_of_room(const room* place) {
    return place == nullptr ? "INVALID-99" : place->code;
  }

  std::string some_code(const directory& all) { return code_of_room(all.room_of(anybody())); }

  splitmix64 random_;
};

bool is_refused(const std::vector<test::any_notified>& notified) {
  return notified.size() == 1 && std::holds_alternative<test::notified::refused>(notified.front());
}

TEST_CASE("whatever users do, nothing of what must hold is ever broken") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
  CAPTURE(seed);
  const limits limits = seed % 2 == 0 ? session::limits{3, 4} : session::limits{0, 0};
  directory all(limits);
  directory twin(limits);
  crowd crowd(seed, 12);
  for (int step = 0; step < 500; ++step) {
    CAPTURE(step);
    const any_command command = crowd.next_command(all);
    const std::int64_t sessions = all.session_count();
    const std::int64_t participants = all.participant_count();
    const std::vector<test::any_notified> notified = test::apply(all, command);
    REQUIRE(test::broken_invariant(all, limits, crowd.users) == "");
    REQUIRE(test::apply(twin, command) == notified);
    if (is_refused(notified)) {
      REQUIRE(all.session_count() == sessions);
      REQUIRE(all.participant_count() == participants);
    }
  }
  for (const user_id& user : crowd.users) test::apply(all, command::disconnect{user});
  CHECK(all.session_count() == 0);
  CHECK(all.participant_count() == 0);
}

}  // namespace
}  // namespace downbeat::session
