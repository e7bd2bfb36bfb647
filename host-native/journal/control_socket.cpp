#include "journal/control_socket.hpp"

#include "journal/inspect.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_request_bytes = 8 * 1024;
constexpr std::chrono::seconds retry_interval{1};

inspection carry_out(journal_store& store, const std::string& request) {
  constexpr std::string_view backup = "backup ";
  if (request == "sessions") return list_sessions(rooms_of(store));
  if (request == "check") return check_sessions(rooms_of(store), store.integrity_faults());
  if (request.starts_with(backup)) return back_up(store, request.substr(backup.size()));
  return {"there is no request " + request + '\n', false};
}

}  // namespace

/// One request and its answer. It lives as long as something of it is under way.
class control_socket::exchange : public std::enable_shared_from_this<exchange> {
 public:
  using socket = asio::basic_stream_socket<protocol, asio::io_context::executor_type>;

  exchange(socket peer, event_loop& events, journal_writer& journal)
      : peer_(std::move(peer)), events_(events), journal_(journal) {}

  void begin() {
    asio::async_read_until(peer_, asio::dynamic_buffer(text_, most_request_bytes), '\n',
                           [self = shared_from_this()](const auto& error, std::size_t size) {
                             if (!error) self->ask(size);
                           });
  }

 private:
  void ask(std::size_t size) {
    journal_.ask([self = shared_from_this(),
                  request = text_.substr(0, size - 1)](journal_store& store) mutable {
      inspection result;
      try {
        result = carry_out(store, request);
      } catch (const std::exception& error) {
        result = {std::string(error.what()) + '\n', false};
      }
      // The last reference must not end in this thread: the socket belongs to the loop.
      event_loop& events = self->events_;
      events.post([self = std::move(self), result = std::move(result)] { self->answer(result); });
    });
  }

  void answer(const inspection& result) {
    text_ = (result.is_well ? control_well : control_fault) + result.text;
    asio::async_write(peer_, asio::buffer(text_),
                      [self = shared_from_this()](const auto&, std::size_t) {});
  }

  socket peer_;
  event_loop& events_;
  journal_writer& journal_;
  std::string text_;
};

control_socket::control_socket(event_loop& events, const std::string& folder,
                               journal_writer& journal)
    : events_(events),
      journal_(journal),
      name_((std::filesystem::path(folder) / control_socket_name).string()),
      acceptor_(events.context()),
      retry_(events, [this] { accept(); }) {
  // Of a process that was killed: the journal is open here only.
  ::unlink(name_.c_str());
  acceptor_.open();
  // Before it has a name, so that nobody else can ever connect.
  if (::fchmod(acceptor_.native_handle(), S_IRUSR | S_IWUSR) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
  acceptor_.bind(protocol::endpoint(name_));
  acceptor_.listen();
  accept();
}

control_socket::~control_socket() {
  ::unlink(name_.c_str());
}

void control_socket::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, exchange::socket peer) {
    if (error == asio::error::operation_aborted) return;
    // Such as too many open files, which would come again at once, without end.
    if (error) return retry_.set(events_.now() + retry_interval);
    std::make_shared<exchange>(std::move(peer), events_, journal_)->begin();
    accept();
  });
}

}  // namespace downbeat::host
