// The tables of options and of events, from which so much follows, contradict nothing.

#include "jam/event_table.hpp"
#include "jam/option_table.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string_view>
#include <tuple>

namespace downbeat::jam {
namespace {

template <class Request>
void check_row() {
  constexpr auto row = row_of<Request>;
  CAPTURE(row.name);
  CHECK(row.name.starts_with("session:"));
  CHECK(row.text.errors.find("invalid_payload") != std::string_view::npos);
  std::set<std::string_view> names;
  const auto is_new = [&](std::string_view name) { return names.insert(name).second; };
  CHECK(std::apply([&](const auto&... each) { return (is_new(each.name) && ...); }, row.fields));
}

template <class... Requests>
void check_rows(request_list<Requests...>) {
  (check_row<Requests>(), ...);
}

}  // namespace

TEST_CASE("each event has a name of its own, and so has each field of an event") {
  std::set<std::string_view> names;
  for (const std::string_view name : event_names(client_requests())) {
    CHECK(names.insert(name).second);
  }
  check_rows(client_requests());
}

TEST_CASE("a field of one name is of one kind in all events, since redaction goes by the name") {
  const auto all = field_names(client_requests());
  for (const field_name& one : all) {
    for (const field_name& other : all) {
      CAPTURE(one.name);
      if (one.name == other.name) CHECK(one.kind == other.kind);
    }
  }
}

TEST_CASE("options that --no-limits lifts are those that 0 lifts") {
  for (const option_row& row : option_table) {
    CAPTURE(row.name);
    CHECK_FALSE(row.what.empty());
    if (row.is_lifted_by_no_limits) CHECK(row.zero == zero::lifts);
    // Only limits can be lifted.
    if (row.group != option_group::limit) CHECK(row.zero != zero::lifts);
  }
}

}  // namespace downbeat::jam
