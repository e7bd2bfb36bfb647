#pragma once

#include <stdexcept>

namespace downbeat::host {

/// Redis cannot be reached, does not answer in time, or speaks something else. The text is for the
/// operator, without secrets.
class redis_away : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace downbeat::host
