#pragma once

#include "migration.hpp"
#include "shard_message.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Messages and migrations between shards as JSON, for lines of a trace. The text of a layer is
/// copied as it is; only that layer can check it.
namespace downbeat::trace {

/// A message as JSON: `{"layer":"application","message":{…}}`.
std::string json_of(layer to, std::string_view text);
/// Reads such a message. Nothing if the JSON has another form.
std::optional<shard_message> read_shard_message(std::string_view json);

/// A migrating connection as JSON. As an output it has the old numbers of its transports and
/// requests, as an input the new ones.
std::string json_of(const migration& what);
/// Reads a migration; its state is a `written_state`. Null if the JSON has another form.
std::unique_ptr<migration> read_migration(std::string_view json);

}  // namespace downbeat::trace
