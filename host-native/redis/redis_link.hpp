#pragma once

#include "io/event_loop.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_protocol.hpp"
#include "redis/redis_target.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::host {

/// A connection to Redis on an event loop, which never waits for it. It is made again whenever it
/// is lost, half a second after that. What cannot be sent is not kept.
class redis_link {
 public:
  /// An answer that is an error ends the connection.
  struct behaviour {
    std::string greeting;          ///< commands, sent after the login
    std::size_t greeting_answers;  ///< how many answers they have
    /// Commands with at least one answer, sent every second, to notice that Redis has gone.
    std::string heartbeat;
    std::function<void(redis_reply reply)> received;  ///< answers of a connection that stands
    /// It cannot be made, or is lost. Called once until there is a connection again.
    std::function<void(const std::string& why)> lost;
    std::function<void()> restored;  ///< there is a connection after all
  };

  /// Begins to connect. The loop must outlive it.
  redis_link(event_loop& in, redis_address where, behaviour how);
  redis_link(const redis_link&) = delete;
  redis_link& operator=(const redis_link&) = delete;
  ~redis_link();

  [[nodiscard]] bool is_connected() const { return state_ == state::connected; }

  /// Queues commands. Returns false, and drops them, if there is no connection, or if with them
  /// more than a mebibyte would wait. If nothing waits they may be of any size.
  bool send(std::string_view commands);

  /// Sends what is queued, and reads again. Call it at the end of each turn.
  void end_turn();

 private:
  class connection;
  struct mailbox;
  enum class state : unsigned char { waiting, finding, connecting, greeting, connected };

  void begin();
  void look_for_it();
  void on_found(redis_target found, const std::exception_ptr& error);
  void on_open();
  void on_reply(redis_reply reply);
  void on_loss(const std::string& why);
  void on_timer();

  event_loop& events_;
  redis_address where_;
  behaviour how_;
  timer timer_;
  state state_ = state::waiting;
  std::shared_ptr<connection> connection_;  ///< shared with what is under way
  std::shared_ptr<mailbox> mailbox_;
  std::string queued_;
  std::size_t answers_missing_ = 0;  ///< of login and greeting
  int unanswered_heartbeats_ = 0;
  bool is_loss_told_ = false;
};

}  // namespace downbeat::host
