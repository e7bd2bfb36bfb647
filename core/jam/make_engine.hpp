#pragma once

#include "engine.hpp"
#include "jam/options.hpp"
#include "shard.hpp"

#include <memory>

namespace downbeat::jam {

/// Makes a complete jam-session server: sessions on Socket.IO on Engine.IO. With `here` it is one
/// shard of several that together are one server.
std::unique_ptr<downbeat::engine> make_engine(const options& options, shard here = {});

}  // namespace downbeat::jam
