#pragma once

#include "io/event_loop.hpp"
#include "journal/journal_writer.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <memory>
#include <string>

namespace downbeat::host {

/// The name of the socket in the folder of the journal.
inline constexpr const char* control_socket_name = "control";
/// The first line of an answer.
inline constexpr const char* control_well = "ok\n";
inline constexpr const char* control_fault = "fault\n";

/// A Unix socket in the journal's folder, through which `downbeat sessions`, `check` and `backup`
/// ask the server that has the journal open. Only its owner may connect. One line is one request:
/// `sessions`, `check` or `backup FILE`; the answer is `ok` or `fault` and a text, then the end.
class control_socket {
 public:
  /// Throws std::exception. The writer must live longer.
  control_socket(event_loop& events, const std::string& folder, journal_writer& journal);
  control_socket(const control_socket&) = delete;
  control_socket& operator=(const control_socket&) = delete;
  /// Removes the socket.
  ~control_socket();

 private:
  using protocol = boost::asio::local::stream_protocol;
  using acceptor =
      boost::asio::basic_socket_acceptor<protocol, boost::asio::io_context::executor_type>;
  class exchange;

  void accept();

  event_loop& events_;
  journal_writer& journal_;
  std::string name_;
  acceptor acceptor_;
  timer retry_;
};

}  // namespace downbeat::host
