#include "operator/prometheus.hpp"

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

class prometheus_writer {
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

void write_journal(prometheus_writer& out, const journal_counters& of) {
  out.add("downbeat_journal_store_appends_total", "Appends in the journal's file, or in Redis.",
          of.appends_total, true);
  out.add("downbeat_journal_store_failed_appends_total",
          "Appends that could not be taken, such as on a full disk.", of.failed_appends_total,
          true);
  out.add("downbeat_journal_store_event_bytes_total", "Bytes of events in these appends.",
          of.event_bytes_total, true);
  out.add("downbeat_journal_store_commits_total", "Batches; each has what was waiting.",
          of.commits_total, true);
  out.add("downbeat_journal_store_commit_microseconds_total", "Time that they have taken.",
          of.commit_us_total, true);
  out.add("downbeat_journal_store_longest_commit_microseconds", "The longest of them.",
          of.longest_commit_us, false);
  out.add("downbeat_journal_store_log_appends", "Appends that are not compacted yet.",
          of.log_appends, false);
  if (of.file) {
    out.add("downbeat_journal_file_wal_bytes", "Size of the write-ahead log.", of.file->wal_bytes,
            false);
    out.add("downbeat_journal_file_bytes", "Size of the journal's file.", of.file->file_bytes,
            false);
  }
  if (of.redis) {
    out.add("downbeat_redis_connected", "Whether there is a connection to Redis.",
            of.redis->is_connected ? 1 : 0, false);
    out.add("downbeat_redis_connections_total", "Connections to Redis that were made.",
            of.redis->connections_total, true);
    out.add("downbeat_redis_repaired_rooms_total",
            "Rooms that Redis had lost, and that this node has written again.",
            of.redis->repaired_rooms_total, true);
    out.add("downbeat_redis_replaced_rooms_total",
            "Rooms that this node took from Redis as they were, because it could not follow.",
            of.redis->replaced_rooms_total, true);
    out.add("downbeat_redis_nodes", "Nodes that live, as far as this one knows.", of.redis->nodes,
            false);
    out.add("downbeat_redis_conflicts_total", "Appends that another node was ahead of.",
            of.redis->conflicts_total, true);
    out.add("downbeat_redis_catch_ups_total", "Times the log of all rooms was read.",
            of.redis->catch_ups_total, true);
    out.add("downbeat_redis_gaps_total", "Times a published append was missing.",
            of.redis->gaps_total, true);
  }
}

void write_relay(prometheus_writer& out, const relay_counters& of) {
  out.add("downbeat_relay_connected", "Whether there are all connections for played notes.",
          of.is_connected ? 1 : 0, false);
  out.add("downbeat_relay_messages_sent_total", "Messages of played notes to other nodes.",
          of.sent_total, true);
  out.add("downbeat_relay_messages_received_total", "Messages of played notes from other nodes.",
          of.received_total, true);
  out.add("downbeat_relay_messages_dropped_total",
          "Messages that were not sent because Redis was away or slow.", of.dropped_total, true);
  out.add("downbeat_relay_gaps_total",
          "Messages that other nodes have sent, or dropped, and that have not come.", of.gaps_total,
          true);
  out.add("downbeat_relay_publishes_total", "Batches sent; each has the messages of a moment.",
          of.publishes_total, true);
  out.add("downbeat_relay_sent_bytes_total", "Bytes of these batches.", of.sent_bytes_total, true);
  out.add("downbeat_relay_received_bytes_total", "Bytes of batches from other nodes.",
          of.received_bytes_total, true);
}

}  // namespace

process_metrics collect_process_metrics() {
  process_metrics metrics;
  metrics.start_time_seconds = std::chrono::duration<double>(started.time_since_epoch()).count();
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> total_pages >> resident_pages) {
    metrics.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  return metrics;
}

std::string prometheus_text(std::span<const measurement> core, const counters& host,
                            std::uint64_t connections,
                            const std::optional<journal_counters>& journal,
                            const std::optional<relay_counters>& relay,
                            const process_metrics& process) {
  prometheus_writer out;
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
          "TCP connections rejected because there were too many.", host.connections_refused_total,
          true);
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
  out.add("downbeat_received_bytes_total", "Bytes received from clients.",
          host.bytes_received_total, true);
  out.add("downbeat_sent_bytes_total", "Bytes sent to clients.", host.bytes_sent_total, true);
  out.add("downbeat_slow_readers_dropped_total",
          "Connections dropped because they did not read what was sent to them.",
          host.slow_readers_dropped_total, true);
  out.add("downbeat_accept_errors_total",
          "Failures to accept a connection, such as no free file descriptor.",
          host.accept_errors_total, true);
  out.add("downbeat_wait_errors_total",
          "Connections lost because the system could not watch their socket.",
          host.wait_errors_total, true);
  out.add("downbeat_entropy_errors_total",
          "Requests refused because the system returned no random bytes.",
          host.entropy_errors_total, true);
  out.add("downbeat_origins_refused_total",
          "Requests of pages whose origin is not allowed; see --cors-origin.",
          host.origins_refused_total, true);
  out.add(
      "downbeat_tls_handshakes_failed_total",
      "Handshakes of TLS that failed, such as with a client that does not trust the certificate.",
      host.tls_handshakes_failed_total, true);
  out.add("downbeat_tls_certificate_expiry_seconds",
          "When the certificate ends, in seconds since the Unix epoch; 0 without TLS.",
          host.tls_certificate_expiry_s, false);
  out.add("downbeat_log_lines_dropped_total",
          "Log lines dropped because their reader was too slow or had gone.",
          host.log_lines_dropped_total, true);
  out.add("downbeat_recording_failures_total",
          "Recordings that ended because their file could not be written.",
          host.recording_failures_total, true);

  if (journal) write_journal(out, *journal);
  if (relay) write_relay(out, *relay);
  out.add("process_resident_memory_bytes", "Resident memory size in bytes.", process.resident_bytes,
          false);
  out.describe("process_start_time_seconds", "Start time since the Unix epoch in seconds.", false);
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", process.start_time_seconds);
  out.sample("process_start_time_seconds", "", seconds);
  out.describe("downbeat_build_info", "Version and commit of the server.", false);
  out.sample("downbeat_build_info",
             "{version=\"" + std::string(version) + "\",commit=\"" + std::string(commit) + "\"}",
             "1");
  return out.take();
}

}  // namespace downbeat::host
