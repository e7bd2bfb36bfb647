#include "server/metrics.hpp"

#include "version.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <vector>

namespace downbeat::host {
namespace {

const auto started = std::chrono::system_clock::now();

class exposition {
 public:
  void describe(std::string_view name, std::string_view help, bool is_counter) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(is_counter ? " counter\n" : " gauge\n");
  }

  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    text_.append(name).append(labels).append(" ").append(value).append("\n");
  }

  void add(std::string_view name, std::string_view help, std::uint64_t value, bool is_counter) {
    describe(name, help, is_counter);
    sample(name, "", std::to_string(value));
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

process_facts measure_process() {
  process_facts facts;
  facts.start_time_seconds = std::chrono::duration<double>(started.time_since_epoch()).count();
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> total_pages >> resident_pages) {
    facts.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  return facts;
}

std::string prometheus_text(std::span<const measurement> core, const counters& host,
                            std::uint64_t connections, const process_facts& process) {
  exposition out;
  std::vector<measurement> limits;
  host.limited.measure(limits);
  for (const measurement& one : core) {
    if (!one.limit.empty()) {
      limits.push_back(one);
    } else {
      out.add("downbeat_" + std::string(one.name), one.help, one.value, one.is_counter);
    }
  }
  out.describe("downbeat_limited_total", limits.front().help, true);
  for (const measurement& one : limits) {
    out.sample("downbeat_limited_total", "{limit=\"" + std::string(one.limit) + "\"}",
               std::to_string(one.value));
  }

  out.add("downbeat_tcp_connections", "Open TCP connections.", connections, false);
  out.add("downbeat_tcp_connections_total", "TCP connections accepted.", host.connections_total,
          true);
  out.add("downbeat_tcp_connections_refused_total",
          "TCP connections turned away because there were too many.",
          host.connections_refused_total, true);
  out.add("downbeat_websockets", "Open WebSockets.", host.websockets, false);
  out.describe("downbeat_http_responses_total", "HTTP responses, by class of status.", true);
  for (std::size_t digit = 1; digit < host.responses_total.size(); ++digit) {
    out.sample("downbeat_http_responses_total", "{class=\"" + std::to_string(digit) + "xx\"}",
               std::to_string(host.responses_total[digit]));
  }
  out.add("downbeat_websocket_messages_received_total", "Messages received on WebSockets.",
          host.messages_received_total, true);
  out.add("downbeat_websocket_messages_sent_total", "Messages sent on WebSockets.",
          host.messages_sent_total, true);
  out.add("downbeat_received_bytes_total", "Bytes received from peers.", host.bytes_received_total,
          true);
  out.add("downbeat_sent_bytes_total", "Bytes sent to peers.", host.bytes_sent_total, true);
  out.add("downbeat_slow_readers_dropped_total",
          "Connections dropped because they did not read what was sent to them.",
          host.slow_readers_dropped_total, true);

  out.add("process_resident_memory_bytes", "Resident memory size in bytes.", process.resident_bytes,
          false);
  out.describe("process_start_time_seconds", "Start time since the Unix epoch in seconds.", false);
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", process.start_time_seconds);
  out.sample("process_start_time_seconds", "", seconds);
  out.describe("downbeat_build_info", "The build that runs.", false);
  out.sample("downbeat_build_info",
             "{version=\"" + std::string(version) + "\",commit=\"" + std::string(commit) + "\"}",
             "1");
  return out.take();
}

}  // namespace downbeat::host
