#pragma once

#include "output.hpp"
#include "telemetry/notice.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat {

/// The outputs of one step, first in, first out. It keeps its memory from step to step, so that an
/// output needs no allocation.
class output_queue {
 public:
  template <class Output>
  void push(Output output) {
    outputs_.emplace_back(std::move(output));
  }

  void report(notice what) {
    push(output::report{std::make_unique<const notice>(std::move(what))});
  }

  void send_to_shard(shard_index to, layer which, std::string text) {
    push(output::send_to_shard{to, {which, std::move(text)}});
  }

  [[nodiscard]] bool is_empty() const { return next_ == outputs_.size(); }

  /// Takes the oldest output. The queue must not be empty.
  output::any pop() {
    output::any& first = outputs_[next_++];
    // Nearly all outputs are frames. Moving a known type avoids the variant's indirect jump.
    auto* const message = std::get_if<output::send_frame>(&first);
    output::any output = message != nullptr ? output::any(std::move(*message)) : std::move(first);
    if (is_empty()) {
      outputs_.clear();
      next_ = 0;
    }
    return output;
  }

 private:
  std::vector<output::any> outputs_;
  std::size_t next_ = 0;
};

}  // namespace downbeat
