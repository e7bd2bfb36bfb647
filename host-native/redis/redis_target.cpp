#include "redis/redis_target.hpp"

#include "io/without_signals.hpp"
#include "redis/redis_away.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <string>
#include <thread>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

redis_target find(const redis_address& where) {
  redis_target found;
  boost::system::error_code error;
  if (where.is_tls) {
    found.tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    found.tls->set_verify_mode(asio::ssl::verify_peer);
    if (where.ca_file.empty()) {
      found.tls->set_default_verify_paths(error);
    } else {
      found.tls->load_verify_file(where.ca_file, error);
    }
    if (error) throw redis_away(where.ca_file + ": " + error.message());
  }
  asio::io_context context;
  found.endpoints = tcp::resolver(context).resolve(where.host, std::to_string(where.port), error);
  if (error) throw redis_away("resolve " + where.host + ": " + error.message());
  return found;
}

}  // namespace

void find_redis(const redis_address& where,
                std::function<void(redis_target found, std::exception_ptr error)> done) {
  const without_signals guard;
  std::thread([where, done = std::move(done)] {
    redis_target found;
    std::exception_ptr error;
    try {
      found = find(where);
    } catch (...) {
      error = std::current_exception();
    }
    done(std::move(found), std::move(error));
  }).detach();
}

std::unique_ptr<redis_tls_stream> make_tls_stream(tcp::socket& on, const redis_target& target,
                                                  const redis_address& where) {
  auto stream = std::make_unique<redis_tls_stream>(on, *target.tls);
  stream->set_verify_callback(asio::ssl::host_name_verification(where.host));
  boost::system::error_code error;
  asio::ip::make_address(where.host, error);
  // An address is not sent: RFC 6066 allows names only.
  if (error) {
    std::string name = where.host;
    // What SSL_set_tlsext_host_name does, whose cast our warnings do not allow.
    SSL_ctrl(stream->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
  }
  return stream;
}

}  // namespace downbeat::host
