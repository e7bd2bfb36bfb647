#include "cli/serve.hpp"

#include "cli/serve_options.hpp"
#include "jam/make_engine.hpp"
#include "jam/settings.hpp"
#include "log/logger.hpp"
#include "server/recorder.hpp"
#include "server/server.hpp"
#include "shard.hpp"
#include "trace/player.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool is_every = host.empty() || host == "0.0.0.0" || host == "::";
  std::string name = is_every ? "localhost" : host;
  if (name.find(':') != std::string::npos) name = "[" + name + "]";
  return "http://" + name + ":" + std::to_string(port);
}

// For people and for whoever waits until the server is ready: the same line in every format.
void say_ready(const serve_options& options, std::uint16_t port) {
  const std::string url = url_of(options.server.host, port);
  std::printf("downbeat listening on %s\n", url.c_str());
  if (options.format == log_format::text) {
    if (options.server.web_root.empty()) {
      std::printf("Try it: curl %s/healthz, or io(\"%s\") with any Socket.IO client\n", url.c_str(),
                  url.c_str());
    } else {
      std::printf("Try it: open %s in a browser\n", url.c_str());
    }
  }
  std::fflush(stdout);
}

// What may wait for all clients is shared out among the event loops.
jam::options part_of_a_loop(jam::options all, std::int64_t loops) {
  std::int64_t& bytes = all.engineio.max_queued_bytes_in_all;
  if (bytes != 0) bytes = std::max<std::int64_t>(bytes / loops, 1);
  return all;
}

// Takes over what has changed in the limits. Whatever is wrong, the server goes on as it is.
void reload(const std::vector<std::string>& arguments, serve_options& current, server& host,
            logger& log) {
  auto read = read_serve_options(arguments);
  if (const auto* none = std::get_if<no_options>(&read)) {
    const std::string_view why = std::string_view(none->text).substr(0, none->text.find('\n'));
    log.write(log_level::error, "limits not reloaded", {{"reason", why}});
    return;
  }
  const auto& wanted = std::get<serve_options>(read);
  std::size_t changes = 0;
  for (std::size_t i = 0; i < wanted.settings.size(); ++i) {
    const auto& [name, value, is_limit] = wanted.settings[i];
    serve_options::setting& present = current.settings[i];
    if (present.value == value) continue;
    if (!is_limit) {
      log.write(log_level::warn, "option not changed",
                {{"option", name}, {"reason", "only limits can be changed while the server runs"}});
      continue;
    }
    log.write(log_level::info, "limit changed",
              {{"option", name}, {"from", present.value}, {"to", value}});
    present.value = value;
    ++changes;
  }
  host.change_limits(wanted.server,
                     jam::write_options(part_of_a_loop(wanted.jam, current.threads)));
  log.write(log_level::info, "limits reloaded", {{"changes", std::to_string(changes)}});
}

}  // namespace

int serve(std::vector<std::string> arguments) {
  const std::vector<std::string> again = arguments;
  auto read = read_serve_options(std::move(arguments));
  if (const auto* none = std::get_if<no_options>(&read)) {
    std::fputs(none->text.c_str(), none->is_mistake ? stderr : stdout);
    return none->is_mistake ? 2 : 0;
  }
  const auto& options = std::get<serve_options>(read);
  try {
    logger log(options.least_level, options.format);
    std::vector<std::unique_ptr<engine>> cores;
    const auto shards = static_cast<shard_index>(options.threads);
    for (shard_index i = 0; i < shards; ++i) {
      cores.push_back(jam::make_engine(part_of_a_loop(options.jam, options.threads), {i, shards}));
    }
    server host(options.server, std::move(cores), log);
    if (!options.record_file.empty()) {
      host.record(
          std::make_unique<recorder>(options.record_file, trace::write_header(options.jam)));
      log.write(log_level::warn, "recording everything, secrets included",
                {{"file", options.record_file}});
    }
    serve_options current = options;
    host.obey_signals([&] { reload(again, current, host, log); });
    say_ready(options, host.port());
    host.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "downbeat serve: %s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace downbeat::host
