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

/// Makes a Socket.IO application with the server that it speaks through and the queue for its
/// reports, both of which outlive it.
using socketio_application_factory = std::function<std::unique_ptr<socketio::application>(
    socketio::server& server, output_queue& outputs)>;

/// Lets Socket.IO ride on Engine.IO: to the one it is the application, to the other the transport.
/// Neither knows the other.
engine::application_factory socketio_over_engineio(const socketio::options& options,
                                                   socketio_application_factory make_application,
                                                   shard here = {});

}  // namespace downbeat
