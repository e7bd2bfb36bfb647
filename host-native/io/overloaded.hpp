#pragma once

namespace downbeat::host {

/// A visitor for std::visit, composed of one function for each alternative.
template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace downbeat::host
