#pragma once

#include "redis/redis_address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace downbeat::host {

/// What must be known before one connects to a Redis, and what may take long to find out.
struct redis_target {
  boost::asio::ip::tcp::resolver::results_type endpoints;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< none: the connection is plain
};

using redis_tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

/// Asks the system's resolver, and reads the certificates to trust, in a thread of its own that
/// nobody waits for: nobody can end getaddrinfo, which may take half a minute. Whoever asks for the
/// same meanwhile gets the same result. `done` is called there, with redis_away if it has failed;
/// or at once, with std::system_error, if there can be no thread.
void find_redis(const redis_address& where,
                std::function<void(redis_target found, std::exception_ptr error)> done);

/// TLS on a connected socket, before the handshake: it must be the host of that address.
std::unique_ptr<redis_tls_stream> make_tls_stream(boost::asio::ip::tcp::socket& on,
                                                  const redis_target& target,
                                                  const redis_address& where);

}  // namespace downbeat::host
