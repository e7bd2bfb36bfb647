#pragma once

#include "engine.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "socketio/options.hpp"

#include <functional>
#include <memory>

namespace downbeat {
namespace socketio {
class application;
class server;
}  // namespace socketio

/// Makes a Socket.IO application, with the server that it sends through and the queue for its log
/// notices. Both outlive it.
using socketio_application_factory = std::function<std::unique_ptr<socketio::application>(
    socketio::server& server, output_queue& outputs)>;

/// Connects Socket.IO to Engine.IO without either including the other: it is Engine.IO's
/// application and Socket.IO's transport.
engine::application_factory socketio_over_engineio(const socketio::options& options,
                                                   socketio_application_factory make_application,
                                                   shard here = {});

}  // namespace downbeat
