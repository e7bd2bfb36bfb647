#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::host {

/// What a page may do that has everything from its own server: scripts, WebAssembly, workers,
/// styles, sounds, and talking to that server. Nothing is inline, and nobody frames it.
inline constexpr const char* strict_policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/// The settings of a server that are not the core's.
struct server_options {
  std::string host;           ///< a name or an address; empty: every interface
  std::uint16_t port = 3001;  ///< 0 picks a free one
  /// Sockets that listen already, instead of host and port.
  std::vector<int> listening_sockets;
  std::int64_t bind_patience_ms = 0;      ///< how long to wait for a port that is in use
  std::string path = "/socket.io/";       ///< of Engine.IO, with its trailing slash
  std::vector<std::string> cors_origins;  ///< pages of these may use the server; `*`: all pages
  std::string web_root;                   ///< the folder that is served at `/`; empty: none
  std::string content_security_policy{strict_policy};  ///< of what is in it; empty: it has none
  std::string tls_certificate;  ///< a file in PEM; empty: the server speaks plain HTTP
  std::string tls_key;          ///< the file with its private key

  [[nodiscard]] bool is_tls() const { return !tls_certificate.empty(); }

  /// The same number that the core was given.
  std::int64_t max_payload_bytes = 1'000'000;
  /// Bytes that may wait for a peer that does not read them; 0 lifts the limit.
  std::int64_t max_queued_bytes = 1024 * 1024;
  /// The same for all WebSockets together; past it those with the most are dropped.
  std::int64_t max_queued_bytes_in_all = 256 * 1024 * 1024;
  /// Frames of one WebSocket that are read in a second, while the rest waits; 0 lifts the limit.
  /// All but close frames count. A tenth as many may come at once, and 50 in any case, but never
  /// more than a second's worth.
  std::int64_t max_messages_per_second = 5'000;
  /// New connections of one address in a second, after a burst of twenty times as many; 0 lifts the
  /// limit.
  std::int64_t max_connects_per_second_by_address = 50;
  /// Open at one time; 0 lifts the limit. There are never more than the process may open files.
  std::int64_t max_connections = 20'000;
  /// The same from one address; 0 lifts the limit.
  std::int64_t max_connections_by_address = 1'000;
  /// Addresses and networks of proxies whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  std::int64_t max_header_bytes = 16 * 1024;  ///< of a request

  std::int64_t header_timeout_ms = 5'000;       ///< for the head of a request
  std::int64_t body_timeout_ms = 30'000;        ///< for its body
  std::int64_t keep_alive_timeout_ms = 75'000;  ///< from an answer to the next request
  std::int64_t send_timeout_ms = 30'000;        ///< for some of an answer to be read
  std::int64_t close_timeout_ms = 5'000;        ///< for a peer to agree to a close
  std::int64_t drain_timeout_ms = 5'000;        ///< for sessions to end by themselves
  std::int64_t shutdown_timeout_ms = 5'000;     ///< for the last words to all peers
};

}  // namespace downbeat::host
