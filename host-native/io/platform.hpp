#pragma once

#include "io/file_descriptor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <sys/types.h>

#include <cstddef>

namespace downbeat::host {

// What only some systems have. Each function does without where it is missing.

/// Accepts a connection, closed on exec. Does not wait if the listening socket is non-blocking.
file_descriptor accept_connection(int listening, boost::asio::ip::tcp::endpoint& peer,
                                  boost::system::error_code& error);

/// Limits what the kernel holds of a connection's data that has not been sent yet. Accepted
/// connections inherit it. Without it, only the size of the send buffer limits that.
void limit_unsent(int listening, int bytes);

/// The kernel reports a connection with its first data, or after so many seconds without any.
void defer_accept(int listening, int seconds);

/// How many descriptors an event loop can watch, including those of other loops.
std::size_t most_watched_descriptors();

/// Random bytes from the kernel. Like getrandom(2) it may return fewer, or -1 with errno.
ssize_t random_bytes(void* into, std::size_t size);

}  // namespace downbeat::host
