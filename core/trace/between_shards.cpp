#include "trace/between_shards.hpp"

#include "json/object_reader.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"

#include <limits>
#include <utility>

namespace downbeat::trace {
namespace {

bool is_object(std::string_view json) {
  return !json.empty() && json::kind_of(json) == json::kind::object;
}

}  // namespace

std::string json_of(layer to, std::string_view text) {
  return json::object_writer()
      .text("layer", to == layer::engineio ? "engineio" : "application")
      .raw("message", text)
      .done();
}

std::optional<shard_message> read_shard_message(std::string_view json) {
  json::object_reader from(json);
  const layer to =
      from.word("layer", {"engineio", "application"}) == 0 ? layer::engineio : layer::application;
  const std::string_view text = from.raw("message");
  if (!from.is_good() || !is_object(text)) return std::nullopt;
  return shard_message{to, std::string(text)};
}

std::string json_of(const migration& what) {
  return json::object_writer()
      .id("websocket", what.websocket)
      .id("upgradeWebsocket", what.upgrade_websocket)
      .id("poll", what.poll)
      .id("post", what.post)
      .raw("state", what.state->write())
      .done();
}

std::unique_ptr<migration> read_migration(std::string_view json) {
  json::object_reader from(json);
  auto moved = std::make_unique<migration>();
  for (const auto& [key, number] :
       {std::pair("websocket", &moved->websocket),
        std::pair("upgradeWebsocket", &moved->upgrade_websocket), std::pair("poll", &moved->poll),
        std::pair("post", &moved->post)}) {
    *number = from.optional_id(key);
    // No host uses the highest number, and `id_map` cannot hold it.
    if (*number == std::numeric_limits<std::uint64_t>::max()) return nullptr;
  }
  const std::string_view state = from.raw("state");
  if (!from.is_good() || !is_object(state)) return nullptr;
  moved->state = std::make_unique<written_state>(std::string(state));
  return json_of(*moved) == json ? std::move(moved) : nullptr;
}

}  // namespace downbeat::trace
