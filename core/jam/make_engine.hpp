#pragma once

#include "engine.hpp"
#include "jam/options.hpp"
#include "shard.hpp"

#include <memory>

namespace downbeat::jam {

/// A whole jam-session server: sessions on Socket.IO on Engine.IO, ready to be driven. It may be
/// one shard of several, which then make one server together.
std::unique_ptr<downbeat::engine> make_engine(const options& options, shard here = {});

}  // namespace downbeat::jam
