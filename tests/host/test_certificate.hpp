#pragma once

#include "tls/context.hpp"

#include <memory>
#include <string>

namespace downbeat::test {

/// A certificate that vouches for itself, and its key, both in PEM.
struct certificate_files {
  std::string certificate;
  std::string key;
};

/// Makes one that is valid for so many days; fewer than 0: it has expired. `password` encrypts the
/// key.
certificate_files make_certificate(int days = 1, const std::string& password = {});

/// One for the whole run.
std::shared_ptr<host::tls_context> test_certificate();

}  // namespace downbeat::test
