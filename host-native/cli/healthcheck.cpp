#include "cli/healthcheck.hpp"

#include "cli/output.hpp"
#include "cli/serve_options.hpp"
#include "server/urls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Docker's default timeout is 30 s. Orchestrators that probe every few seconds need an answer
// sooner.
constexpr std::chrono::seconds most_time{3};

constexpr std::string_view question =
    "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
constexpr std::size_t most_answer_bytes = 64 * 1024;

constexpr const char* healthcheck_help =
    "Asks the server on this machine whether it is ready (GET /readyz).\n"
    "\n"
    "Usage: downbeat healthcheck [OPTIONS]\n"
    "\n"
    "Reads the options of downbeat serve (arguments, environment, file) and uses --host and\n"
    "--port. With --tls-certificate it asks over TLS. It does not check the certificate, which\n"
    "need not be made for an address of this machine.\n"
    "\n"
    "Exit code: 0 if the server is ready, 1 if not, 2 for a mistake in the options.\n";

/// What the server has answered: the first line, or why there is none.
struct answer {
  std::string status;
  error_code error = asio::error::timed_out;
};

template <class Stream>
void ask_through(Stream& stream, std::string& buffer, answer& got) {
  asio::async_write(stream, asio::buffer(question), [&](const error_code& error, std::size_t) {
    if (error) return static_cast<void>(got.error = error);
    asio::async_read_until(stream, asio::dynamic_buffer(buffer, most_answer_bytes), "\r\n",
                           [&](const error_code& failed, std::size_t size) {
                             got.error = failed;
                             if (!failed) got.status = buffer.substr(0, size - 2);
                           });
  });
}

answer ask(const std::string& host, std::uint16_t port, bool is_tls) {
  asio::io_context loop;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  asio::ssl::stream<tcp::socket> stream(loop, tls);
  answer got;
  std::string buffer;
  error_code error;
  const auto where = tcp::resolver(loop).resolve(host, std::to_string(port), error);
  if (error) return {{}, error};
  asio::async_connect(
      stream.next_layer(), where, [&](const error_code& failed, const tcp::endpoint&) {
        if (failed) return static_cast<void>(got.error = failed);
        if (!is_tls) return ask_through(stream.next_layer(), buffer, got);
        stream.async_handshake(asio::ssl::stream_base::client, [&](const error_code& refused) {
          if (refused) return static_cast<void>(got.error = refused);
          ask_through(stream, buffer, got);
        });
      });
  loop.run_for(most_time);
  return got;
}

}  // namespace

int healthcheck(const std::vector<std::string>& arguments) {
  for (const std::string& one : arguments) {
    if (one == "-h" || one == "--help") return print_result("healthcheck", healthcheck_help);
  }
  const auto read = read_serve_options(arguments);
  if (const auto* none = std::get_if<no_options>(&read)) {
    return none->is_mistake ? print_mistake("healthcheck", none->text, 2)
                            : print_result("healthcheck", none->text);
  }
  const server_options& server = std::get<serve_options>(read).server;
  if (server.port == 0) {
    return print_mistake("healthcheck", "--port 0 picks a free one, and nobody knows which", 2);
  }
  const bool is_everywhere = server.host.empty() || server.host == "::" || server.host == "0.0.0.0";
  const std::string host = is_everywhere ? "127.0.0.1" : server.host;
  const answer got = ask(host, server.port, server.is_tls());
  if (got.status.starts_with("HTTP/1.1 200 ")) return 0;
  const std::string why = got.status.empty() ? got.error.message() : "it answers " + got.status;
  return print_mistake(
      "healthcheck",
      "the server on " + host + ", port " + std::to_string(server.port) + ", is not ready: " + why,
      1);
}

}  // namespace downbeat::host
