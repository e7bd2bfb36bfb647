#include "trace/shards.hpp"

#include "json/writer.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace downbeat::trace {
namespace {

using json::object_writer;

struct message_writer {
  std::string operator()(const between_shards::seat_wanted& m) const {
    return object_writer()
        .text("seatWanted", m.code)
        .text("user", m.user)
        .text("address", m.address)
        .done();
  }
  std::string operator()(const between_shards::seat_answered& m) const {
    using outcome = between_shards::seat_answered::outcome;
    const std::string_view how = m.how == outcome::held      ? "held"
                                 : m.how == outcome::full    ? "full"
                                 : m.how == outcome::limited ? m.limit
                                                             : "not found";
    return object_writer()
        .text("seatAnswered", how)
        .text("user", m.user)
        .number("price", m.price)
        .done();
  }
  std::string operator()(const between_shards::seat_given_up& m) const {
    return object_writer().text("seatGivenUp", m.user).done();
  }
  std::string operator()(const between_shards::sessions_wanted& m) const {
    return object_writer().text("sessionsWanted", m.user).done();
  }
  std::string operator()(const between_shards::sessions_lent& m) const {
    return object_writer().number("sessionsLent", m.count).text("user", m.user).done();
  }
  std::string operator()(const between_shards::entered& m) const {
    return object_writer().text("entered", m.address).done();
  }
  std::string operator()(const between_shards::join_failed& m) const {
    return object_writer().text("joinFailed", m.address).number("price", m.price).done();
  }
  std::string operator()(const between_shards::connection_gone& m) const {
    return object_writer().text("connectionGone", m.sid).done();
  }
};

void append(object_writer& json, std::string_view name, const std::optional<std::uint64_t>& id) {
  if (id) json.number(name, static_cast<std::int64_t>(*id));
}

}  // namespace

std::string json_of(const between_shards::message& what) {
  return std::visit(message_writer{}, what.what);
}

std::string json_of(const parcel& what) {
  object_writer json;
  append(json, "websocket", what.websocket);
  append(json, "upgradeWebsocket", what.upgrade_websocket);
  append(json, "poll", what.poll);
  append(json, "post", what.post);
  return json.done();
}

}  // namespace downbeat::trace
