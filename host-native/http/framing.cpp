#include "http/framing.hpp"

#include "http/text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace downbeat::host {
namespace {

framing refused(int status) {
  framing result;
  result.refusal = status;
  return result;
}

bool is_chunked(std::string_view coding) {
  return equals_ignoring_case(coding, "chunked");
}

// Only `chunked`, once and last, says where the body ends. With other codings before it the end is
// known, but the content cannot be decoded.
framing read_codings(const std::vector<std::string_view>& fields) {
  std::vector<std::string_view> codings;
  for (const std::string_view field : fields) {
    for_each_element(field, [&](std::string_view coding) {
      codings.push_back(coding);
      return true;
    });
  }
  if (!is_chunked(codings.back())) return refused(400);
  if (std::count_if(codings.begin(), codings.end(), is_chunked) > 1) return refused(400);
  for (const std::string_view coding : codings) {
    if (!is_token(coding.substr(0, coding.find_first_of("; \t")))) return refused(400);
  }
  if (codings.size() > 1) return refused(501);
  framing result;
  result.is_chunked = true;
  return result;
}

}  // namespace

framing read_framing(const std::vector<std::string_view>& transfer_encodings,
                     const std::vector<std::string_view>& content_lengths, bool is_http_1_1) {
  if (!transfer_encodings.empty()) {
    // HTTP/1.0 has no Transfer-Encoding, so that an HTTP/1.0 reader would use Content-Length. Both
    // together are ambiguous, too.
    if (!is_http_1_1 || !content_lengths.empty()) return refused(400);
    return read_codings(transfer_encodings);
  }
  if (content_lengths.empty()) return {};
  if (content_lengths.size() > 1) return refused(400);
  const std::string_view digits = content_lengths.front();
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return refused(400);
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc()) return refused(400);
  framing result;
  result.content_length = length;
  return result;
}

}  // namespace downbeat::host
