#pragma once

#include "notice.hpp"
#include "output.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat {

/// The orders of one step, first in, first out. Its memory is kept from step to step, so that an
/// order costs no allocation.
class output_queue {
 public:
  template <class Order>
  void push(Order order) {
    orders_.emplace_back(std::move(order));
  }

  void report(notice what) {
    push(output::report{std::make_unique<const notice>(std::move(what))});
  }

  template <class Message>
  void tell(shard_index to, Message what) {
    push(output::tell_shard{to, std::make_unique<const between_shards::message>(
                                    between_shards::message{std::move(what)})});
  }

  [[nodiscard]] bool is_empty() const { return next_ == orders_.size(); }

  /// The oldest order. The queue must not be empty.
  output::any pop() {
    output::any& first = orders_[next_++];
    // Nearly all of them are frames. A frame that is known to be one moves without a jump.
    auto* const message = std::get_if<output::send_frame>(&first);
    output::any order = message != nullptr ? output::any(std::move(*message)) : std::move(first);
    if (is_empty()) {
      orders_.clear();
      next_ = 0;
    }
    return order;
  }

 private:
  std::vector<output::any> orders_;
  std::size_t next_ = 0;
};

}  // namespace downbeat
