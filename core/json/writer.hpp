#pragma once

#include "json/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::json {

/// Writes one JSON object, member by member, in the order given. Keys need no escapes.
class object_writer {
 public:
  object_writer() {
    json_.reserve(usual_size);
    json_ += '{';
  }

  object_writer& text(std::string_view key, std::string_view value) {
    open(key);
    append_quoted(json_, value);
    return *this;
  }

  object_writer& number(std::string_view key, std::int64_t value) {
    open(key);
    json_ += std::to_string(value);
    return *this;
  }

  /// A value that is JSON already.
  object_writer& raw(std::string_view key, std::string_view value) {
    open(key);
    json_ += value;
    return *this;
  }

  /// Ends the object. The writer is spent.
  std::string done() {
    json_ += '}';
    return std::move(json_);
  }

 private:
  void open(std::string_view key) {
    if (json_.size() > 1) json_ += ',';
    json_ += '"';
    json_ += key;
    json_ += "\":";
  }

  // So that few objects have to move as they grow.
  static constexpr std::size_t usual_size = 120;

  std::string json_;
};

/// Writes one JSON array of values that are JSON already.
class array_writer {
 public:
  array_writer& raw(std::string_view value) {
    if (json_.size() > 1) json_ += ',';
    json_ += value;
    return *this;
  }

  /// Ends the array. The writer is spent.
  std::string done() {
    json_ += ']';
    return std::move(json_);
  }

 private:
  std::string json_ = "[";
};

}  // namespace downbeat::json
