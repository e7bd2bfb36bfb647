#pragma once

#include "support/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

/// A scripted conversation between one client and the server, step by step. It can run as it is,
/// and again with the client failing after each of its steps in turn.
///
///     conversation talk(make_engine);
///     talk.opens_websocket().expects_messages({"<accepted>", "0{*"}).sends("4hi").expects...
///
/// The client may have several WebSockets and requests. A step is about the latest of them, or
/// about the one that is `back` before it. In what the client sends and expects, `{sid}` stands for
/// the Engine.IO session id from the server, and `{id}` for the Socket.IO id; in what it expects,
/// `*` stands for any rest of the text.
class conversation {
 public:
  using engine_factory = std::function<std::unique_ptr<engine>()>;

  explicit conversation(engine_factory make_engine) : make_engine_(std::move(make_engine)) {}

  // Actions of the client.

  conversation& opens_websocket(std::string query = "EIO=4&transport=websocket");
  conversation& sends(std::string text, std::size_t back = 0);
  conversation& sends_binary(std::string bytes, std::size_t back = 0);
  conversation& sends_too_much(std::size_t back = 0);
  conversation& loses_websocket(std::size_t back = 0);
  conversation& gets(std::string query = "EIO=4&transport=polling&sid={sid}");
  conversation& posts(std::string body, std::string query = "EIO=4&transport=polling&sid={sid}");
  conversation& requests(http_method method,
                         std::string query = "EIO=4&transport=polling&sid={sid}");
  /// A POST whose body comes in a later step.
  conversation& begins_post(std::string content_type = "text/plain;charset=UTF-8",
                            std::string query = "EIO=4&transport=polling&sid={sid}");
  conversation& finishes_post(std::string body, std::size_t back = 0);
  conversation& finishes_post_too_large(std::size_t back = 0);
  conversation& aborts(std::size_t back = 0);
  conversation& waits(std::int64_t ms);

  // Expectations: everything received since the last check.

  conversation& expects_messages(transcript expected, std::size_t back = 0);
  conversation& expects_nothing();
  /// Such as `200 ok`, `<pending>`, `<cut>`.
  conversation& expects_response(std::string expected, std::size_t back = 0);

  /// Runs the script.
  void run() const;

  /// Runs the script once for each of its steps, and makes the client fail there in three ways: its
  /// requests are aborted and then its WebSockets lost, or in the other order, or it falls silent
  /// and everything stays open. Afterwards the server must have forgotten it, and a second client,
  /// connected all along, must have noticed nothing and be served.
  void run_failing_at_every_step() const;

 private:
  struct peer;
  using step = std::pair<std::string, std::function<void(peer&)>>;

  conversation& then(std::string what, std::function<void(peer&)> act);
  enum class failure { requests_first, websockets_first, silence };
  void run_failing_after(std::size_t steps, failure how) const;

  engine_factory make_engine_;
  std::vector<step> steps_;
};

}  // namespace downbeat::test
