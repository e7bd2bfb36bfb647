// The state of all sockets as JSON.

#include "base/heap_sort.hpp"
#include "json/writer.hpp"
#include "socketio/server.hpp"

#include <cstdint>

namespace downbeat::socketio {
namespace {

std::string json_of(const socket& s) {
  json::array_writer rooms;
  for (const room* joined : s.rooms) rooms.raw(json::quote(joined->name));
  return json::object_writer()
      .text("id", s.id)
      .text("namespace", s.nsp)
      .number("connection", static_cast<std::int64_t>(s.client))
      .raw("rooms", rooms.done())
      .number("acknowledgementsDue", static_cast<std::int64_t>(s.outstanding_acks.size()))
      .done();
}

}  // namespace

std::string server::snapshot() const {
  std::vector<const socket*> all;
  for (const auto& [number, s] : sockets_) all.push_back(s);
  heap_sort(all, [](const socket* a, const socket* b) { return a->number < b->number; });
  json::array_writer array;
  for (const socket* s : all) array.raw(json_of(*s));
  return array.done();
}

}  // namespace downbeat::socketio
