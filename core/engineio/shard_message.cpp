#include "engineio/shard_message.hpp"

#include "json/object_reader.hpp"
#include "json/writer.hpp"

#include <utility>

namespace downbeat::engineio::shard_message {

std::string write(const connection_closed& message) {
  return json::object_writer().text("connectionClosed", message.sid).done();
}

std::optional<connection_closed> read(std::string_view json) {
  json::object_reader from(json);
  connection_closed message{from.text("connectionClosed")};
  if (!from.is_good() || write(message) != json) return std::nullopt;
  return message;
}

}  // namespace downbeat::engineio::shard_message
