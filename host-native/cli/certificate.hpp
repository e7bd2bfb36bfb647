#pragma once

#include "options/server_options.hpp"
#include "tls/context.hpp"

#include <memory>

namespace downbeat::host {

/// Reads the files in --tls-certificate and --tls-key; nullptr if the options name none. Throws
/// unusable_certificate, whose text then begins with the name of the option.
std::shared_ptr<tls_context> read_certificate(const server_options& options);

/// Whether every user of this machine may read the key.
bool is_key_open(const server_options& options);

/// The end of the certificate's validity, such as `2027-01-31T12:00:00Z`.
std::string expiry_of(const tls_context& context);

}  // namespace downbeat::host
