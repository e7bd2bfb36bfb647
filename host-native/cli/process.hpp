#pragma once

#include <exception>
#include <string>

namespace downbeat::host {

/// Preparation for every command. Opens /dev/null for closed standard streams, so that no file gets
/// their numbers, and ignores SIGXFSZ, so that a file-size limit is an error of write and does not
/// end the process. Call it before anything else: OpenSSL is set up here.
void prepare_process();

/// Preparation for a server. Raises the limit of open files to the hard limit, ignores SIGPIPE (a
/// client or a log reader hung up), and blocks SIGHUP until `signal_listener` handles it.
void prepare_server_process();

/// The error as a short text for the operator, without the words of the C++ runtime.
std::string reason_of(const std::exception& error);

}  // namespace downbeat::host
