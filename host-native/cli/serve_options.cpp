#include "cli/serve_options.hpp"

#include "http/origin.hpp"
#include "http/trusted_proxies.hpp"
#include "log/line.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

namespace downbeat::host {
namespace {

// A browser's timers take no longer delays.
constexpr std::int64_t longest_ms = 2'147'483'647;
// More than that is no limit, and a recording could not say it.
constexpr std::int64_t largest = 2'147'483'647;

// For events of any size, still every message takes memory.
constexpr std::int64_t unlimited_payload_bytes = 1'000'000;

std::string environment_name(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return "DOWNBEAT_" + name;
}

std::string check_path(const std::string& path) {
  if (path.size() >= 2 && path.starts_with('/') && path.ends_with('/')) return {};
  return "must begin and end with a slash, such as /socket.io/";
}

std::string check_folder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  return "there is no folder " + folder;
}

std::string check_policy(const std::string& policy) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::all_of(policy.begin(), policy.end(), is_printable)) return {};
  return "must be text without control characters, such as default-src 'self'";
}

std::string check_origin(const std::string& origin) {
  if (origin == "*" || is_origin(origin)) return {};
  return "must be * or an origin such as https://jam.example";
}

std::string check_network(const std::string& network) {
  if (is_network(network)) return {};
  return "must be an address such as 192.0.2.1 or a network such as 10.0.0.0/8";
}

// The whole table: each option is one line of the help, one variable and one key of the file.
class option_table {
 public:
  explicit option_table(serve_options& into) {
    app.set_version_flag("--version", "downbeat " + version_text(),
                         "Print the version and the commit");
    app.set_help_flag("-h,--help", "Print this help");
    app.add_option("--config", config_file, "Read options from a file with lines like port = 3001")
        ->type_name("FILE");

    group = "Listening";
    text("host", into.server.host, "NAME",
         "Name or address to listen on (default: every interface, IPv6 and IPv4)");
    number("port", into.server.port, 0, 65'535, "", "TCP port; 0 picks a free one");
    number("threads", into.threads, 1, 64, "",
           "Event loops, each on a thread of its own; a session is whole on one of them");
    text("path", into.server.path, "PATH", "Path of Socket.IO")->check(check_path);
    text("web-root", into.server.web_root, "DIR", "Folder to serve at /")->check(check_folder);
    add(app.add_option("--content-security-policy", content_security_policy,
                       "What pages in that folder may do (default: only what comes from this "
                       "server, and nothing inline); none for no policy"),
        "content-security-policy", "POLICY")
        ->check(check_policy);
    add(app.add_option("--cors-origin", into.server.cors_origins,
                       "Origin whose pages may connect, beside the server's own and the "
                       "loopback's; * for all; may be repeated"),
        "cors-origin", "ORIGIN")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(check_origin);

    add(app.add_option("--trusted-proxy", into.server.trusted_proxies,
                       "Proxy whose X-Forwarded-For is believed, or a network of such; may be "
                       "repeated"),
        "trusted-proxy", "ADDRESS")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(check_network);

    group = "Log";
    choice("log-level", into.least_level, "LEVEL", "The least that is logged",
           {{"debug", log_level::debug},
            {"info", log_level::info},
            {"warn", log_level::warn},
            {"error", log_level::error},
            {"off", log_level::off}});
    choice("log-format", into.format, "FORMAT", "Lines for people or for programs",
           {{"text", log_format::text}, {"json", log_format::json}});

    text("record", into.record_file, "FILE",
         "Record all that happens in a new file, for downbeat replay; it will hold secrets");

    group = "Time";
    engineio::options& engineio = into.jam.engineio;
    milliseconds("ping-interval", engineio.ping_interval_ms,
                 "From a sign of life to the next ping");
    milliseconds("ping-timeout", engineio.ping_timeout_ms,
                 "From a ping to the end of a connection that is silent");
    milliseconds("upgrade-timeout", engineio.upgrade_timeout_ms,
                 "For the change from polling to WebSocket");
    milliseconds("connect-timeout", into.jam.socketio.connect_timeout_ms,
                 "For a connection to join a namespace");
    milliseconds("header-timeout", into.server.header_timeout_ms,
                 "For the head of an HTTP request");
    milliseconds("body-timeout", into.server.body_timeout_ms, "For the body of an HTTP request");
    milliseconds("keep-alive-timeout", into.server.keep_alive_timeout_ms,
                 "From an answer to the next HTTP request of a connection");
    milliseconds("send-timeout", into.server.send_timeout_ms,
                 "For a client to read some of an HTTP response");
    number("drain-timeout", into.server.drain_timeout_ms, 0, longest_ms, "MS",
           "For sessions to end by themselves after SIGTERM");
    milliseconds("shutdown-timeout", into.server.shutdown_timeout_ms,
                 "For taking leave of the clients after SIGTERM");

    group = "Limits (0 lifts one)";
    number("max-participants", into.jam.session.max_participants, 0, largest, "",
           "Musicians in one session");
    number("max-sessions", into.jam.session.max_sessions, 0, largest, "", "Sessions at one time");
    number("max-connections", into.server.max_connections, 0, largest, "",
           "TCP connections at one time");
    number("max-connections-by-address", into.server.max_connections_by_address, 0, largest, "",
           "The same from one address");
    number("max-connects-per-second-by-address", into.server.max_connects_per_second_by_address, 0,
           largest, "",
           "New TCP connections of one address in a second, after a burst of twenty times as many");
    number("max-messages-per-second", into.server.max_messages_per_second, 0, largest, "",
           "Messages of one WebSocket that are read in a second; the others wait");
    number("max-event-bytes", into.jam.max_event_bytes, 0, largest, "BYTES",
           "Size of one session:event");
    number("max-events-per-second", into.jam.max_events_per_second, 0, largest, "",
           "Events that one musician plays in a second, after a burst of three times as many");
    number("max-joins-per-minute", into.jam.max_joins_per_minute, 0, largest, "",
           "Sessions that one client creates or joins in a minute");
    number("max-joins-per-minute-by-address", into.jam.max_joins_per_minute_by_address, 0, largest,
           "", "The same for all clients of one address");
    number("max-failed-joins-per-minute", into.jam.max_failed_joins_per_minute, 0, largest, "",
           "Joins of one client in a minute that find no session");
    number("max-failed-joins-per-hour-by-address", into.jam.max_failed_joins_per_hour_by_address, 0,
           largest, "", "Joins from one address in an hour that find no session");
    number("max-failed-joins-per-day", into.jam.max_failed_joins_per_day, 0, largest, "",
           "Joins of all clients in a day that might have found a stranger's session, and did not, "
           "before the server is on its guard");
    number("max-depth", into.jam.max_depth, 0, largest, "", "Levels that a payload may nest");
    number("max-attachments", into.jam.socketio.max_attachments, 0, largest, "",
           "Binary attachments of one event; 0 allows none");
    number("max-name-length", into.jam.max_name_length, 0, largest, "",
           "Characters of a name or an instrument");
    number("max-queued-bytes", engineio.max_queued_bytes, 0, largest, "BYTES",
           "What waits for a client that does not read, before it is dropped");
    number("max-queued-bytes-in-all", engineio.max_queued_bytes_in_all, 0, largest, "BYTES",
           "What waits for all clients on one transport, before the slowest are dropped");
    group = "Limits";
    number("max-header-bytes", into.server.max_header_bytes, 1'024, 1'000'000, "BYTES",
           "Size of the head of an HTTP request");
    number("max-payload", engineio.max_payload_bytes, 1, 1'000'000'000, "BYTES",
           "Size of one WebSocket message or POST; grows with --max-event-bytes");
    add(app.add_flag("--no-limits", is_unlimited, "Lift the rates and counts, for benchmarks"),
        "no-limits", "");
  }

  CLI::App app{
      "Serves jam sessions over Socket.IO.\n"
      "What the command line does not say, the environment may (DOWNBEAT_PORT for --port),\n"
      "and then the file that --config or DOWNBEAT_CONFIG names (port = 3001).",
      "downbeat serve"};
  std::string config_file;
  std::string content_security_policy;
  bool is_unlimited = false;
  std::vector<std::string> names;  ///< of those that the environment and the file may set, too

 private:
  CLI::Option* add(CLI::Option* option, const std::string& name, const std::string& type) {
    option->group(group);
    names.push_back(name);
    if (!type.empty()) option->type_name(type);
    return option;
  }

  CLI::Option* text(const std::string& name, std::string& into, const std::string& type,
                    const std::string& help) {
    CLI::Option* const option = add(app.add_option("--" + name, into, help), name, type);
    if (!into.empty()) option->capture_default_str();
    return option;
  }

  template <class Number>
  void number(const std::string& name, Number& into, std::int64_t least, std::int64_t most,
              const std::string& unit, const std::string& help) {
    const auto check = [least, most](const std::string& value) -> std::string {
      std::int64_t number = 0;
      if (CLI::detail::lexical_cast(value, number) && number >= least && number <= most) return {};
      std::string wish = "must be a whole number of at least " + std::to_string(least);
      if (most != largest) wish += " and at most " + std::to_string(most);
      return wish + ", not " + value;
    };
    add(app.add_option("--" + name, into, help), name, unit.empty() ? "N" : unit)
        ->capture_default_str()
        ->check(check);
  }

  void milliseconds(const std::string& name, std::int64_t& into, const std::string& help) {
    number(name, into, 1, longest_ms, "MS", help);
  }

  template <class Value>
  void choice(const std::string& name, Value& into, const std::string& type,
              const std::string& help, const std::map<std::string, Value>& values) {
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
    add(app.add_option_function<std::string>("--" + name, take, help + ": " + words), name, type)
        ->default_str(standard)
        ->check(check);
  }

  std::string group;
};

std::string in_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

bool is_on_command_line(const std::vector<std::string>& arguments, const std::string& name) {
  const std::string flag = "--" + name;
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& one) {
    return one == flag || one.starts_with(flag + "=");
  });
}

std::string from_environment(const std::string& name) {
  const char* const value = std::getenv(environment_name(name).c_str());
  return value == nullptr ? "" : value;
}

std::string config_file_of(const std::vector<std::string>& arguments) {
  const std::string flag = "--config";
  for (std::size_t i = arguments.size(); i-- > 0;) {
    if (arguments[i] == flag && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with(flag + "=")) return arguments[i].substr(flag.size() + 1);
  }
  return from_environment("config");
}

no_options mistake(std::string why) {
  return {"downbeat serve: " + in_one_line(std::move(why)) + "\n", true};
}

// Arguments for what the command line leaves open, and where each of them is from.
class background {
 public:
  void add(const std::string& name, const std::string& value, const std::string& source) {
    arguments.push_back("--" + name + "=" + value);
    sources_[name] = source;
  }

  [[nodiscard]] bool has(const std::string& name) const { return sources_.count(name) > 0; }

  // Says of a complaint about one of these whose fault it is.
  [[nodiscard]] std::string blame(const std::string& why) const {
    for (const auto& [name, source] : sources_) {
      const std::string flag = "--" + name;
      for (const char* const end : {":", " "}) {
        if (why.find(flag + end) != std::string::npos) return why + " (from " + source + ")";
      }
    }
    return why;
  }

  std::vector<std::string> arguments;

 private:
  std::map<std::string, std::string> sources_;
};

}  // namespace

std::variant<serve_options, no_options> read_serve_options(std::vector<std::string> arguments) {
  serve_options result;
  option_table table(result);
  background others;
  try {
    for (const std::string& name : table.names) {
      const std::string value = from_environment(name);
      if (value.empty() || is_on_command_line(arguments, name)) continue;
      others.add(name, value, environment_name(name));
    }
    if (const std::string file = config_file_of(arguments); !file.empty()) {
      const background environment = others;
      if (!std::filesystem::is_regular_file(file)) return mistake("there is no file " + file);
      for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(file)) {
        const std::string name = item.fullname();
        if (std::find(table.names.begin(), table.names.end(), name) == table.names.end()) {
          return mistake(file + ": there is no option " + name);
        }
        if (is_on_command_line(arguments, name) || environment.has(name)) continue;
        for (const std::string& value : item.inputs) others.add(name, value, file);
      }
    }
    arguments.insert(arguments.begin(), others.arguments.begin(), others.arguments.end());
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    table.app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return no_options{table.app.help(), false};
  } catch (const CLI::CallForVersion& asked) {
    return no_options{std::string(asked.what()) + "\n", false};
  } catch (const CLI::Error& error) {
    return mistake(others.blame(error.what()));
  }

  if (result.jam.engineio.ping_interval_ms + result.jam.engineio.ping_timeout_ms > longest_ms) {
    return mistake("--ping-interval and --ping-timeout must not add up to more than " +
                   std::to_string(longest_ms) + " ms");
  }
  // Where events may be larger, messages may be so, too.
  std::int64_t& max_payload = result.jam.engineio.max_payload_bytes;
  if (table.app.count("--max-payload") == 0) {
    const std::int64_t event = result.jam.max_event_bytes;
    max_payload = event == 0 ? unlimited_payload_bytes
                             : std::clamp(4 * event, max_payload, std::int64_t{1'000'000'000});
  }
  for (const std::string& name : table.names) {
    const CLI::Option* const option = table.app.get_option("--" + name);
    std::string value;
    for (const std::string& one : option->results()) value += (value.empty() ? "" : ",") + one;
    if (option->count() == 0) value = option->get_default_str();
    const bool is_limit = option->get_group().starts_with("Limits") && name != "max-payload";
    result.settings.push_back({name, value, is_limit});
  }
  result.server.max_payload_bytes = result.jam.engineio.max_payload_bytes;
  result.server.max_queued_bytes = result.jam.engineio.max_queued_bytes;
  result.server.max_queued_bytes_in_all = result.jam.engineio.max_queued_bytes_in_all;
  if (result.threads > 1 && !result.record_file.empty()) {
    return mistake("--record writes down what one event loop does, and needs --threads 1");
  }
  if (!table.content_security_policy.empty()) {
    const bool is_none = table.content_security_policy == "none";
    result.server.content_security_policy = is_none ? "" : table.content_security_policy;
  }
  if (table.is_unlimited) {
    result.server.max_connections = 0;
    result.server.max_connections_by_address = 0;
    result.server.max_connects_per_second_by_address = 0;
    result.server.max_messages_per_second = 0;
    result.jam.session.max_participants = 0;
    result.jam.session.max_sessions = 0;
    result.jam.max_events_per_second = 0;
    result.jam.max_joins_per_minute = 0;
    result.jam.max_joins_per_minute_by_address = 0;
    result.jam.max_failed_joins_per_minute = 0;
    result.jam.max_failed_joins_per_hour_by_address = 0;
    result.jam.max_failed_joins_per_day = 0;
  }
  return result;
}

}  // namespace downbeat::host
