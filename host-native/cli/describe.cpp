#include "cli/describe.hpp"

#include "cli/option_table.hpp"
#include "cli/output.hpp"
#include "jam/event_table.hpp"
#include "jam/option_table.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace downbeat::host {
namespace {

using json = nlohmann::ordered_json;

json describe_arguments() {
  serve_options defaults;
  const option_table table(defaults);
  json all = json::array();
  for (const option_row& row : table.rows) {
    const CLI::Option* const option = table.app.get_option("--" + row.name);
    all.push_back({{"name", row.name},
                   {"environment", environment_name(row.name)},
                   {"group", row.group},
                   {"value", row.value_name},
                   {"unit", row.unit},
                   {"range", row.range},
                   {"default", row.standard},
                   {"shownDefault", option->get_default_str()},
                   {"help", option->get_description()},
                   {"zeroLifts", row.is_lifted_by_zero},
                   {"live", row.is_live()},
                   {"what", row.what}});
  }
  return all;
}

const char* word_for(jam::zero what) {
  if (what == jam::zero::lifts) return "lifts";
  return what == jam::zero::none ? "none" : "refused";
}

json describe_settings() {
  jam::options defaults = jam::server_defaults();
  json all = json::array();
  for (const jam::option_row& row : jam::option_table) {
    all.push_back({{"name", row.name},
                   {"unit", row.unit},
                   {"zero", word_for(row.zero)},
                   {"default", row.in(defaults)},
                   {"isOfServers", row.default_of_servers.has_value()},
                   {"ofTab", row.is_of_tab},
                   {"what", row.what}});
  }
  return all;
}

const char* word_for(jam::field_kind kind) {
  switch (kind) {
    case jam::field_kind::label: return "label";
    case jam::field_kind::room_code: return "roomCode";
    case jam::field_kind::event_type: return "eventType";
    case jam::field_kind::request_id: return "requestId";
    case jam::field_kind::any: break;
  }
  return "any";
}

template <class Request, class Member>
json describe_field(const jam::field<Request, Member>& one) {
  const bool is_optional = !one.instead.empty() ||
                           std::is_same_v<Member, std::optional<std::string>> ||
                           std::is_same_v<Member, std::optional<std::string_view>>;
  return {{"name", one.name}, {"kind", word_for(one.kind)}, {"optional", is_optional}};
}

template <class Row>
json describe_event(const Row& row) {
  const json fields = std::apply(
      [](const auto&... each) { return json::array({describe_field(each)...}); }, row.fields);
  return {{"name", row.name},
          {"fields", fields},
          {"callerGets", row.text.caller_gets},
          {"othersGet", row.text.others_get},
          {"errors", row.text.errors}};
}

template <class... Requests>
json describe_events(jam::request_list<Requests...>) {
  return json::array({describe_event(jam::row_of<Requests>)...});
}

}  // namespace

int describe(const std::vector<std::string>& arguments) {
  if (!arguments.empty()) {
    return print_mistake("describe", "there is no argument " + in_one_line(arguments.front()), 2);
  }
  const json tables = {{"arguments", describe_arguments()},
                       {"settings", describe_settings()},
                       {"events", describe_events(jam::client_requests())}};
  return print_result("describe", tables.dump(2) + '\n');
}

}  // namespace downbeat::host
