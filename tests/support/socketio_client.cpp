#include "support/socketio_client.hpp"

#include "text/base64.hpp"
#include "text/hex.hpp"

#include <catch2/catch.hpp>

#include <utility>

namespace downbeat::test {
namespace {

constexpr char record_separator = '\x1e';

}  // namespace

std::ostream& operator<<(std::ostream& out, transport_kind which) {
  switch (which) {
    case transport_kind::websocket: return out << "WebSocket";
    case transport_kind::polling: return out << "polling";
    case transport_kind::upgrade: return out << "upgrade";
  }
  return out;
}

socketio_client::socketio_client(wire& line, transport_kind by, std::string_view query)
    : line_(line), by_(by) {
  std::string handshake =
      by == transport_kind::websocket ? "EIO=4&transport=websocket" : "EIO=4&transport=polling";
  if (!query.empty()) handshake.append("&").append(query);
  if (by == transport_kind::websocket) {
    websocket_ = line_.open_websocket(handshake);
  } else {
    poll_ = line_.get(handshake);
  }
  look();
  // Several nodes put their name before it.
  REQUIRE(sid_.size() >= 20);
}

// Actions.

socketio_client& socketio_client::connect(std::string_view nsp, std::string_view auth) {
  const std::string prefix = nsp == "/" ? std::string() : std::string(nsp) + ',';
  messages();
  send("40" + prefix + std::string(auth));
  look();
  REQUIRE(!heard_.empty());
  REQUIRE(heard_.front().substr(0, prefix.size() + 9) == "40" + prefix + "{\"sid\":");
  id_ = member_of(heard_.front(), "sid");
  pid_ = heard_.front().find("\"pid\":") == std::string::npos ? std::string()
                                                              : member_of(heard_.front(), "pid");
  heard_.erase(heard_.begin());
  if (by_ == transport_kind::upgrade && !websocket_) upgrade();
  return *this;
}

void socketio_client::send(std::string_view packet, const std::vector<std::string>& attachments) {
  if (websocket_) {
    line_.receive(*websocket_, packet);
    for (const std::string& bytes : attachments) line_.receive_binary(*websocket_, bytes);
    return;
  }
  std::string body(packet);
  for (const std::string& bytes : attachments) {
    body += record_separator;
    body += 'b' + base64::encode(bytes);
  }
  send_engine_packet(body);
}

void socketio_client::send_binary(std::string_view bytes) {
  if (websocket_) return line_.receive_binary(*websocket_, bytes);
  send_engine_packet('b' + base64::encode(bytes));
}

void socketio_client::emit(std::string_view event, std::string_view arguments) {
  std::string packet = "42[\"" + std::string(event) + '"';
  if (!arguments.empty()) packet.append(",").append(arguments);
  send(packet + ']');
}

std::uint64_t socketio_client::emit_with_ack(std::string_view event, std::string_view arguments) {
  std::string packet = "42" + std::to_string(next_ack_id_) + "[\"" + std::string(event) + '"';
  if (!arguments.empty()) packet.append(",").append(arguments);
  send(packet + ']');
  return next_ack_id_++;
}

void socketio_client::upgrade() {
  REQUIRE(!websocket_);
  const transport_id candidate = line_.open_websocket("EIO=4&transport=websocket&sid=" + sid_);
  line_.receive(candidate, "2probe");
  REQUIRE(line_.sent(candidate) == transcript{"<accepted>", "3probe"});
  // The client completes its upgrade only after its GET has ended.
  look();
  const request_id last = *poll_;
  line_.advance(100);
  REQUIRE(line_.response(last) != "<pending>");
  const std::string response = line_.response(last);
  if (response != "200 6") take(std::string_view(response).substr(4));
  websocket_ = candidate;
  poll_.reset();
  line_.receive(candidate, "5");
}

void socketio_client::vanish() {
  look();
  if (websocket_) line_.lose(*websocket_);
  if (poll_) line_.abort(*poll_);
  is_open_ = false;
}

// What it received.

transcript socketio_client::messages() {
  look();
  return std::exchange(heard_, {});
}

std::string socketio_client::last_message() {
  const transcript all = messages();
  return all.empty() ? std::string() : all.back();
}

bool socketio_client::is_open() {
  look();
  return is_open_;
}

void socketio_client::look() {
  if (websocket_) return look_at_websocket();
  while (look_at_poll()) {
  }
}

void socketio_client::look_at_websocket() {
  for (;;) {
    const transcript sent = line_.sent(*websocket_);
    if (sent.empty()) return;
    for (const std::string& packet : sent) {
      if (packet != "<accepted>") take(packet);
    }
  }
}

/// Reads the response to the pending GET, and sends the next one. Returns false if the GET is still
/// pending.
bool socketio_client::look_at_poll() {
  if (!is_open_) return false;
  const std::string response = line_.response(*poll_);
  if (response == "<pending>") return false;
  if (response.substr(0, 4) != "200 ") {
    take("<closed>");
    return false;
  }
  std::string_view body = std::string_view(response).substr(4);
  for (;;) {
    const std::size_t end = body.find(record_separator);
    take(body.substr(0, end));
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  if (is_open_) poll_ = line_.get(polling_query());
  return is_open_;
}

void socketio_client::take(std::string_view packet) {
  if (packet.substr(0, 2) == "0{") {
    sid_ = member_of(packet, "sid");
  } else if (packet == "2") {
    send_engine_packet("3");
  } else if (packet == "1" || packet.substr(0, 7) == "<closed") {
    is_open_ = false;
    heard_.emplace_back("<closed>");
  } else if (packet.substr(0, 1) == "b") {
    heard_.push_back("<binary " + hex::encode(base64::decode(packet.substr(1)).value()) + '>');
  } else if (packet != "6") {
    heard_.emplace_back(packet);
  }
}

void socketio_client::send_engine_packet(std::string_view packet) {
  if (websocket_) return line_.receive(*websocket_, packet);
  const request_id post = line_.post(polling_query(), packet);
  REQUIRE(line_.response(post) == "200 ok");
}

std::string socketio_client::polling_query() const {
  return "EIO=4&transport=polling&sid=" + sid_;
}

}  // namespace downbeat::test
