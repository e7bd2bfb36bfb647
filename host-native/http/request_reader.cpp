#include "http/request_reader.hpp"

#include "http/authority.hpp"
#include "http/chunk_decoder.hpp"
#include "http/framing.hpp"
#include "http/head_scanner.hpp"
#include "http/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace downbeat::host {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

boost::beast::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

class request_reader::impl final : public request {
 public:
  explicit impl(std::uint32_t max_head_bytes) : scanner_(max_head_bytes), chunks_(max_head_bytes) {
    // No limit here: head_scanner limits the head, and http_sessions the body.
    parser_.header_limit(std::numeric_limits<std::uint32_t>::max());
    parser_.body_limit(boost::none);
  }

  [[nodiscard]] verb method() const override {
    switch (message().method()) {
      case http::verb::get: return verb::get;
      case http::verb::head: return verb::head;
      case http::verb::post: return verb::post;
      case http::verb::options: return verb::options;
      default: return verb::other;
    }
  }

  [[nodiscard]] std::string_view path() const override { return path_; }
  [[nodiscard]] std::string_view query() const override { return query_; }
  [[nodiscard]] std::string_view host() const override { return host_; }

  [[nodiscard]] std::string_view field(std::string_view name) const override {
    const auto found = message().find(view(name));
    return found == message().end() ? std::string_view{} : view(found->value());
  }

  [[nodiscard]] std::string fields(std::string_view name) const override {
    std::string all;
    const auto [begin, end] = message().equal_range(view(name));
    for (auto at = begin; at != end; ++at) {
      if (at != begin) all += ',';
      all.append(view(at->value()));
    }
    return all;
  }

  [[nodiscard]] std::size_t count(std::string_view name) const override {
    return message().count(view(name));
  }

  [[nodiscard]] bool lists(std::string_view name, std::string_view token) const override {
    if (message().find(view(name)) == message().end()) return false;
    const auto [begin, end] = message().equal_range(view(name));
    return std::any_of(begin, end,
                       [&](const auto& one) { return has_token(view(one.value()), token); });
  }

  [[nodiscard]] bool is_http_1_1() const override { return message().version() == 11; }
  [[nodiscard]] bool wants_keep_alive() const override { return is_http_1_1() && !wants_close_; }

  outcome read(std::string& in) {
    if (status != 0) return outcome::refused;
    return has_head ? read_body(in) : read_head(in);
  }

  bool has_head = false;
  int status = 0;
  framing length;
  std::string body;

 private:
  [[nodiscard]] const http::request<http::empty_body>& message() const { return parser_.get(); }

  outcome refuse(int its_status) {
    status = its_status;
    return outcome::refused;
  }

  outcome read_head(std::string& in) {
    switch (scanner_.scan(in)) {
      case head_scanner::outcome::need_more: return outcome::need_more;
      case head_scanner::outcome::refused: return refuse(scanner_.status());
      case head_scanner::outcome::complete: break;
    }
    boost::system::error_code error;
    parser_.put(boost::asio::buffer(in.data(), scanner_.size()), error);
    if (error || !parser_.is_header_done()) return refuse(400);
    if (const int refusal = take_fields(); refusal != 0) return refuse(refusal);
    if (!take_target()) return refuse(400);
    in.erase(0, scanner_.size());
    has_head = true;
    return outcome::head;
  }

  // The scanner accepts three forms of target. Only `*` has no authority.
  bool take_target() {
    std::string_view target = view(message().target());
    if (!target.starts_with('/') && target != "*") {
      target.remove_prefix(target.find("//") + 2);
      const auto end = std::min(target.find_first_of("/?"), target.size());
      host_ = target.substr(0, end);
      target.remove_prefix(end);
      if (const auto named = parse_authority(host_); !named || named->host.empty()) return false;
    }
    const auto mark = target.find('?');
    path_ = target.substr(0, mark);
    if (path_.empty()) path_ = "/";
    query_ = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    return true;
  }

  // Returns 0, or the status of the error response for header fields that make the request
  // ambiguous.
  int take_fields() {
    std::vector<std::string_view> codings;
    std::vector<std::string_view> lengths;
    std::size_t hosts = 0;
    for (const auto& one : message()) {
      const std::string_view value = view(one.value());
      switch (one.name()) {
        case http::field::transfer_encoding: codings.push_back(value); break;
        case http::field::content_length: lengths.push_back(value); break;
        case http::field::connection:
          wants_close_ = wants_close_ || has_token(value, "close");
          break;
        case http::field::host:
          ++hosts;
          host_ = value;
          break;
        default: break;
      }
    }
    length = read_framing(codings, lengths, is_http_1_1());
    if (length.refusal != 0) return length.refusal;
    const bool has_valid_host =
        hosts == 0 ? !is_http_1_1() : hosts == 1 && parse_authority(host_).has_value();
    return has_valid_host ? 0 : 400;
  }

  outcome read_body(std::string& in) {
    if (length.is_chunked) return read_chunks(in);
    const std::uint64_t left = length.content_length.value_or(0) - taken_;
    const std::size_t size = std::min<std::uint64_t>(left, in.size());
    body.append(in, 0, size);
    in.erase(0, size);
    taken_ += size;
    return size == left ? outcome::done : outcome::need_more;
  }

  outcome read_chunks(std::string& in) {
    std::size_t used = 0;
    const auto result = chunks_.decode(in, body, used);
    in.erase(0, used);
    switch (result) {
      case chunk_decoder::outcome::need_more: return outcome::need_more;
      case chunk_decoder::outcome::done: return outcome::done;
      case chunk_decoder::outcome::malformed: break;
    }
    return refuse(400);
  }

  head_scanner scanner_;
  chunk_decoder chunks_;
  http::request_parser<http::empty_body> parser_;
  std::string_view path_;
  std::string_view query_;
  std::string_view host_;
  bool wants_close_ = false;
  std::uint64_t taken_ = 0;  ///< of a body with Content-Length
};

request_reader::request_reader(std::uint32_t max_head_bytes)
    : impl_(std::make_unique<impl>(max_head_bytes)) {}
request_reader::~request_reader() = default;

request_reader::outcome request_reader::read(std::string& in) {
  return impl_->read(in);
}

int request_reader::refusal() const {
  return impl_->status;
}

bool request_reader::has_head() const {
  return impl_->has_head;
}

const request& request_reader::head() const {
  return *impl_;
}

std::optional<std::uint64_t> request_reader::content_length() const {
  return impl_->length.content_length;
}

bool request_reader::has_body() const {
  return impl_->has_head && (impl_->length.is_chunked || content_length().value_or(0) > 0);
}

std::string& request_reader::body() {
  return impl_->body;
}

}  // namespace downbeat::host
