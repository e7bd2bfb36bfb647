#include "redis/redis_link.hpp"

#include "redis/redis_away.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds link_interval{500};    // between two attempts
constexpr std::chrono::milliseconds link_patience{2'000};  // to connect, log in and greet
constexpr std::chrono::milliseconds heartbeat_interval{1'000};
constexpr int most_unanswered_heartbeats = 3;
constexpr std::size_t most_unsent_bytes = 1024 * 1024;

}  // namespace

/// One connection of the link. Operations that are under way share it, and hear nothing any more of
/// a link that has left it.
class redis_link::connection : public std::enable_shared_from_this<connection> {
 public:
  connection(redis_link& of, asio::io_context& loop) : of_(&of), socket_(loop) {}

  void open(redis_target target) {
    target_ = std::move(target);
    asio::async_connect(socket_, target_.endpoints,
                        [self = shared_from_this()](const error_code& error, const auto&) {
                          if (self->has_failed("connect", error)) return;
                          self->on_connected();
                        });
  }

  /// Nothing of what is under way is passed on from now on.
  void leave() {
    of_ = nullptr;
    error_code ignored;
    // The system must not go on sending what has been given up.
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  [[nodiscard]] std::size_t unsent() const { return sending_.size() - sent_; }

  /// Takes the bytes if nothing else is being sent.
  void send(std::string& bytes) {
    if (bytes.empty() || unsent() > 0) return;
    sending_.clear();
    sent_ = 0;
    std::swap(sending_, bytes);
    if (!tls_ && send_at_once()) return;
    send_rest();
  }

  void read() {
    if (is_reading_) return;
    is_reading_ = true;
    on_stream([this](auto& stream) {
      stream.async_read_some(asio::buffer(bytes_), [self = shared_from_this()](
                                                       const error_code& error, std::size_t size) {
        self->is_reading_ = false;
        if (self->has_failed("read", error)) return;
        self->on_bytes({self->bytes_.data(), size});
      });
    });
  }

 private:
  void on_connected() {
    error_code error;
    socket_.set_option(tcp::no_delay(true), error);
    socket_.non_blocking(true, error);
    if (has_failed("connect", error)) return;
    if (!target_.tls) return of_->on_open();
    tls_ = make_tls_stream(socket_, target_, of_->where_);
    tls_->async_handshake(asio::ssl::stream_base::client,
                          [self = shared_from_this()](const error_code& how) {
                            if (!self->has_failed("handshake of TLS", how)) self->of_->on_open();
                          });
  }

  // Mostly the system takes all, and nothing is left to wait for.
  bool send_at_once() {
    error_code error;
    sent_ += socket_.write_some(asio::buffer(sending_), error);
    return !error && unsent() == 0;
  }

  void send_rest() {
    on_stream([this](auto& stream) {
      stream.async_write_some(
          asio::buffer(sending_) + sent_,
          [self = shared_from_this()](const error_code& error, std::size_t size) {
            if (self->has_failed("send", error)) return;
            self->sent_ += size;
            if (self->unsent() > 0) return self->send_rest();
            self->send(self->of_->queued_);
          });
    });
  }

  void on_bytes(std::string_view bytes) {
    try {
      reader_.feed(bytes);
      while (of_ != nullptr) {
        auto reply = reader_.next();
        if (!reply) return;
        of_->on_reply(*std::move(reply));
      }
    } catch (const redis_away& why) {
      of_->on_loss(why.what());
    }
  }

  /// Whether there is nothing more to be done.
  bool has_failed(const char* what, const error_code& error) {
    if (of_ == nullptr) return true;
    if (!error) return false;
    of_->on_loss(std::string(what) + ": " + error.message());
    return true;
  }

  template <class Operation>
  void on_stream(Operation begin) {
    if (tls_) {
      begin(*tls_);
    } else {
      begin(socket_);
    }
  }

  redis_link* of_;  ///< nullptr once it has left this connection
  redis_target target_;
  tcp::socket socket_;
  std::unique_ptr<redis_tls_stream> tls_;
  reply_reader reader_;
  std::string sending_;
  std::size_t sent_ = 0;  ///< of these bytes
  bool is_reading_ = false;
  std::array<char, 32 * 1024> bytes_{};
};

/// Where the thread that looks for Redis says what it has found.
struct redis_link::mailbox {
  std::mutex mutex;
  redis_link* of;  ///< nullptr once it is gone
};

redis_link::redis_link(event_loop& in, redis_address where, behaviour how)
    : events_(in),
      where_(std::move(where)),
      how_(std::move(how)),
      timer_(in, [this] { on_timer(); }),
      mailbox_(std::make_shared<mailbox>()) {
  mailbox_->of = this;
  begin();
}

redis_link::~redis_link() {
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->of = nullptr;
  if (connection_) connection_->leave();
}

void redis_link::begin() {
  try {
    connection_ = std::make_shared<connection>(*this, events_.context());
    look_for_it();
  } catch (const std::exception& error) {
    // Such as too many threads.
    on_loss(error.what());
  }
}

// Takes as long as it takes: another attempt would only be another thread that waits.
void redis_link::look_for_it() {
  state_ = state::finding;
  find_redis(where_, [box = mailbox_](redis_target found, std::exception_ptr error) {
    const std::lock_guard lock(box->mutex);
    if (box->of == nullptr) return;
    box->of->events_.post([box, found = std::move(found), error = std::move(error)]() mutable {
      // Only this thread, the loop's, ends a link.
      if (box->of != nullptr) box->of->on_found(std::move(found), error);
    });
  });
}

void redis_link::on_found(redis_target found, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
    state_ = state::connecting;
    timer_.set(events_.now() + link_patience);
    connection_->open(std::move(found));
  } catch (const std::exception& why) {
    on_loss(why.what());
  }
}

void redis_link::on_open() {
  state_ = state::greeting;
  answers_missing_ = how_.greeting_answers;
  if (!where_.password.empty()) {
    ++answers_missing_;
    if (where_.user.empty()) {
      append_command(queued_, {"AUTH", where_.password});
    } else {
      append_command(queued_, {"AUTH", where_.user, where_.password});
    }
  }
  // No SELECT: channels are the same in all databases.
  queued_ += how_.greeting;
}

void redis_link::on_reply(redis_reply reply) {
  unanswered_heartbeats_ = 0;
  if (reply.is_error()) {
    return on_loss((state_ == state::connected ? "refused: " : "login: ") + reply.text);
  }
  if (state_ == state::connected) return how_.received(std::move(reply));
  if (--answers_missing_ > 0) return;
  state_ = state::connected;
  timer_.set(events_.now() + heartbeat_interval);
  if (std::exchange(is_loss_told_, false)) how_.restored();
}

void redis_link::on_loss(const std::string& why) {
  state_ = state::waiting;
  if (connection_) connection_->leave();
  connection_.reset();
  queued_.clear();
  unanswered_heartbeats_ = 0;
  timer_.set(events_.now() + link_interval);
  if (!std::exchange(is_loss_told_, true)) how_.lost(why);
}

void redis_link::on_timer() {
  switch (state_) {
    case state::waiting: return begin();
    case state::finding: return;
    case state::connecting:
    case state::greeting:
      return on_loss("no answer within " + std::to_string(link_patience.count()) + " ms");
    case state::connected: break;
  }
  // Counted, not timed: if this process has slept, Redis is not to blame.
  if (unanswered_heartbeats_ == most_unanswered_heartbeats) {
    return on_loss("no answer within " +
                   std::to_string(heartbeat_interval.count() * most_unanswered_heartbeats) + " ms");
  }
  ++unanswered_heartbeats_;
  timer_.set(events_.now() + heartbeat_interval);
  queued_ += how_.heartbeat;
}

bool redis_link::send(std::string_view commands) {
  if (!is_connected()) return false;
  const std::size_t waiting = queued_.size() + connection_->unsent();
  if (waiting > 0 && waiting + commands.size() > most_unsent_bytes) return false;
  queued_ += commands;
  return true;
}

void redis_link::end_turn() {
  if (state_ != state::greeting && state_ != state::connected) return;
  connection_->send(queued_);
  if (state_ != state::waiting) connection_->read();
}

}  // namespace downbeat::host
