// Several nodes on one Redis, on virtual time.

#include "nodes_on_redis.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace downbeat::cluster::test {
namespace {

using names = std::vector<std::string>;
const std::string jam = "JAZZ-42";
const std::string gig = "ROCK-17";
// The nodes that live, as node 1 sees them.
const std::string both = R"({"self":1,"nodes":[{"id":1,"name":"n1"},{"id":2,"name":"n2"}]})";
const std::string alone = R"({"self":1,"nodes":[{"id":1,"name":"n1"}]})";

std::size_t replaced(const node& of) {
  std::size_t count = 0;
  for (const update::any& one : of.heard) {
    if (std::holds_alternative<update::room_replaced>(one)) ++count;
  }
  return count;
}

TEST_CASE("what one node appends, the others see in the same order", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  node& c = s.start(3);
  CHECK(a.create(jam, "alice") == outcome::appended);
  s.settle();
  CHECK(b.join(jam, "bob") == outcome::appended);
  s.settle();
  CHECK(c.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(a.members(jam) == names{"alice", "bob", "carol"});
  CHECK(b.members(jam) == names{"alice", "bob", "carol"});
  s.check_agreement();
  CHECK(a.all->count().catch_ups_total <= 2);

  CHECK(c.close(jam) == outcome::appended);
  s.settle();
  CHECK(a.rooms.empty());
  s.check_agreement();
}

TEST_CASE("a node that starts later has the rooms of before", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  a.join(jam, "bob");
  node& b = s.start(2);
  CHECK(b.members(jam) == names{"alice", "bob"});
  CHECK(b.heard.size() == 1);  // who lives
  CHECK(b.join(jam, "carol") == outcome::appended);
  s.settle();
  s.check_agreement();
}

TEST_CASE("who is too late first gets what was before, and then the conflict", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  a.join(jam, "bob");
  b.heard.clear();
  CHECK(b.join(jam, "carol") == outcome::conflict);
  REQUIRE(b.heard.size() == 2);
  CHECK(std::get<update::room_appended>(b.heard[0]).room == jam);
  CHECK(b.members(jam) == names{"alice", "bob"});
  CHECK(b.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(b.all->count().conflicts_total == 1);
  s.check_agreement();
}

TEST_CASE("two nodes create a room with the same code", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  CHECK(a.create(jam, "alice") == outcome::appended);
  CHECK(b.create(jam, "bob") == outcome::conflict);
  CHECK(b.members(jam) == names{"alice"});
}

TEST_CASE("appends to different rooms do not conflict, and none comes twice", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  CHECK(a.create(jam, "alice") == outcome::appended);
  CHECK(b.create(gig, "bob") == outcome::appended);
  CHECK(a.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(b.members(jam) == names{"alice", "carol"});
  CHECK(a.members(gig) == names{"bob"});
  CHECK(b.all->count().catch_ups_total <= 2);
  s.check_agreement();
}

TEST_CASE("an append whose answer is lost is appended once, at its place", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  a.link.answers_left = 0;
  const auto id = a.begin_append(jam, {session::event::updated{jam, "alice", "alicia", "harp"}});
  a.take();
  CHECK(a.answer(id) == outcome::unknown);
  b.hear();
  CHECK(b.join(jam, "bob") == outcome::appended);
  a.heard.clear();
  s.settle();
  CHECK(a.answer(id) == outcome::appended);
  CHECK(a.members(jam) == names{"alicia", "bob"});
  s.check_agreement();
}

TEST_CASE("an append that never arrived is a conflict after the connection is back", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  a.link.answers_left = 0;
  const auto id = a.begin_append(jam, {session::event::updated{jam, "alice", "alicia", "harp"}});
  s.redis.fail_over(1);
  s.pass(7'000);
  CHECK(a.answer(id) == outcome::conflict);
  CHECK(a.members(jam) == names{"alice"});
  s.check_agreement();
}

TEST_CASE("a node that was away catches up", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  b.link.is_cut = true;
  s.pass(2'100);
  CHECK(b.join(jam, "bob") == outcome::failed);
  CHECK(b.living == R"({"self":2,"nodes":[]})");
  a.join(jam, "carol");
  a.create(gig, "dave");
  s.pass(1'000);
  CHECK(b.members(jam) == names{"alice"});
  b.link.is_cut = false;
  s.pass(1'000);
  CHECK(b.members(jam) == names{"alice", "carol"});
  CHECK(replaced(b) == 0);
  s.check_agreement();

  SECTION("even if the log is too short for what was missed") {
    s.redis.most_entries = 2;
    b.link.is_cut = true;
    s.pass(1'000);
    for (const char* who : {"erin", "frank", "grace", "heidi"}) {
      CHECK(a.join(jam, who) == outcome::appended);
    }
    a.close(gig);
    b.link.is_cut = false;
    s.pass(1'000);
    CHECK(b.members(jam).size() == 6);
    // The room's own log led there; the other room is gone.
    CHECK(replaced(b) == 1);
    s.check_agreement();
  }
}

TEST_CASE("a published append that is lost is noticed", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  b.link.loses_published = true;
  a.join(jam, "bob");
  b.link.loses_published = false;
  SECTION("by the next one") {
    a.join(jam, "carol");
    b.hear();
    CHECK(b.members(jam) == names{"alice", "bob", "carol"});
    CHECK(b.all->count().gaps_total == 1);
  }
  SECTION("by the sign of life of another node") {
    s.pass(3'000);
    CHECK(b.members(jam) == names{"alice", "bob"});
  }
  SECTION("by the node's own renewals") {
    b.link.loses_published = true;
    s.pass(5'000);
    CHECK(b.members(jam) == names{"alice", "bob"});
  }
  s.settle();
  s.check_agreement();
}

TEST_CASE("after a failover the node that knows most repairs what was lost", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  node& c = s.start(3);
  a.create(jam, "alice");
  s.settle();
  // Only `b` has heard of the last ones when it happens.
  c.link.loses_published = true;
  b.join(jam, "bob");
  b.create(gig, "dave");
  a.hear();
  s.redis.fail_over(2);
  CHECK(s.redis.codes() == names{jam});
  c.link.loses_published = false;
  s.pass(1'000);
  CHECK(s.redis.codes() == names{jam, gig});
  for (node* one : {&a, &b, &c}) CHECK(one->members(jam) == names{"alice", "bob"});
  CHECK(a.all->count().repaired_rooms_total + b.all->count().repaired_rooms_total == 2);
  CHECK(c.all->count().repaired_rooms_total == 0);
  s.check_agreement();
  CHECK(c.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(a.join(gig, "erin") == outcome::appended);
  s.settle();
  s.check_agreement();
}

TEST_CASE("nobody appends while somebody who may know more is waited for", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  b.join(jam, "bob");
  a.hear();
  b.link.is_cut = true;
  s.redis.fail_over(1);
  s.pass(2'000);
  CHECK(a.join(jam, "carol") == outcome::failed);
  CHECK_FALSE(a.all->is_following());
  SECTION("until that is back") {
    b.link.is_cut = false;
    s.pass(1'000);
  }
  SECTION("for a lease at most") {
    s.pass(stage::lease_ms);
    b.link.is_cut = false;
    s.pass(1'000);
  }
  CHECK(a.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(b.members(jam) == names{"alice", "bob", "carol"});
  s.check_agreement();
}

TEST_CASE("an emptied Redis gets everything again", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  b.create(gig, "bob");
  s.settle();
  const bool restarts = GENERATE(true, false);
  s.redis.empty(restarts);
  s.pass(7'000);
  CHECK(s.redis.codes() == names{jam, gig});
  CHECK(replaced(a) + replaced(b) == 0);
  s.check_agreement();
  CHECK(b.join(jam, "carol") == outcome::appended);
  s.settle();
  s.check_agreement();
}

TEST_CASE("rooms that were begun on the emptied Redis stay", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  a.link.is_cut = true;
  s.pass(100);
  s.redis.empty(true);
  node& b = s.start(2);
  CHECK(b.create(gig, "bob") == outcome::appended);
  a.link.is_cut = false;
  s.pass(7'000);
  CHECK(a.members(gig) == names{"bob"});
  CHECK(b.members(jam) == names{"alice"});
  s.check_agreement();
}

TEST_CASE("a node that starts on an empty Redis leaves the repair to those who know", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  s.redis.empty(false);
  s.pass(2'100);
  node& b = s.start(2);
  s.pass(1'000);
  b.restore();
  CHECK(b.members(jam) == names{"alice"});
  s.check_agreement();
}

TEST_CASE("a node whose log has forked takes the others'", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  // `b` alone knows of its last append, and is away while the others go on.
  a.link.loses_published = true;
  b.join(jam, "bob");
  b.link.is_cut = true;
  s.redis.fail_over(1);
  a.link.loses_published = false;
  s.pass(100);
  CHECK(a.join(jam, "carol") == outcome::appended);
  CHECK(a.join(jam, "dave") == outcome::appended);
  b.link.is_cut = false;
  s.pass(1'000);
  CHECK(b.members(jam) == names{"alice", "carol", "dave"});
  CHECK(replaced(b) == 1);
  s.check_agreement();

  SECTION("and what its engine had decided before that is a conflict") {
    const std::uint64_t seen = b.all->told() - b.heard.size();
    const own_append late{{99, jam, 3, "[]", 4}, seen};
    b.all->append({&late, 1}, s.redis.now);
    const auto updates = b.all->take_updates();
    REQUIRE(updates.size() == 1);
    CHECK(std::get<update::append_answered>(updates[0]).how == outcome::conflict);
  }
}

TEST_CASE("a node whose own appends were ahead of others', and are lost, takes the others'",
          "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  b.create(jam, "bob");
  s.settle();
  // `a` does not hear of the second append, and makes the third and the fourth one.
  a.link.loses_published = true;
  b.join(jam, "carol");
  CHECK(a.create(gig, "alice") == outcome::appended);
  CHECK(a.create("FUNK-33", "dave") == outcome::appended);
  a.link.loses_published = false;
  a.link.is_cut = true;
  const bool do_others_go_on = GENERATE(false, true);
  s.redis.fail_over(2);
  s.pass(100);
  if (do_others_go_on) {
    b.join(jam, "erin");
    b.join(jam, "frank");
  }
  a.link.is_cut = false;
  s.pass(2 * stage::lease_ms);
  s.check_agreement();
  CHECK((a.room(gig) != std::nullopt) == !do_others_go_on);
}

TEST_CASE("what was decided behind an append that others were ahead of is a conflict",
          "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  b.join(jam, "bob");
  // An engine that stops appends behind what is not answered.
  const std::uint64_t seen = a.all->told();
  const std::vector<session::any_event> leave = {
      session::event::left{jam, session::participant_id("alice"), session::departure::left}};
  const std::string events = session::write_events(leave);
  const std::vector<own_append> two = {{{98, jam, 1, events, 2}, seen},
                                       {{99, jam, 2, events, 3}, seen}};
  a.all->append(two, s.redis.now);
  std::size_t conflicts = 0;
  for (const update::any& one : a.all->take_updates()) {
    const auto* const answer = std::get_if<update::append_answered>(&one);
    if (answer != nullptr && answer->how == outcome::conflict) ++conflicts;
  }
  CHECK(conflicts == 2);
}

TEST_CASE("a node that has slept is not killed, and catches up", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  s.pass(stage::lease_ms);
  b.is_asleep = true;
  s.pass(2 * stage::lease_ms);
  CHECK(a.living == alone);
  a.join(jam, "bob");
  // It decides before it hears of anything.
  CHECK(b.join(jam, "carol") == outcome::conflict);
  CHECK(b.members(jam) == names{"alice", "bob"});
  b.is_asleep = false;
  s.pass(1'000);
  CHECK(b.join(jam, "carol") == outcome::appended);
  s.settle();
  CHECK(a.living == both);
  s.check_agreement();
}

TEST_CASE("who stops in order is dead at once", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  CHECK(a.living == both);
  b.all->leave(s.redis.now);
  b.is_asleep = true;
  s.settle();
  CHECK(a.living == alone);
}

TEST_CASE("who is killed is dead after a lease, and removed after another", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  s.pass(stage::lease_ms);
  b.is_asleep = true;
  s.pass(stage::lease_ms - 2'500);
  CHECK(a.living == both);
  s.pass(7'100);
  CHECK(a.living == alone);
  CHECK(s.redis.knows(2));
  s.pass(stage::lease_ms + 2'500);
  CHECK_FALSE(s.redis.knows(2));
}

TEST_CASE("after Redis was away, nobody is taken for dead for a lease", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  s.pass(stage::lease_ms);
  s.redis.stop();
  b.is_asleep = true;
  s.pass(2 * stage::lease_ms);
  s.redis.start();
  s.pass(stage::lease_ms - 2'500);
  CHECK(a.living == R"({"self":1,"nodes":[]})");
  s.pass(5'000);
  CHECK(a.living == alone);
}

TEST_CASE("a full Redis refuses what adds, and takes what removes", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  s.redis.is_full = true;
  CHECK(a.join(jam, "bob") == outcome::failed);
  CHECK(a.all->failure() == "OOM");
  CHECK(a.close(jam) == outcome::appended);
}

TEST_CASE("a long log becomes a snapshot, from which others start", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  for (int i = 0; i < 20; ++i) a.join(jam, "bob" + std::to_string(i));
  CHECK(a.all->count().log_appends == 21);
  s.settle();
  CHECK(a.all->count().log_appends == 0);
  a.join(jam, "carol");
  node& b = s.start(2);
  CHECK(b.members(jam).size() == 22);
  s.check_agreement();
}

// The kinds of what a node's engines were given, in order.
std::string heard(const node& of) {
  std::string kinds;
  for (const update::any& one : of.heard) kinds += "!+=n"[one.index()];
  return kinds;
}

TEST_CASE("what no node can have written among the nodes is left out", "[cluster]") {
  stage s;
  s.redis.put_node(0, "x 1 ok p");
  s.redis.put_node(7, "");
  s.redis.put_node(8, "y");
  s.redis.put_node(largest_node + 1, "z 1 ok p");
  node& a = s.start(1);
  CHECK(a.living == alone);
  s.pass(2 * stage::lease_ms);
  CHECK(a.living == alone);
}

TEST_CASE("a node whose text cannot be read is alive while it renews its lease", "[cluster]") {
  stage s;
  node& a = s.start(1);
  s.start(2);
  s.redis.put_node(2, "[of another version]");
  a.all->keep_up(s.redis.now + 2'000);
  a.take();
  CHECK(a.living == R"({"self":1,"nodes":[{"id":1,"name":"n1"},{"id":2,"name":"unknown"}]})");
}

TEST_CASE("a node is gone only after its last appends", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  CHECK(b.join(jam, "bob") == outcome::appended);
  b.all->leave(s.redis.now);
  b.is_asleep = true;
  a.heard.clear();
  // It renews before it takes what was published.
  a.all->keep_up(s.redis.now + 2'000);
  a.take();
  CHECK(a.living == both);
  a.hear();
  CHECK(a.members(jam) == names{"alice", "bob"});
  a.turn();
  CHECK(a.living == alone);
  CHECK(heard(a) == "+n");
}

TEST_CASE("a node is known before what it does", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  s.settle();
  // The news that it is there are lost.
  a.link.loses_published = true;
  node& b = s.nodes.emplace_back(2, s.redis, stage::lease_ms);
  b.turn();
  b.restore();
  a.link.loses_published = false;
  a.heard.clear();
  SECTION("if that is published") {
    CHECK(b.join(jam, "bob") == outcome::appended);
    a.hear();
    CHECK(heard(a) == "n+");
  }
  SECTION("if that is read later") {
    a.link.loses_published = true;
    CHECK(b.join(jam, "bob") == outcome::appended);
    CHECK(a.join(jam, "carol") == outcome::conflict);
    CHECK(heard(a) == "n+!");
  }
  CHECK(a.living == both);
}

TEST_CASE("nobody is dead because the clock of Redis has jumped", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  s.pass(2 * stage::lease_ms);
  a.heard.clear();
  b.heard.clear();
  s.redis.end_leases();
  s.pass(2 * stage::lease_ms);
  CHECK(a.living == both);
  // One of them is the first to renew its lease, and sees itself alone.
  CHECK(heard(a).empty());
  CHECK(heard(b).empty());
}

TEST_CASE("without what is published nobody is taken for dead", "[cluster]") {
  stage s;
  node& a = s.start(1);
  s.start(2);
  s.pass(2 * stage::lease_ms);
  a.all->stop_listening(s.redis.now);
  a.take();
  CHECK(a.living == R"({"self":1,"nodes":[]})");
  a.all->listen_again(s.redis.now);
  a.take();
  CHECK(a.living == both);
}

TEST_CASE("who lives comes once, however much is published", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  a.heard.clear();
  for (int i = 0; i < 100; ++i) {
    b.join(jam, "bob" + std::to_string(i));
    a.hear();
  }
  CHECK(heard(a) == std::string(100, '+'));
}

TEST_CASE("if nothing that is published arrives, the next look is a short one", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  b.link.loses_published = true;
  s.pass(3'000);
  a.join(jam, "bob");
  s.pass(2'200);
  CHECK(b.members(jam) == names{"alice", "bob"});
}

TEST_CASE("an entry that nobody can read does not stop anybody", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  s.redis.put_garbage();
  CHECK(a.join(jam, "bob") == outcome::appended);
  s.pass(3'000);
  CHECK(b.members(jam) == names{"alice", "bob"});
  CHECK(b.join(jam, "carol") == outcome::appended);
  s.pass(3'000);
  s.check_agreement();
  s.start(3);
  s.check_agreement();
}

TEST_CASE("a damaged room does not keep a node from serving the others", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  a.create(gig, "bob");
  s.redis.damage(jam);
  node& b = s.start(2);
  CHECK(b.members(gig) == names{"bob"});
  CHECK(b.members(jam).empty());
  CHECK(b.join(gig, "carol") == outcome::appended);
}

TEST_CASE("events of another room are damage", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  session::event::joined event;
  event.room = gig;
  event.who.id = session::participant_id("bob");
  CHECK(a.append(jam, {event}) == outcome::appended);
  s.settle();
  CHECK(b.members(jam) == names{"alice"});
}

TEST_CASE("a repair goes on after all that was appended until it began", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  // `a` alone knows of its last append, and `b` goes on without that.
  b.link.loses_published = true;
  a.join(jam, "bob");
  a.link.is_cut = true;
  s.redis.fail_over(1);
  b.link.loses_published = false;
  s.pass(100);
  CHECK(b.create(gig, "carol") == outcome::appended);
  s.redis.before_repair = [&] {
    for (const char* who : {"dave", "erin", "frank"}) b.join(gig, who);
  };
  a.link.is_cut = false;
  s.pass(2 * stage::lease_ms);
  CHECK(s.redis.codes() == names{jam, gig});
  s.check_agreement();
}

TEST_CASE("what was published before a repair, and arrives after it, is not followed",
          "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  const auto repair = [&s](std::initializer_list<node*> by) {
    s.redis.empty(false);
    for (const std::int64_t end = s.redis.now + 10'000; s.redis.now < end; s.redis.now += 50) {
      for (node* one : by) one->all->keep_up(s.redis.now);
    }
    for (node* one : by) CHECK(one->all->is_following());
  };
  SECTION("by the one that repairs") {
    b.create(gig, "bob");
    b.close(jam);
    b.all->leave(s.redis.now);
    b.is_asleep = true;
    repair({&a});
    a.hear();
    // Otherwise the number of this one would be that of the close, and nobody would notice.
    CHECK(a.create(gig, "carol") == outcome::appended);
    CHECK(a.members(jam) == names{"alice"});
    s.nodes.pop_back();
  }
  SECTION("by the others") {
    b.create(gig, "bob");
    for (const char* const code : {"SOUL-23", "FUNK-88"}) a.create(code, "carol");
    // `b` has followed further. What `a` has appended itself comes back to it as news.
    repair({&a, &b});
    a.hear();
    CHECK(b.join(gig, "dave") == outcome::appended);
    CHECK(b.join(gig, "erin") == outcome::appended);
  }
  s.pass(5'000);
  s.check_agreement();
}

TEST_CASE("a node that has followed what is lost receives that others have gone on without it",
          "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  // `b` alone knows of its last append, and hears of the new Redis before it notices.
  a.link.loses_published = true;
  b.join(jam, "bob");
  b.hear();
  s.redis.fail_over(1);
  a.link.loses_published = false;
  a.turn();
  CHECK(a.join(jam, "carol") == outcome::appended);
  CHECK(a.create(gig, "dave") == outcome::appended);
  b.hear();
  CHECK(b.members(gig).empty());
  s.pass(5'000);
  CHECK(b.members(jam) == names{"alice", "carol"});
  s.check_agreement();
}

TEST_CASE("a repair may take longer than a lease", "[cluster]") {
  stage s;
  node& a = s.start(1);
  a.create(jam, "alice");
  s.redis.empty(false);
  a.link.slowness_ms = stage::lease_ms + 1'000;
  s.pass(2 * stage::lease_ms);
  CHECK(s.redis.codes() == names{jam});
  s.check_agreement();
}

TEST_CASE("a room whose log did not fit is read again after the connection was lost", "[cluster]") {
  stage s;
  node& a = s.start(1);
  node& b = s.start(2);
  a.create(jam, "alice");
  s.settle();
  a.join(jam, "bob");
  std::string& text = b.link.published.front();
  text = text.substr(0, text.find('[')) + "[]";
  b.link.loses_rooms = true;
  b.hear();
  s.pass(2'000);
  CHECK(b.members(jam) == names{"alice", "bob"});
}

}  // namespace
}  // namespace downbeat::cluster::test
