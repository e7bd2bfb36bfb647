#include "cluster/entry_text.hpp"

#include "cluster/lineages.hpp"
#include "cluster/nodes.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::cluster {
namespace {

TEST_CASE("an entry is read as it was written", "[cluster]") {
  const log_entry created{7, "JAZZ-42", "1:1", 0, "", 2, "c0ffee", R"([{"a": 1}])"};
  CHECK(write_entry(created) == R"(JAZZ-42 1:1 0 - 2 c0ffee [{"a": 1}])");
  CHECK(read_entry(7, write_entry(created)) == created);
  const publication one{publication::kind::entry, created};
  CHECK(read_publication(write_publication(one))->entry == created);
  CHECK(read_publication("7 *")->what == publication::kind::sign);
  CHECK(read_publication("7 ?")->what == publication::kind::nodes);
  CHECK(read_publication("9 * 1-2")->entry.append == "1-2");
}

TEST_CASE("what is no entry is not read", "[cluster]") {
  for (const std::string text : {"", "JAZZ-42", "JAZZ-42 1:1 x - 2 c []", "JAZZ-42 1:1 0 - 2 c",
                                 "JAZZ-42 1:1 0 - -2 c []"}) {
    CHECK_FALSE(read_entry(1, text));
  }
  CHECK_FALSE(read_publication("x *"));
  CHECK_FALSE(read_publication("1"));
}

TEST_CASE("an announcement is read as it was written", "[cluster]") {
  const announcement one{"a", 12, true, "process 1-1 2-1"};
  CHECK(write_announcement(one) == "a 12 lost process 1-1 2-1");
  CHECK(read_announcement(write_announcement(one)) == one);
  for (const char* text : {"", "a", "a 1", "a x ok p", "a\" 1 ok p", " 1 ok p"}) {
    CHECK_FALSE(read_announcement(text));
  }
}

TEST_CASE("lineages are joined without repetition, and the old ones forgotten", "[cluster]") {
  CHECK(join_lineages("c", "b a", "x a") == "c b x a");
  CHECK(has_lineage("c b x a", "x"));
  CHECK_FALSE(has_lineage("c b xx a", "x"));
  CHECK(latest("c b") == "c");
  std::string all;
  for (int i = 0; i < 40; ++i) all = join_lineages(std::to_string(i), all, "");
  CHECK(latest(all) == "39");
  CHECK(has_lineage(all, "24"));
  CHECK_FALSE(has_lineage(all, "23"));
}

}  // namespace
}  // namespace downbeat::cluster
