#include "cli/serve.hpp"

#include "cli/certificate.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/serve_options.hpp"
#include "cli/service_manager.hpp"
#include "driver/entropy_source.hpp"
#include "driver/recorder.hpp"
#include "driver/wall_watch.hpp"
#include "http/static_files.hpp"
#include "jam/make_engine.hpp"
#include "jam/settings.hpp"
#include "journal/journal_file.hpp"
#include "journal/journal_store.hpp"
#include "journal/journal_writer.hpp"
#include "log/line.hpp"
#include "log/line_writer.hpp"
#include "log/logger.hpp"
#include "node.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_journal.hpp"
#include "replay/header.hpp"
#include "server/server.hpp"
#include "server/urls.hpp"
#include "shard.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::host {
namespace {

// How long a server that has waited for the folder of --data waits for the port, too.
constexpr std::int64_t bind_patience_ms = 5'000;
// How long the process waits at exit for a slow reader of the log.
constexpr std::chrono::seconds most_time_for_last_lines{2};

// Announces that the server is ready, for people and for scripts that wait for it. In text, the
// first line never changes its form.
void say_ready(const serve_options& options, const server_options& server, std::uint16_t port,
               logger& log) {
  const std::string scheme = server.is_tls() ? "https" : "http";
  const std::string url = local_url(scheme, server.host, port);
  const std::vector<std::string> others = network_urls(scheme, server.host, port);
  if (options.format == log_format::json) {
    std::string networks;
    for (const std::string& one : others) networks += (networks.empty() ? "" : " ") + one;
    const log_field fields[] = {{"url", url}, {"network", networks}};
    return log.announce(log.line_of(log_level::info, "listening", fields));
  }
  log.announce("downbeat listening on " + url);
  for (const std::string& one : others) log.announce("On the network: " + one);
  log.announce(server.web_root.empty() ? "Try it: curl " + url + "/healthz, or io(\"" + url +
                                             "\") with any Socket.IO client"
                                       : "Try it: open " + url + " in a browser");
}

// Once the options are known, errors are printed in the log format that they ask for.
int fail(const serve_options& options, const std::string& why, int code) {
  if (options.format == log_format::text) return print_mistake("serve", why, code);
  const log_field fields[] = {{"reason", why}};
  return print_line_of_error(
      json_line(utc_now(), name_of(log_level::error), "the server cannot run", fields), code);
}

// Divides the limit on bytes queued for all clients among the event loops.
jam::options part_of_a_loop(jam::options all, std::int64_t loops) {
  std::int64_t& bytes = all.engineio.max_queued_bytes_in_all;
  if (bytes != 0) bytes = std::max<std::int64_t>(bytes / loops, 1);
  return all;
}

void warn_unless_notified(bool is_told, logger& log) {
  if (is_told) return;
  log.write(log_level::warn, "service manager not notified",
            {{"reason", "cannot write to the socket in NOTIFY_SOCKET"}});
}

void warn_of_certificate(const server_options& options, const tls_context& certificate,
                         logger& log) {
  if (is_key_open(options)) {
    log.write(log_level::warn, "key readable by everybody", {{"file", options.tls_key}});
  }
  if (certificate.expiry_s() <= read_wall_clock() / 1'000) {
    log.write(log_level::warn, "certificate expired",
              {{"file", options.tls_certificate}, {"expires", expiry_of(certificate)}});
  }
}

// Applies changed limits (SIGHUP). On any mistake the server keeps its present limits.
void reload(const std::vector<std::string>& arguments, serve_options& current, server& host,
            logger& log) {
  const auto refuse = [&](std::string_view why) {
    log.write(log_level::error, "limits not reloaded", {{"reason", why}});
  };
  const auto read = read_serve_options(arguments);
  if (const auto* none = std::get_if<no_options>(&read)) return refuse(none->text);
  serve_options wanted = std::get<serve_options>(read);
  // The open packet has already announced maxPayload to the connected clients, so it must not
  // shrink.
  const std::int64_t present_payload = current.server.max_payload_bytes;
  const bool is_smaller = wanted.server.max_payload_bytes < present_payload;
  if (is_smaller) {
    wanted.server.max_payload_bytes = present_payload;
    wanted.jam.engineio.max_payload_bytes = present_payload;
  }
  std::size_t changes = 0;
  for (std::size_t i = 0; i < wanted.settings.size(); ++i) {
    const auto& [name, value, is_limit, is_given] = wanted.settings[i];
    serve_options::setting& present = current.settings[i];
    if (present.value == value) continue;
    const bool is_kept = name == "max-payload" && is_smaller;
    if (is_kept && !is_given) continue;
    if (!is_limit || is_kept) {
      const std::string why = name + (is_limit ? " is made smaller only by a restart"
                                               : " is changed only by a restart");
      log.write(log_level::warn, "option not changed", {{"option", name}, {"reason", why}});
      continue;
    }
    log.write(log_level::info, "limit changed",
              {{"option", name}, {"from", present.value}, {"to", value}});
    present.value = value;
    ++changes;
  }
  current.server.max_payload_bytes = wanted.server.max_payload_bytes;
  host.change_limits(wanted.server,
                     jam::write_options(part_of_a_loop(wanted.jam, current.threads)));
  log.write(log_level::info, "limits reloaded", {{"changes", std::to_string(changes)}});
}

// Reads the certificate again (SIGHUP). On any mistake the server keeps its present one.
void reload_certificate(const serve_options& current, server& host, logger& log) {
  try {
    const auto certificate = read_certificate(current.server);
    if (!certificate) return;
    host.use_certificate(certificate);
    warn_of_certificate(current.server, *certificate, log);
    log.write(log_level::info, "certificate reloaded",
              {{"file", current.server.tls_certificate}, {"expires", expiry_of(*certificate)}});
  } catch (const std::exception& error) {
    log.write(log_level::error, "certificate not reloaded", {{"reason", reason_of(error)}});
  }
}

// An error in a reload must never end a working server.
void reload_safely(const std::vector<std::string>& arguments, serve_options& current, server& host,
                   logger& log) {
  warn_unless_notified(notify_service_manager_of_reload(), log);
  try {
    reload(arguments, current, host, log);
  } catch (const std::exception& error) {
    log.write(log_level::error, "limits not reloaded", {{"reason", reason_of(error)}});
  }
  reload_certificate(current, host, log);
  warn_unless_notified(notify_service_manager("READY=1"), log);
}

redis_address redis_of(const serve_options& options) {
  redis_address address = read_redis_url(options.redis_url);
  address.ca_file = options.redis_ca_file;
  return address;
}

/// `self` is null without --redis.
std::unique_ptr<journal_writer> open_journal(const serve_options& options, const redis_node* self,
                                             logger& log) {
  if (!options.keeps_sessions()) return nullptr;
  const std::chrono::seconds wait(options.wait_for_data_s);
  std::unique_ptr<journal_store> store;
  if (self == nullptr) {
    store = std::make_unique<journal_file>(options.data_folder, options.how_durable, wait);
  } else {
    store = std::make_unique<redis_journal>(redis_of(options), *self, wait, log);
  }
  return std::make_unique<journal_writer>(std::move(store), log);
}

void say_where_sessions_are(const serve_options& options, const server& host, logger& log) {
  if (!options.keeps_sessions()) {
    return log.write(log_level::info, "sessions are in memory",
                     {{"reason", "neither --data nor --redis: they end with the process"}});
  }
  const std::string restored = std::to_string(host.restored_sessions());
  if (options.redis_url.empty()) {
    return log.write(log_level::info, "sessions are kept",
                     {{"folder", options.data_folder}, {"restored", restored}});
  }
  log.write(log_level::info, "sessions are kept",
            {{"redis", read_redis_url(options.redis_url).name()}, {"restored", restored}});
}

struct recording {
  std::string file;
  std::unique_ptr<recorder> to;
};

// Opens one file for each loop, so that no loop waits for another. If one cannot be created, the
// others are deleted: they would make the next attempt fail.
std::vector<recording> begin_recordings(const serve_options& options) {
  std::vector<recording> all;
  if (options.record_file.empty()) return all;
  const auto shards = static_cast<shard_index>(options.threads);
  const jam::options part = part_of_a_loop(options.jam, options.threads);
  try {
    for (shard_index i = 0; i < shards; ++i) {
      const std::string file =
          shards == 1 ? options.record_file : options.record_file + '.' + std::to_string(i);
      auto to = std::make_unique<recorder>(file, replay::write_header(part, {i, shards}));
      all.push_back({file, std::move(to)});
    }
  } catch (...) {
    std::error_code ignored;
    for (const recording& one : all) std::filesystem::remove(one.file, ignored);
    throw;
  }
  return all;
}

void run_server(const std::vector<std::string>& arguments, const serve_options& options,
                logger& log) {
  for (const std::string& one : options.warnings) {
    log.write(log_level::warn, "unknown environment variable", {{"variable", one}});
  }
  std::vector<std::unique_ptr<engine>> cores;
  const auto shards = static_cast<shard_index>(options.threads);
  for (shard_index i = 0; i < shards; ++i) {
    cores.push_back(jam::make_engine(part_of_a_loop(options.jam, options.threads), {i, shards}));
  }
  // Before the port is bound: a process that waits for the sessions takes no clients. As the first
  // process of a container it would not end by these signals.
  for (const int number : {SIGTERM, SIGINT}) {
    std::signal(number, [](int which) { std::_Exit(128 + which); });
  }
  std::optional<redis_node> self;
  if (!options.redis_url.empty()) {
    self = draw_node(options.node_name, std::chrono::milliseconds(options.redis_lease_ms));
  }
  std::unique_ptr<journal_writer> journal = open_journal(options, self ? &*self : nullptr, log);
  // From here on the sessions are to be given up in order; `obey_signals` hears what comes
  // meanwhile.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const auto certificate = read_certificate(options.server);
  server_options of_server = options.server;
  of_server.listening_sockets = take_listening_sockets();
  if (!of_server.listening_sockets.empty()) {
    of_server.host = address_of(of_server.listening_sockets.front());
  }
  // A process that was killed gives up its folder a moment before its port.
  if (options.wait_for_data_s > 0) of_server.bind_patience_ms = bind_patience_ms;
  server host(of_server, std::move(cores), log);
  if (certificate) {
    host.use_certificate(certificate);
    warn_of_certificate(options.server, *certificate, log);
  }
  std::vector<recording> recordings = begin_recordings(options);
  for (shard_index i = 0; i < recordings.size(); ++i) {
    host.record(i, std::move(recordings[i].to));
    log.write(log_level::warn, "recording everything, secrets included",
              {{"file", recordings[i].file}});
  }
  serve_options current = options;
  host.obey_signals([&] { reload_safely(arguments, current, host, log); },
                    [&] { warn_unless_notified(notify_service_manager("STOPPING=1"), log); });
  if (journal) host.use_journal(std::move(journal), options.data_folder);
  if (self) host.use_relay(redis_of(options), self->id);
  say_ready(options, of_server, host.port(), log);
  say_where_sessions_are(options, host, log);
  warn_unless_notified(notify_service_manager("READY=1"), log);
  host.run();
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
  prepare_server_process();
  const auto read = read_serve_options(arguments);
  if (const auto* none = std::get_if<no_options>(&read)) {
    return none->is_mistake ? print_mistake("serve", none->text, 2)
                            : print_result("serve", none->text);
  }
  const auto& options = std::get<serve_options>(read);
  logger log(options.least_level, options.format);
  int code = 0;
  try {
    run_server(arguments, options, log);
  } catch (const unusable_folder& error) {
    code = fail(options, "--web-root: " + reason_of(error), 2);
  } catch (const unusable_certificate& error) {
    code = fail(options, reason_of(error), 2);
  } catch (const unusable_journal& error) {
    const bool is_in_use = error.why() == unusable_journal::reason::in_use;
    const char* const option = options.redis_url.empty() ? "--data: " : "--redis: ";
    code = fail(options, option + reason_of(error), is_in_use ? 3 : 4);
  } catch (const std::exception& error) {
    code = fail(options, reason_of(error), 1);
  }
  // If the log's reader has stalled, exit without it: the destructor of the log would wait for it.
  if (!log.finish(most_time_for_last_lines)) std::_Exit(code);
  return code;
}

}  // namespace downbeat::host
