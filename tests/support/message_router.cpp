#include "support/message_router.hpp"

#include "shard_routing.hpp"

#include <algorithm>
#include <optional>

namespace downbeat::test {
namespace {

/// The transport or the request that an input is of.
struct number_of_input {
  template <class Input>
  std::uint64_t operator()(const Input& input) const {
    if constexpr (requires { input.transport; }) {
      return input.transport;
    } else if constexpr (requires { input.request; }) {
      return input.request;
    } else {
      return 0;
    }
  }
};

bool is_end(const input::any& input) {
  return std::holds_alternative<input::transport_closed>(input) ||
         std::holds_alternative<input::request_aborted>(input);
}

}  // namespace

// Peers.

void message_router::ask_for_websocket(shard_index where, transport_id transport,
                                       request_copy what) {
  // The output that ends it may come while its head is still being read.
  const request_copy asked = what;
  open_[transport] = {where, false, false, std::move(what)};
  handle_(where, input::websocket_requested{transport, asked.head(false), asked.fresh});
}

void message_router::ask(shard_index where, request_id request, request_copy what) {
  const request_copy asked = what;
  open_[request] = {where, false, false, std::move(what)};
  handle_(where, input::request_received{request, asked.method, asked.head(false), asked.fresh});
}

void message_router::give(const input::any& input) {
  const auto found = open_.find(std::visit(number_of_input(), input));
  if (found == open_.end()) return;
  place& here = found->second;
  if (!here.is_in_transit) {
    return handle_(here.where, input);
  }
  here.is_leaving = here.is_leaving || is_end(input);
  late_input& kept = here.late.emplace_back(late_input{input, {}});
  if (const auto* frame = std::get_if<input::frame_received>(&input)) kept.bytes = frame->data;
  if (const auto* body = std::get_if<input::body_received>(&input)) kept.bytes = body->body;
}

void message_router::note(shard_index where, const input::any& input) {
  const std::uint64_t number = std::visit(number_of_input(), input);
  if (is_end(input)) {
    open_.erase(number);
  } else if (std::holds_alternative<input::websocket_requested>(input) ||
             std::holds_alternative<input::request_received>(input)) {
    open_.try_emplace(number, place{where});
  }
}

void message_router::close_all() {
  open_.clear();
  queues_.clear();
  complaint_.clear();
}

bool message_router::is_in_transit(std::uint64_t number) const {
  const auto found = open_.find(number);
  return found != open_.end() && found->second.is_in_transit;
}

bool message_router::is_leaving(std::uint64_t number) const {
  const auto found = open_.find(number);
  return found != open_.end() && found->second.is_leaving;
}

// Outputs.

bool message_router::take(shard_index from, output::any& output) {
  if (const auto to = routing::destination_of(output)) {
    routing::for_each_departing(
        output, [&](routing::peer_kind, std::uint64_t number) { send_off(from, number); });
    if (auto* message = std::get_if<output::send_to_shard>(&output)) {
      post(from, *to, std::move(message->message));
    } else if (auto* moved = std::get_if<output::move_connection>(&output)) {
      post(from, *to, std::move(moved->what));
    } else if (const auto* websocket = std::get_if<output::forward_websocket>(&output)) {
      post(from, *to, forwarded_websocket{websocket->transport});
    } else if (const auto* request = std::get_if<output::forward_request>(&output)) {
      post(from, *to, forwarded_request{request->request});
    }
  } else {
    if (const auto* accept = std::get_if<output::accept_websocket>(&output)) {
      must_be_at(from, accept->transport);
    } else if (const auto* send = std::get_if<output::send_frame>(&output)) {
      must_be_at(from, send->transport);
    } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&output)) {
      close(from, refuse->transport);
    } else if (const auto* end = std::get_if<output::close_transport>(&output)) {
      close(from, end->transport);
    } else if (const auto* respond = std::get_if<output::respond>(&output)) {
      close(from, respond->request);
    } else if (const auto* cut = std::get_if<output::cut_request>(&output)) {
      close(from, cut->request);
    }
    return false;
  }
  return true;
}

void message_router::post(shard_index from, shard_index to, sent_message what) {
  if (to == from || to >= shards_) return complain("a message is for no shard");
  queues_[{from, to}].push_back(std::move(what));
}

void message_router::send_off(shard_index from, std::uint64_t number) {
  must_be_at(from, number);
  const auto found = open_.find(number);
  if (found != open_.end()) found->second.is_in_transit = true;
}

void message_router::close(shard_index from, std::uint64_t number) {
  must_be_at(from, number);
  open_.erase(number);
}

void message_router::must_be_at(shard_index where, std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) {
    complain("an output for what is gone: " + std::to_string(number));
  } else if (found->second.is_in_transit || found->second.where != where) {
    complain("an output for what is elsewhere: " + std::to_string(number));
  }
}

void message_router::complain(std::string what) {
  if (complaint_.empty()) complaint_ = std::move(what);
}

// Messages.

bool message_router::deliver(shard_index from, shard_index to) {
  const auto waiting = queues_.find({from, to});
  if (waiting == queues_.end() || waiting->second.empty()) return false;
  const sent_message what = std::move(waiting->second.front());
  waiting->second.pop_front();

  std::vector<std::uint64_t> arrived;
  const auto arrive = [&](std::uint64_t number) {
    place& here = open_.at(number);
    here.where = to;
    here.is_in_transit = false;
    arrived.push_back(number);
  };
  if (const auto* message = std::get_if<0>(&what)) {
    handle_(to, routing::arrival_of(from, *message));
  } else if (const auto* moved = std::get_if<1>(&what)) {
    for (const routing::migrated_peer& peer : routing::peers_of(**moved)) {
      if (*peer.number) arrive(**peer.number);
    }
    handle_(to, input::connection_moved_in{moved->get()});
  } else if (const auto* websocket = std::get_if<2>(&what)) {
    arrive(websocket->transport);
    const request_copy asked = open_.at(websocket->transport).asked;
    handle_(to, input::websocket_requested{websocket->transport, asked.head(true), asked.fresh});
  } else if (const auto* request = std::get_if<3>(&what)) {
    arrive(request->request);
    const request_copy asked = open_.at(request->request).asked;
    handle_(to,
            input::request_received{request->request, asked.method, asked.head(true), asked.fresh});
  }

  for (const std::uint64_t number : arrived) {
    const auto found = open_.find(number);
    if (found == open_.end()) continue;
    // What moves on at once finds its way to the next place.
    for (late_input& late : std::exchange(found->second.late, {})) {
      if (auto* frame = std::get_if<input::frame_received>(&late.input)) frame->data = late.bytes;
      if (auto* body = std::get_if<input::body_received>(&late.input)) body->body = late.bytes;
      give(late.input);
    }
  }
  return true;
}

bool message_router::has_messages() const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const auto& way) { return !way.second.empty(); });
}

std::vector<std::pair<shard_index, shard_index>> message_router::ways() const {
  std::vector<std::pair<shard_index, shard_index>> all;
  for (const auto& [way, messages] : queues_) {
    if (!messages.empty()) all.push_back(way);
  }
  return all;
}

}  // namespace downbeat::test
