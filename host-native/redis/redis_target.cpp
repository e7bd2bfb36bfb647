#include "redis/redis_target.hpp"

#include "io/without_signals.hpp"
#include "redis/redis_away.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

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

using receiver = std::function<void(redis_target found, std::exception_ptr error)>;
using what_to_find = std::tuple<std::string, std::uint16_t, bool, std::string>;

/// Who waits for what. A resolver may take minutes, and meanwhile others come for the same.
struct searches {
  std::mutex mutex;
  std::map<what_to_find, std::vector<receiver>> under_way;
};

searches& all_searches() {
  // Its threads may be the last ones.
  static auto* const all = new searches;
  return *all;
}

what_to_find key_of(const redis_address& where) {
  return {where.host, where.port, where.is_tls, where.ca_file};
}

std::vector<receiver> take_receivers(const redis_address& where) {
  const std::lock_guard guard(all_searches().mutex);
  auto found = all_searches().under_way.extract(key_of(where));
  return found ? std::move(found.mapped()) : std::vector<receiver>();
}

void search(const redis_address& where) {
  redis_target found;
  std::exception_ptr error;
  try {
    found = find(where);
  } catch (...) {
    error = std::current_exception();
  }
  for (const receiver& one : take_receivers(where)) one(found, error);
}

}  // namespace

void find_redis(const redis_address& where, receiver done) {
  {
    const std::lock_guard guard(all_searches().mutex);
    std::vector<receiver>& waiting = all_searches().under_way[key_of(where)];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
  }
  try {
    const without_signals guard;
    std::thread([where] { search(where); }).detach();
  } catch (...) {
    for (const receiver& one : take_receivers(where)) one({}, std::current_exception());
  }
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
