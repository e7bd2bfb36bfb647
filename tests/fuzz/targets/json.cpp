// Compares with nlohmann's parser. It differs in four points only: it skips a byte order mark, ends
// at a NUL, refuses lone surrogates, and refuses numbers that do not fit in a double.

#include "fuzz/fuzz.hpp"
#include "json/text.hpp"
#include "text/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace downbeat;
using fuzz::must;
using tree = nlohmann::json;

namespace {

struct opinion {
  std::optional<tree> value;
  bool is_picky = false;  ///< it refuses valid input
};

opinion ask_another(std::string_view text) {
  try {
    return {tree::parse(text), false};
  } catch (const tree::parse_error& error) {
    return {std::nullopt, std::string(error.what()).find("surrogate") != std::string::npos};
  } catch (const tree::out_of_range&) {
    return {std::nullopt, true};
  }
}

std::int32_t depth_of(const tree& value) {
  std::int32_t depth = 0;
  if (!value.is_structured()) return 0;
  for (const tree& part : value) depth = std::max(depth, depth_of(part));
  return depth + 1;
}

/// Rebuilds a checked, compact text with the tested functions only.
tree rebuild(std::string_view text) {
  switch (json::kind_of(text)) {
    case json::kind::string: {
      const auto decoded = json::decode_string(text);
      must(decoded.has_value(), "a string that another reads has no lone surrogate");
      must(json::spells(text, *decoded), "a literal spells what it decodes to");
      std::string scratch;
      must(json::read_string(text, scratch) == decoded, "a literal is read as it is decoded");
      return *decoded;
    }
    case json::kind::array: {
      tree array = tree::array();
      for (const std::string_view item : json::items(text)) array.push_back(rebuild(item));
      return array;
    }
    case json::kind::object: {
      // The keys come from the tree that it is compared with.
      tree object = tree::object();
      const tree expected = tree::parse(text);
      for (const auto& [key, value] : expected.items()) {
        const auto found = json::member(text, key);
        must(found.has_value(), "a member that another reads is found");
        must(json::member(std::string(text) + "," + std::string(text), key) == found,
             "what follows an object changes none of its members");
        object[key] = rebuild(*found);
      }
      return object;
    }
    default: return tree::parse(text);
  }
}

void check_text(std::string_view text) {
  const auto survey = json::check(text);
  const opinion other = ask_another(text);
  const bool is_lax = text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos;
  if (!survey) return must(!other.value || is_lax, "what another reads is JSON");
  must(other.value || other.is_picky, "what is JSON can be read by another");

  const std::string compact = json::compact(text);
  must((compact.size() != text.size()) == survey->has_whitespace, "whitespace is noticed");
  const auto again = json::check(compact);
  must(again && again->depth == survey->depth && !again->has_whitespace,
       "what is compact is JSON as deep, without whitespace");
  if (!other.value) return;
  must(survey->depth == depth_of(*other.value), "the depth is that of the tree");
  must(rebuild(compact) == *other.value, "what is looked up is what is there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (!utf8::is_valid(text)) return 0;
  // The other parser destroys its tree recursively, so its depth must be limited.
  if (size <= 20'000) check_text(text);

  const std::string literal = json::quote(text);
  must(json::check(literal).has_value(), "a quoted text is JSON");
  must(json::decode_string(literal) == text, "a quoted text is decoded to the same");
  must(tree::parse(literal) == std::string(text), "a quoted text reads the same elsewhere");
  return 0;
}
