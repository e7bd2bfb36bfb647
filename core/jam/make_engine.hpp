#pragma once

#include "engine.hpp"
#include "jam/options.hpp"

#include <memory>

namespace downbeat::jam {

/// A whole jam-session server: sessions on Socket.IO on Engine.IO, ready to be driven.
std::unique_ptr<downbeat::engine> make_engine(const options& options);

}  // namespace downbeat::jam
