#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::host {

/// Whether this host means all interfaces: it is empty, `::` or `0.0.0.0`.
bool is_every_interface(const std::string& host);

/// The URL at which a browser on this machine reaches a server that listens on this host (a name,
/// an address, or all interfaces). `scheme` is `http` or `https`.
std::string local_url(const std::string& scheme, const std::string& host, std::uint16_t port);

/// The URLs at which other devices reach the server: one for each address of this machine, without
/// loopback and link-local addresses. Empty unless the server listens on all interfaces.
std::vector<std::string> network_urls(const std::string& scheme, const std::string& host,
                                      std::uint16_t port);

}  // namespace downbeat::host
