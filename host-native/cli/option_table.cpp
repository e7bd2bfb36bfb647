#include "cli/option_table.hpp"

#include "cli/option_checks.hpp"
#include "jam/option_table.hpp"
#include "version.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace downbeat::host {
namespace {

// More than that is no limit, and a recording could not say it.
constexpr std::int64_t largest = 2'147'483'647;

/// `ping-interval` of `pingInterval`.
std::string argument_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') result += '-';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

const char* title_of(jam::option_group group) {
  if (group == jam::option_group::time) return "Time";
  return group == jam::option_group::limit ? "Limits (0 lifts one)" : "Limits";
}

std::string value_name_of(const std::string& unit) {
  if (unit == "ms") return "MS";
  if (unit == "seconds") return "SECONDS";
  return unit == "bytes" ? "BYTES" : "N";
}

}  // namespace

std::string environment_name(std::string option) {
  for (char& c : option) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return "DOWNBEAT_" + option;
}

option_table::option_table(serve_options& into)
    : app("Serves jam sessions over Socket.IO.\n"
          "Values come from the command line, else from the environment (DOWNBEAT_PORT for\n"
          "--port), else from the file that --config or DOWNBEAT_CONFIG names (port = 3001).",
          "downbeat serve") {
  app.set_version_flag("--version", "downbeat " + version_text(),
                       "Print the version and the commit");
  app.set_help_flag("-h,--help", "Print this help");
  app.add_option("--config", config_file, "Read options from a file with lines like port = 3001")
      ->type_name("FILE");

  group_ = "Listening";
  text(into.server.host, {.name = "host",
                          .value_name = "NAME",
                          .range = "a name or an address",
                          .standard = "every interface, IPv6 and IPv4",
                          .what = "Name or address to listen on"})
      ->check(check_host);
  number("port", into.server.port, 0, 65'535, "",
         "TCP port; 0 picks a free one, which the ready line names");
  number("threads", into.threads, 1, 64, "threads",
         "Event loops (shards), one thread each. Every session lives on one of them");
  text(into.server.path, {.name = "path",
                          .value_name = "PATH",
                          .range = "a path that begins and ends with `/`",
                          .what = "Path of Socket.IO"})
      ->check(check_path);
  text(into.server.web_root,
       {.name = "web-root",
        .value_name = "DIR",
        .range = "an existing folder",
        .what = "Folder to serve at /: at most 256 MiB and 10,000 files, read again every second"})
      ->check(check_folder);
  text(content_security_policy,
       {.name = "content-security-policy",
        .value_name = "POLICY",
        .range = "a policy, or `none`",
        .standard = "only what comes from this server, and nothing inline",
        .what = "Content-Security-Policy of the pages in that folder; none for no policy"})
      ->check(check_policy);
  text(into.server.tls_certificate,
       {.name = "tls-certificate",
        .value_name = "FILE",
        .range = "a file in PEM",
        .what = "Serve https:// and wss:// with this certificate, followed by those between it and "
                "a root; read again on SIGHUP"});
  text(into.server.tls_key, {.name = "tls-key",
                             .value_name = "FILE",
                             .range = "a file in PEM, without a password",
                             .what = "The private key of that certificate"});
  list(into.server.cors_origins,
       {.name = "cors-origin",
        .value_name = "ORIGIN",
        .range = "an origin, `null` or `*`; may be repeated",
        .what = "Origin whose pages may connect, besides the server's own; * for all. Pages from "
                "the loopback interface may connect if the server is addressed there too"})
      ->check(check_origin);
  list(into.server.trusted_proxies,
       {.name = "trusted-proxy",
        .value_name = "ADDRESS",
        .range = "an address or a network (`10.0.0.0/8`); may be repeated",
        .what = "Proxy, or network of proxies, whose X-Forwarded-For is believed"})
      ->check(check_network);

  group_ = "Sessions";
  text(into.data_folder, {.name = "data",
                          .value_name = "DIR",
                          .range = "a folder, which is created if it is missing",
                          .standard = "in memory: sessions end with the process",
                          .what = "Keep sessions in this folder, so that a restart, also after "
                                  "kill -9, ends none: who was there is away, and comes back"});
  choice("durability", into.how_durable, "HOW",
         "What a session that was acknowledged survives: the end of the process, or also a crash "
         "of the machine, which waits for the disk each time",
         {{"process", durability::process}, {"power", durability::power}});
  text(into.redis_url,
       {.name = "redis",
        .value_name = "URL",
        .range = "`redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS",
        .standard = "no Redis",
        .what = "Keep sessions in this Redis (6.2 or later) instead, so that they outlast this "
                "machine, and share them with all servers that have the same Redis"})
      ->check(check_redis_url);
  text(into.redis_ca_file, {.name = "redis-ca",
                            .value_name = "FILE",
                            .range = "a file in PEM",
                            .standard = "those of the system",
                            .what = "Certificates to trust in the connection to Redis"});
  number("redis-lease", into.redis_lease_ms, 1'000, 600'000, "ms",
         "How long nothing is heard of a server before the others take its participants for away");
  text(into.node_name, {.name = "node",
                        .value_name = "NAME",
                        .range = "1 to 16 letters and digits",
                        .standard = "four letters that are drawn",
                        .what = "Name of this server among those that have the same Redis"})
      ->check(check_node_name);
  number("wait-for-data", into.wait_for_data_s, 0, 31'536'000, "seconds",
         "How long to wait at the start for another process that has the sessions, or for Redis");

  group_ = "Log";
  choice("log-level", into.least_level, "LEVEL", "The lowest level that is logged",
         {{"debug", log_level::debug},
          {"info", log_level::info},
          {"warn", log_level::warn},
          {"error", log_level::error},
          {"off", log_level::off}});
  choice("log-format", into.format, "FORMAT", "Lines for people or for programs",
         {{"text", log_format::text}, {"json", log_format::json}});
  text(into.record_file,
       {.name = "record",
        .value_name = "FILE",
        .range = "a file that does not exist yet",
        .what = "Record every input and output for downbeat replay; the file holds secrets. With "
                "several threads each writes its own: FILE.0, FILE.1 ..."});

  group_ = "Time";
  rows_of_core(into.jam);
  milliseconds("header-timeout", into.server.header_timeout_ms, "For the head of an HTTP request");
  milliseconds("body-timeout", into.server.body_timeout_ms, "For the body of an HTTP request");
  milliseconds("keep-alive-timeout", into.server.keep_alive_timeout_ms,
               "How long an HTTP connection may be idle between two requests");
  milliseconds("send-timeout", into.server.send_timeout_ms,
               "How long a client may take to read some of an HTTP response; any progress starts "
               "the time anew");
  number("drain-timeout", into.server.drain_timeout_ms, 0, longest_ms, "ms",
         "How long sessions may go on after SIGTERM; 0 does not drain");
  milliseconds("shutdown-timeout", into.server.shutdown_timeout_ms,
               "How long connections may take to close after draining");

  group_ = title_of(jam::option_group::limit);
  limit("max-connections", into.server.max_connections,
        "TCP connections at one time; never more than open files allow");
  limit("max-connections-by-address", into.server.max_connections_by_address,
        "TCP connections of one address at one time");
  limit("max-connects-per-second-by-address", into.server.max_connects_per_second_by_address,
        "New TCP connections of one address per second, after a burst of twenty times as many");
  rows_of_core(into.jam);

  group_ = title_of(jam::option_group::size);
  number("max-header-bytes", into.server.max_header_bytes, 1'024, 1'000'000, "bytes",
         "Size of the head of an HTTP request");
  rows_of_core(into.jam);
  const char* const flag = "Lift the limits of counts and rates, for benchmarks";
  add(app.add_flag("--no-limits", is_unlimited, flag),
      {.name = "no-limits", .range = "true or false", .what = flag});
}

// Those of the group that is being listed.
void option_table::rows_of_core(jam::options& into) {
  for (const jam::option_row& row : jam::option_table) {
    if (!row.is_of_serve || title_of(row.group) != group_) continue;
    std::int64_t& value = row.in(into);
    option_row& added = number(
        argument_name(row.name), value, row.zero == jam::zero::refused ? 1 : 0, row.max_of_serve,
        std::string(row.unit), std::string(row.what).append(row.more_of_serve));
    added.is_lifted_by_zero = row.zero == jam::zero::lifts;
    if (row.is_lifted_by_no_limits) added.lifted = &value;
  }
}

const option_row& option_table::row_of(const std::string& name) const {
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const option_row& row) { return row.name == name; });
}

std::vector<std::string> option_table::names() const {
  std::vector<std::string> all;
  for (const option_row& row : rows) all.push_back(row.name);
  return all;
}

CLI::Option* option_table::add(CLI::Option* option, option_row row) {
  option->group(group_);
  if (!row.value_name.empty()) option->type_name(row.value_name);
  row.group = group_;
  rows.push_back(std::move(row));
  return option;
}

CLI::Option* option_table::text(std::string& into, option_row row) {
  std::string help = row.what;
  if (!row.standard.empty()) help += " (default: " + row.standard + ")";
  CLI::Option* const option = app.add_option("--" + row.name, into, help);
  if (!into.empty()) {
    option->capture_default_str();
    row.standard = into;
  }
  return add(option, std::move(row));
}

CLI::Option* option_table::list(std::vector<std::string>& into, option_row row) {
  row.is_list = true;
  CLI::Option* const option = app.add_option("--" + row.name, into, row.what + "; may be repeated");
  return add(option, std::move(row))->allow_extra_args(false);
}

template <class Number>
option_row& option_table::number(const std::string& name, Number& into, std::int64_t min,
                                 std::int64_t max, const std::string& unit,
                                 const std::string& what) {
  const auto check = [min, max](const std::string& value) -> std::string {
    const auto number = read_decimal(value);
    if (number && *number >= min && *number <= max) return {};
    std::string wish = "must be a whole number of at least " + std::to_string(min);
    if (max != largest || value.size() > 9) wish += " and at most " + std::to_string(max);
    return wish + ", in decimal digits, not " + value;
  };
  option_row row{.name = name,
                 .value_name = value_name_of(unit),
                 .unit = unit,
                 .range = std::to_string(min) + " to " + std::to_string(max),
                 .standard = std::to_string(into),
                 .what = what};
  add(app.add_option("--" + name, into, what), std::move(row))->capture_default_str()->check(check);
  return rows.back();
}

void option_table::limit(const std::string& name, std::int64_t& into, const std::string& what) {
  option_row& added = number(name, into, 0, largest, "", what);
  added.is_lifted_by_zero = true;
  added.lifted = &into;
}

void option_table::milliseconds(const std::string& name, std::int64_t& into,
                                const std::string& what) {
  number(name, into, 1, longest_ms, "ms", what);
}

template <class Value>
void option_table::choice(const std::string& name, Value& into, const std::string& value_name,
                          const std::string& what, const std::map<std::string, Value>& values) {
  std::string words;
  std::string standard;
  for (const auto& [word, value] : values) {
    words += (words.empty() ? "" : ", ") + word;
    if (value == into) standard = word;
  }
  const auto take = [&into, values](const std::string& word) { into = values.at(word); };
  const auto check = [values, words](const std::string& word) -> std::string {
    return values.count(word) > 0 ? "" : "must be one of " + words + ", not " + word;
  };
  add(app.add_option_function<std::string>("--" + name, take, what + ": " + words),
      {.name = name, .value_name = value_name, .range = words, .standard = standard, .what = what})
      ->default_str(standard)
      ->check(check);
}

}  // namespace downbeat::host
