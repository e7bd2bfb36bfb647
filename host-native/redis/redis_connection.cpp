#include "redis/redis_connection.hpp"

#include "io/without_signals.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <hiredis/hiredis.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

redis_reply read(const redisReply& from) {
  redis_reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.what = redis_reply::kind::text;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.what = redis_reply::kind::error;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_INTEGER:
      reply.what = redis_reply::kind::integer;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.what = redis_reply::kind::list;
      reply.items.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(read(*from.element[i]));
      break;
    default: break;
  }
  return reply;
}

}  // namespace

/// Bytes over TCP or TLS, each step with a time-out. Debian's hiredis has no TLS of its own, so
/// only its reader and its formatter are used.
class redis_connection::stream {
 public:
  stream(const redis_address& to, std::chrono::milliseconds patience)
      : patience_(patience), reader_(redisReaderCreate()) {
    boost::system::error_code error;
    const tcp::resolver::results_type found = resolve(to);
    await("connect", [&](auto done) {
      asio::async_connect(socket_, found, [done](const auto& how, const auto&) { done(how); });
    });
    socket_.set_option(tcp::no_delay(true), error);
    if (to.is_tls) encrypt(to);
  }

  void write(const std::string& bytes) {
    await("send", [&](auto done) {
      const auto finished = [done](const auto& how, std::size_t) { done(how); };
      if (tls_) {
        asio::async_write(*tls_, asio::buffer(bytes), finished);
      } else {
        asio::async_write(socket_, asio::buffer(bytes), finished);
      }
    });
  }

  void cancel() {
    asio::post(context_, [this] {
      boost::system::error_code ignored;
      socket_.close(ignored);
    });
  }

  redis_reply receive() {
    for (;;) {
      void* whole = nullptr;
      if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) {
        throw redis_away(std::string("it does not speak Redis' protocol: ") + reader_->errstr);
      }
      if (whole != nullptr) {
        const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
            static_cast<redisReply*>(whole), [](redisReply* one) { freeReplyObject(one); });
        return read(*reply);
      }
      std::size_t size = 0;
      await("answer", [&](auto done) {
        const auto finished = [&size, done](const auto& how, std::size_t got) {
          size = got;
          done(how);
        };
        if (tls_) {
          tls_->async_read_some(asio::buffer(bytes_), finished);
        } else {
          socket_.async_read_some(asio::buffer(bytes_), finished);
        }
      });
      redisReaderFeed(reader_.get(), bytes_.data(), size);
    }
  }

 private:
  /// Nobody can end getaddrinfo, which may take half a minute. So it has a thread of its own, which
  /// nobody waits for.
  [[nodiscard]] tcp::resolver::results_type resolve(const redis_address& to) const {
    const auto promise = std::make_shared<std::promise<tcp::resolver::results_type>>();
    auto found = promise->get_future();
    {
      const without_signals guard;
      std::thread([promise, host = to.host, port = std::to_string(to.port)] {
        try {
          asio::io_context context;
          promise->set_value(tcp::resolver(context).resolve(host, port));
        } catch (...) {
          promise->set_exception(std::current_exception());
        }
      }).detach();
    }
    if (found.wait_for(patience_) != std::future_status::ready) {
      throw redis_away("resolve " + to.host + ": " + in_vain());
    }
    try {
      return found.get();
    } catch (const boost::system::system_error& why) {
      throw redis_away("resolve " + to.host + ": " + why.code().message());
    }
  }

  void encrypt(const redis_address& to) {
    boost::system::error_code error;
    tls_context_.emplace(asio::ssl::context::tls_client);
    tls_context_->set_verify_mode(asio::ssl::verify_peer);
    if (to.ca_file.empty()) {
      tls_context_->set_default_verify_paths(error);
    } else {
      tls_context_->load_verify_file(to.ca_file, error);
    }
    if (error) throw redis_away(to.ca_file + ": " + error.message());
    tls_.emplace(socket_, *tls_context_);
    tls_->set_verify_callback(asio::ssl::host_name_verification(to.host));
    asio::ip::make_address(to.host, error);
    // An address is not sent: RFC 6066 allows names only.
    if (error) {
      std::string name = to.host;
      // What SSL_set_tlsext_host_name does, whose cast our warnings do not allow.
      SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               name.data());
    }
    await("handshake of TLS", [&](auto done) {
      tls_->async_handshake(asio::ssl::stream_base::client, [done](const auto& how) { done(how); });
    });
  }

  /// Begins something that ends by calling its argument, and waits until it has.
  template <class Operation>
  void await(const std::string& what, Operation begin) {
    std::optional<boost::system::error_code> result;
    begin([&result](const boost::system::error_code& how) { result = how; });
    context_.restart();
    context_.run_for(patience_);
    if (result && !*result) return;
    if (result) throw redis_away(what + ": " + result->message());
    boost::system::error_code ignored;
    // The system must not go on sending what has been given up.
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
    // What is under way refers to variables of this frame.
    context_.restart();
    context_.run();
    throw redis_away(what + ": " + in_vain());
  }

  [[nodiscard]] std::string in_vain() const {
    return "no answer within " + std::to_string(patience_.count()) + " ms";
  }

  struct reader_freer {
    void operator()(redisReader* which) const { redisReaderFree(which); }
  };

  std::chrono::milliseconds patience_;
  asio::io_context context_{1};
  tcp::socket socket_{context_};
  std::optional<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::unique_ptr<redisReader, reader_freer> reader_;
  std::array<char, 16 * 1024> bytes_{};
};

redis_connection::redis_connection(const redis_address& to, std::chrono::milliseconds patience) {
  try {
    stream_ = std::make_unique<stream>(to, patience);
    log_in(to);
  } catch (const redis_away&) {
    throw;
  } catch (const std::exception& error) {
    // Such as too many open files.
    throw redis_away(error.what());
  }
}

redis_connection::~redis_connection() = default;

void redis_connection::log_in(const redis_address& to) {
  if (!to.password.empty()) {
    if (to.user.empty()) {
      queue({"AUTH", to.password});
    } else {
      queue({"AUTH", to.user, to.password});
    }
    const redis_reply reply = receive();
    if (reply.is_error()) throw redis_away("login: " + reply.text);
  }
  if (to.database != 0) {
    const redis_reply reply = ask({"SELECT", std::to_string(to.database)});
    if (reply.is_error()) throw redis_away("database: " + reply.text);
  }
}

void redis_connection::queue(std::initializer_list<std::string_view> command) {
  queue(std::span<const std::string_view>(command.begin(), command.size()));
}

void redis_connection::queue(std::span<const std::string_view> command) {
  std::vector<const char*> parts;
  std::vector<std::size_t> sizes;
  for (const std::string_view one : command) {
    parts.push_back(one.data() == nullptr ? "" : one.data());
    sizes.push_back(one.size());
  }
  char* text = nullptr;
  const auto size =
      redisFormatCommandArgv(&text, static_cast<int>(parts.size()), parts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  queued_.append(text, static_cast<std::size_t>(size));
  redisFreeCommand(text);
}

redis_reply redis_connection::receive() {
  if (!queued_.empty()) stream_->write(std::exchange(queued_, {}));
  return stream_->receive();
}

redis_reply redis_connection::ask(std::initializer_list<std::string_view> command) {
  queue(command);
  return receive();
}

void redis_connection::cancel() {
  stream_->cancel();
}

}  // namespace downbeat::host
