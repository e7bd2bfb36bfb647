#pragma once

#include "json/bytes.hpp"
#include "json/text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::json {

/// Writes one JSON object, member by member in the order of the calls. Keys must not need escapes.
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

  /// Bytes that may not be UTF-8, in the form of `append_bytes`.
  object_writer& bytes(std::string_view key, std::string_view value) {
    open(key);
    append_bytes(json_, value);
    return *this;
  }

  object_writer& id(std::string_view key, std::uint64_t value) {
    open(key);
    json_ += std::to_string(value);
    return *this;
  }

  object_writer& flag(std::string_view key, bool value) {
    return raw(key, value ? "true" : "false");
  }

  /// An absent value writes no member.
  object_writer& number(std::string_view key, const std::optional<std::int64_t>& value) {
    return value ? number(key, *value) : *this;
  }
  object_writer& id(std::string_view key, const std::optional<std::uint64_t>& value) {
    return value ? id(key, *value) : *this;
  }

  /// A value that is JSON already.
  object_writer& raw(std::string_view key, std::string_view value) {
    open(key);
    json_ += value;
    return *this;
  }

  /// Ends the object and returns its text. Do not use the writer afterwards.
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

  // Enough for most objects, so that they need one allocation.
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

  /// Ends the array and returns its text. Do not use the writer afterwards.
  std::string done() {
    json_ += ']';
    return std::move(json_);
  }

 private:
  std::string json_ = "[";
};

}  // namespace downbeat::json
