#include "redis/redis_connection.hpp"

#include "redis/redis_target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <future>
#include <optional>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace

/// Bytes over TCP or TLS, each step with a time-out. Debian's hiredis has no TLS of its own, so
/// only its reader is used.
class redis_connection::stream {
 public:
  stream(const redis_address& to, std::chrono::milliseconds patience)
      : patience_(patience), target_(find(to)) {
    boost::system::error_code error;
    await("connect", [&](auto done) {
      asio::async_connect(socket_, target_.endpoints,
                          [done](const auto& how, const auto&) { done(how); });
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
      if (auto reply = reader_.next()) return *std::move(reply);
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
      reader_.feed({bytes_.data(), size});
    }
  }

 private:
  [[nodiscard]] redis_target find(const redis_address& to) const {
    const auto promise = std::make_shared<std::promise<redis_target>>();
    auto found = promise->get_future();
    find_redis(to, [promise](redis_target target, const std::exception_ptr& error) {
      error ? promise->set_exception(error) : promise->set_value(std::move(target));
    });
    if (found.wait_for(patience_) != std::future_status::ready) {
      throw redis_away("resolve " + to.host + ": " + in_vain());
    }
    return found.get();
  }

  void encrypt(const redis_address& to) {
    tls_ = make_tls_stream(socket_, target_, to);
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

  std::chrono::milliseconds patience_;
  redis_target target_;
  asio::io_context context_{1};
  tcp::socket socket_{context_};
  std::unique_ptr<redis_tls_stream> tls_;
  reply_reader reader_;
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
  append_command(queued_, command);
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
