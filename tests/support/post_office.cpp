#include "support/post_office.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace downbeat::test {
namespace {

std::array<std::optional<std::uint64_t>, 4> numbers_of(const parcel& what) {
  return {what.websocket, what.upgrade_websocket, what.poll, what.post};
}

/// The transport or the request that a fact is of.
struct number_of_fact {
  template <class Fact>
  std::uint64_t operator()(const Fact& fact) const {
    if constexpr (requires { fact.transport; }) {
      return fact.transport;
    } else if constexpr (requires { fact.request; }) {
      return fact.request;
    } else {
      return 0;
    }
  }
};

bool is_end(const input::any& fact) {
  return std::holds_alternative<input::transport_closed>(fact) ||
         std::holds_alternative<input::request_aborted>(fact);
}

}  // namespace

// Peers.

void post_office::ask_for_websocket(shard_index where, transport_id transport, request_copy what) {
  // The order that ends it may come while its head is still being read.
  const request_copy asked = what;
  open_[transport] = {where, false, false, std::move(what)};
  tell_(where, input::websocket_requested{transport, asked.head(false), asked.fresh});
}

void post_office::ask(shard_index where, request_id request, request_copy what) {
  const request_copy asked = what;
  open_[request] = {where, false, false, std::move(what)};
  tell_(where, input::request_received{request, asked.method, asked.head(false), asked.fresh});
}

void post_office::tell(const input::any& fact) {
  const auto found = open_.find(std::visit(number_of_fact(), fact));
  if (found == open_.end()) return;
  place& here = found->second;
  if (!here.is_travelling) {
    const shard_index where = here.where;
    if (is_end(fact)) open_.erase(found);
    return tell_(where, fact);
  }
  here.is_leaving = here.is_leaving || is_end(fact);
  late_fact& kept = here.late.emplace_back(late_fact{fact, {}});
  if (const auto* frame = std::get_if<input::frame_received>(&fact)) kept.bytes = frame->data;
  if (const auto* body = std::get_if<input::body_received>(&fact)) kept.bytes = body->body;
}

bool post_office::is_travelling(std::uint64_t number) const {
  const auto found = open_.find(number);
  return found != open_.end() && found->second.is_travelling;
}

bool post_office::is_leaving(std::uint64_t number) const {
  const auto found = open_.find(number);
  return found != open_.end() && found->second.is_leaving;
}

// Orders.

bool post_office::take(shard_index from, output::any& order) {
  if (auto* tell = std::get_if<output::tell_shard>(&order)) {
    post(from, tell->to, std::move(tell->what));
  } else if (auto* move = std::get_if<output::move_connection>(&order)) {
    for (const auto& number : numbers_of(*move->what)) {
      if (number) send_off(from, *number);
    }
    post(from, move->to, std::move(move->what));
  } else if (const auto* websocket = std::get_if<output::forward_websocket>(&order)) {
    send_off(from, websocket->transport);
    post(from, websocket->to, forwarded_websocket{websocket->transport});
  } else if (const auto* request = std::get_if<output::forward_request>(&order)) {
    send_off(from, request->request);
    post(from, request->to, forwarded_request{request->request});
  } else {
    if (const auto* accept = std::get_if<output::accept_websocket>(&order)) {
      must_be_at(from, accept->transport);
    } else if (const auto* send = std::get_if<output::send_frame>(&order)) {
      must_be_at(from, send->transport);
    } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&order)) {
      close(from, refuse->transport);
    } else if (const auto* end = std::get_if<output::close_transport>(&order)) {
      close(from, end->transport);
    } else if (const auto* respond = std::get_if<output::respond>(&order)) {
      close(from, respond->request);
    } else if (const auto* cut = std::get_if<output::cut_request>(&order)) {
      close(from, cut->request);
    }
    return false;
  }
  return true;
}

void post_office::post(shard_index from, shard_index to, letter what) {
  if (to == from || to >= shards_) return complain("a letter is for nobody");
  mail_[{from, to}].push_back(std::move(what));
}

void post_office::send_off(shard_index from, std::uint64_t number) {
  must_be_at(from, number);
  const auto found = open_.find(number);
  if (found != open_.end()) found->second.is_travelling = true;
}

void post_office::close(shard_index from, std::uint64_t number) {
  must_be_at(from, number);
  open_.erase(number);
}

void post_office::must_be_at(shard_index where, std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) {
    complain("an order for what is gone: " + std::to_string(number));
  } else if (found->second.is_travelling || found->second.where != where) {
    complain("an order for what is elsewhere: " + std::to_string(number));
  }
}

void post_office::complain(std::string what) {
  if (complaint_.empty()) complaint_ = std::move(what);
}

// Letters.

bool post_office::deliver(shard_index from, shard_index to) {
  const auto waiting = mail_.find({from, to});
  if (waiting == mail_.end() || waiting->second.empty()) return false;
  const letter what = std::move(waiting->second.front());
  waiting->second.pop_front();

  std::vector<std::uint64_t> arrived;
  const auto arrive = [&](std::uint64_t number) {
    place& here = open_.at(number);
    here.where = to;
    here.is_travelling = false;
    arrived.push_back(number);
  };
  if (const auto* message = std::get_if<0>(&what)) {
    tell_(to, input::shard_told{from, message->get()});
  } else if (const auto* moved = std::get_if<1>(&what)) {
    for (const auto& number : numbers_of(**moved)) {
      if (number) arrive(*number);
    }
    tell_(to, input::connection_moved_in{moved->get()});
  } else if (const auto* websocket = std::get_if<2>(&what)) {
    arrive(websocket->transport);
    const request_copy asked = open_.at(websocket->transport).asked;
    tell_(to, input::websocket_requested{websocket->transport, asked.head(true), asked.fresh});
  } else if (const auto* request = std::get_if<3>(&what)) {
    arrive(request->request);
    const request_copy asked = open_.at(request->request).asked;
    tell_(to,
          input::request_received{request->request, asked.method, asked.head(true), asked.fresh});
  }

  for (const std::uint64_t number : arrived) {
    const auto found = open_.find(number);
    if (found == open_.end()) continue;
    // What moves on at once finds its way to the next place.
    for (late_fact& late : std::exchange(found->second.late, {})) {
      if (auto* frame = std::get_if<input::frame_received>(&late.fact)) frame->data = late.bytes;
      if (auto* body = std::get_if<input::body_received>(&late.fact)) body->body = late.bytes;
      tell(late.fact);
    }
  }
  return true;
}

bool post_office::has_mail() const {
  return std::any_of(mail_.begin(), mail_.end(),
                     [](const auto& way) { return !way.second.empty(); });
}

std::vector<std::pair<shard_index, shard_index>> post_office::ways() const {
  std::vector<std::pair<shard_index, shard_index>> all;
  for (const auto& [way, letters] : mail_) {
    if (!letters.empty()) all.push_back(way);
  }
  return all;
}

}  // namespace downbeat::test
