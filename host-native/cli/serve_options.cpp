#include "cli/serve_options.hpp"

#include "cli/config_file.hpp"
#include "cli/files.hpp"
#include "cli/option_checks.hpp"
#include "cli/option_table.hpp"
#include "cli/output.hpp"
#include "http/text.hpp"
#include "redis/redis_address.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace downbeat::host {
namespace {

// For events of any size, still every message takes memory.
constexpr std::int64_t unlimited_payload_bytes = 1'000'000;

// A configuration is a page of lines. What is larger is something else, by mistake.
constexpr std::size_t largest_config_bytes = 1024 * 1024;

// Where options are given, by precedence.
enum class source { command_line, environment, file };

// One word on one option, before anybody has looked at it.
struct given {
  std::string name;
  std::optional<std::string> value;  ///< nothing for a flag that stands alone
  source from;
  std::string where;  ///< in words, for the operator; empty for the command line
};

struct refusal {
  std::string why;
};

std::string unknown(const std::string& what, const std::string& name,
                    const std::vector<std::string>& names, const char* before) {
  const std::string meant = nearest(name, names);
  return "there is no option " + what +
         (meant.empty() ? "" : "; did you mean " + (before + meant) + "?");
}

// CLI11 would do this, but takes the next argument, whatever that is, for a value that is missing:
// `--record --port 4310` would record into a file called --port.
std::vector<given> read_arguments(const std::vector<std::string>& arguments,
                                  const option_table& table,
                                  const std::vector<std::string>& names) {
  std::vector<given> all;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with('-')) throw refusal{"there is no argument " + argument};
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string flag = argument.substr(0, equals);
    const std::string name = flag.substr(std::min<std::size_t>(2, flag.size()));
    if (!flag.starts_with("--") || std::find(names.begin(), names.end(), name) == names.end()) {
      throw refusal{unknown(flag, name, names, "--")};
    }
    if (equals < argument.size()) {
      all.push_back({name, argument.substr(equals + 1), source::command_line, {}});
    } else if (name != "config" && table.row_of(name).is_flag()) {
      all.push_back({name, std::nullopt, source::command_line, {}});
    } else {
      if (i + 1 == arguments.size()) throw refusal{flag + " needs a value"};
      const std::string& value = arguments[++i];
      if (value.starts_with("--")) {
        throw refusal{flag + " needs a value, and " + value + " looks like an option; " + flag +
                      "=" + value + " takes it as it is"};
      }
      all.push_back({name, value, source::command_line, {}});
    }
  }
  return all;
}

// A variable that is empty counts as one that is not set: that is how compose files and units pass
// on what somebody may have set.
void read_environment(const std::vector<std::string>& names, std::vector<given>& all) {
  for (const std::string& name : names) {
    const std::string variable = environment_name(name);
    const char* const value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0') continue;
    all.push_back({name, value, source::environment, variable});
  }
}

void read_file_of_options(const std::string& file, const option_table& table,
                          const std::vector<std::string>& names, std::vector<given>& all) {
  const auto text = read_file(file, file_kind::regular, largest_config_bytes);
  if (const auto* none = std::get_if<unreadable_file>(&text)) {
    throw refusal{"cannot read " + file + ": " + none->why};
  }
  const auto read = read_config(std::get<std::string>(text));
  const auto in_line = [&](std::size_t line) { return file + ", line " + std::to_string(line); };
  if (const auto* error = std::get_if<config_error>(&read)) {
    throw refusal{in_line(error->line) + ": " + error->why};
  }
  for (const config_entry& entry : std::get<std::vector<config_entry>>(read)) {
    const std::string where = in_line(entry.line);
    if (std::find(names.begin(), names.end(), entry.name) == names.end()) {
      throw refusal{where + ": " +
                    (entry.name == "config" ? "a file cannot name another one"
                                            : unknown(entry.name, entry.name, names, ""))};
    }
    if (entry.values.size() > 1 && !table.row_of(entry.name).is_list) {
      throw refusal{where + ": " + entry.name + " takes one value, not a list"};
    }
    if (entry.values.empty()) all.push_back({entry.name, std::nullopt, source::file, where});
    for (const std::string& value : entry.values) {
      all.push_back({entry.name, value, source::file, where});
    }
  }
}

// Gives an option its value, or refuses it.
void take(option_table& table, const given& one, bool is_again) {
  const bool is_flag = one.name != "config" && table.row_of(one.name).is_flag();
  const bool is_list = one.name != "config" && table.row_of(one.name).is_list;
  const auto refuse = [&](const std::string& why) {
    throw refusal{"--" + one.name + " " + why +
                  (one.where.empty() ? "" : " (from " + one.where + ")")};
  };
  if (!one.value && !is_flag) refuse("needs a value, such as " + one.name + " = …");
  if (one.value && one.value->empty()) refuse("must not be empty; without it, it has its default");
  if (one.value && std::string_view(*one.value).find('\0') != std::string_view::npos) {
    refuse("must be text");
  }
  if (is_again && !is_list) refuse("is given twice");
  if (is_flag) {
    const auto is_on = one.value ? read_switch(*one.value) : true;
    if (!is_on) refuse("must be true or false, not " + *one.value);
    table.app.get_option("--" + one.name)->add_result(*is_on ? "true" : "false")->run_callback();
    return;
  }
  std::vector<std::string> values;
  if (!is_list) {
    values.push_back(*one.value);
  } else {
    for (std::string_view rest = *one.value;;) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      values.emplace_back(trim(rest.substr(0, comma)));
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  }
  CLI::Option* const option = table.app.get_option("--" + one.name);
  for (const std::string& value : values) {
    if (value.empty()) refuse("must not have an empty part");
    try {
      option->add_result(value)->run_callback();
    } catch (const CLI::Error& error) {
      // It begins with the name of the option and a colon.
      std::string why = error.what();
      if (why.starts_with("--" + one.name + ": ")) why.erase(0, one.name.size() + 4);
      // Kubernetes sets such variables for a service that is called "downbeat".
      if (one.from == source::environment && value.starts_with("tcp://")) {
        why +=
            "; Kubernetes sets this for a service of that name, unless enableServiceLinks is false";
      }
      refuse(why);
    }
  }
}

// The strongest source that speaks of an option; later ones are not heard.
std::map<std::string, source> take_all(option_table& table, const std::vector<given>& all) {
  std::map<std::string, source> taken;
  for (const given& one : all) {
    const auto [at, is_first] = taken.try_emplace(one.name, one.from);
    if (at->second == one.from) take(table, one, !is_first);
  }
  return taken;
}

void lift_limits(const option_table& table, const std::map<std::string, source>& taken) {
  const source lifter = taken.at("no-limits");
  for (const option_row& row : table.rows) {
    if (row.lifted == nullptr) continue;
    const auto given = taken.find(row.name);
    if (given != taken.end() && *row.lifted != 0) {
      if (given->second == lifter) {
        throw refusal{"--no-limits and --" + row.name + " contradict each other"};
      }
      // Who says it closer to the command line is heard.
      if (given->second < lifter) continue;
    }
    *row.lifted = 0;
  }
}

// Whether a folder is inside of another one, or is it. Missing ones count, too.
bool is_in(const std::string& folder, const std::string& outer) {
  std::error_code error;
  const auto inner_path = std::filesystem::weakly_canonical(folder, error);
  const auto outer_path = std::filesystem::weakly_canonical(outer, error);
  const auto [rest, unused] =
      std::mismatch(outer_path.begin(), outer_path.end(), inner_path.begin(), inner_path.end());
  return rest == outer_path.end();
}

void check_redis(const serve_options& all, const std::map<std::string, source>& taken) {
  if (all.redis_url.empty()) {
    if (!all.redis_ca_file.empty()) throw refusal{"--redis-ca needs --redis"};
    if (!all.node_name.empty()) throw refusal{"--node needs --redis"};
    return;
  }
  if (taken.count("durability") > 0) {
    throw refusal{"--durability is of --data; what Redis keeps is decided by its own appendfsync"};
  }
  if (!all.redis_ca_file.empty() && !read_redis_url(all.redis_url).is_tls) {
    throw refusal{"--redis-ca is of TLS, so --redis must begin with rediss://"};
  }
}

void check_together(const serve_options& all, const std::map<std::string, source>& taken) {
  if (all.server.tls_certificate.empty() != all.server.tls_key.empty()) {
    const bool has_certificate = all.server.is_tls();
    throw refusal{std::string(has_certificate ? "--tls-certificate needs --tls-key, too"
                                              : "--tls-key needs --tls-certificate, too")};
  }
  if (all.jam.engineio.ping_interval_ms + all.jam.engineio.ping_timeout_ms > longest_ms) {
    throw refusal{"--ping-interval and --ping-timeout must not add up to more than " +
                  std::to_string(longest_ms) + " ms"};
  }
  if (!all.data_folder.empty() && !all.server.web_root.empty() &&
      is_in(all.data_folder, all.server.web_root)) {
    // Everybody could fetch it, and closing the file would give up SQLite's lock.
    throw refusal{"--data must not be inside of --web-root, which is public"};
  }
  if (!all.data_folder.empty() && !all.redis_url.empty()) {
    throw refusal{"--data and --redis are two places for the same sessions; choose one"};
  }
  if (all.keeps_sessions() && all.jam.reconnect_grace_s == 0) {
    throw refusal{std::string(all.redis_url.empty() ? "--data" : "--redis") +
                  " needs a --reconnect-grace, or nobody could come back after a restart"};
  }
  check_redis(all, taken);
  const bool has_both = taken.count("max-payload") > 0 && taken.count("max-event-bytes") > 0;
  if (has_both && all.jam.max_event_bytes > all.jam.engineio.max_payload_bytes) {
    throw refusal{"--max-event-bytes " + std::to_string(all.jam.max_event_bytes) +
                  " can never be reached with --max-payload " +
                  std::to_string(all.jam.engineio.max_payload_bytes)};
  }
}

std::vector<serve_options::setting> describe(const option_table& table, const serve_options& all) {
  std::vector<serve_options::setting> settings;
  for (const option_row& row : table.rows) {
    const CLI::Option* const option = table.app.get_option("--" + row.name);
    std::string value;
    for (const std::string& one : option->results()) value += (value.empty() ? "" : ",") + one;
    if (option->count() == 0) value = option->get_default_str();
    // These may follow from other ones.
    if (row.name == "max-payload") value = std::to_string(all.server.max_payload_bytes);
    if (row.name == "max-away-seats-by-address") {
      value = std::to_string(all.jam.max_away_seats_by_address);
    }
    if (row.name == "max-away-seats") value = std::to_string(all.jam.max_away_seats);
    settings.push_back({row.name, value, row.is_live(), option->count() > 0});
  }
  return settings;
}

std::vector<std::string> unknown_variables(const std::vector<std::string>& names) {
  const std::string prefix = environment_name({});
  std::vector<std::string> known = {environment_name("config").substr(prefix.size())};
  for (const std::string& name : names)
    known.push_back(environment_name(name).substr(prefix.size()));
  std::vector<std::string> warnings;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    const std::string_view variable(*one);
    if (!variable.starts_with(prefix)) continue;
    const std::string name(variable.substr(0, variable.find('=')).substr(prefix.size()));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    warnings.push_back(prefix + name +
                       (meant.empty() ? "" : "; did you mean " + prefix + meant + "?"));
  }
  std::sort(warnings.begin(), warnings.end());
  return warnings;
}

bool asks_for(const std::vector<std::string>& arguments, std::initializer_list<const char*> flags) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& one) {
    return std::find(flags.begin(), flags.end(), one) != flags.end();
  });
}

serve_options read_all(option_table& table, serve_options& result,
                       const std::vector<std::string>& arguments) {
  const std::vector<std::string> names = table.names();
  std::vector<std::string> with_config = names;
  with_config.emplace_back("config");
  std::vector<given> all = read_arguments(arguments, table, with_config);
  read_environment(with_config, all);
  std::string file;
  for (const given& one : all) {
    if (one.name != "config") continue;
    if (one.value->empty()) throw refusal{"--config must not be empty"};
    if (file.empty()) file = *one.value;
  }
  if (!file.empty()) read_file_of_options(file, table, names, all);
  const std::map<std::string, source> taken = take_all(table, all);

  // Where events may be larger, messages may be so, too.
  std::int64_t& max_payload = result.jam.engineio.max_payload_bytes;
  if (taken.count("max-payload") == 0) {
    const std::int64_t event = result.jam.max_event_bytes;
    max_payload = event == 0 ? unlimited_payload_bytes
                             : std::clamp(4 * event, max_payload, std::int64_t{1'000'000'000});
  }
  // Who may have few connections has no more seats than those by losing them.
  const auto bound = [&](const char* name, std::int64_t& seats, std::int64_t connections) {
    if (taken.count(name) == 0 && seats != 0 && connections != 0) {
      seats = std::min(seats, connections);
    }
  };
  bound("max-away-seats-by-address", result.jam.max_away_seats_by_address,
        result.server.max_connections_by_address);
  bound("max-away-seats", result.jam.max_away_seats, result.server.max_connections);
  check_together(result, taken);
  if (result.keeps_sessions()) result.jam.journal = jam::journal_kind::host;
  result.server.max_payload_bytes = max_payload;
  result.server.max_queued_bytes = result.jam.engineio.max_queued_bytes;
  result.server.max_queued_bytes_in_all = result.jam.engineio.max_queued_bytes_in_all;
  if (!table.content_security_policy.empty()) {
    const bool is_none = table.content_security_policy == "none";
    result.server.content_security_policy = is_none ? "" : table.content_security_policy;
  }
  if (table.is_unlimited) lift_limits(table, taken);
  // The host paces WebSockets as the core paces POSTs.
  result.server.max_messages_per_second = result.jam.engineio.max_messages_per_second;
  result.settings = describe(table, result);
  result.warnings = unknown_variables(names);
  return result;
}

}  // namespace

std::variant<serve_options, no_options> read_serve_options(
    const std::vector<std::string>& arguments) {
  serve_options result;
  option_table table(result);
  try {
    if (asks_for(arguments, {"-h", "--help"})) return no_options{table.app.help(), false};
    if (asks_for(arguments, {"--version"})) return no_options{table.app.version() + "\n", false};
    return read_all(table, result, arguments);
  } catch (const refusal& error) {
    return no_options{in_one_line(error.why), true};
  }
}

}  // namespace downbeat::host
