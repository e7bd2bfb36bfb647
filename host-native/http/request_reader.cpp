#include "http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <limits>

namespace downbeat::host {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t least_rest_of_chunks = std::string_view("0\r\n\r\n").size();

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

boost::beast::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

class request_reader::impl final : public request {
 public:
  explicit impl(std::uint32_t max_bytes) : max_head_bytes(max_bytes) {
    // The parser's own limit is not exact: a head that comes in one piece may pass it.
    parser.header_limit(std::numeric_limits<std::uint32_t>::max());
    // How large a body may be is for the reader's owner to say.
    parser.body_limit(boost::none);
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

  [[nodiscard]] bool is_http_1_1() const override { return message().version() == 11; }
  [[nodiscard]] bool wants_keep_alive() const override {
    return is_http_1_1() && message().keep_alive();
  }

  void on_head() {
    std::string_view target = view(message().target());
    // A proxy may be asked for `http://host/path`; it is the path that counts here.
    if (const auto scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
      const auto slash = target.find('/', scheme + 3);
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    path_ = target.substr(0, mark);
    query_ = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  }

  http::request_parser<http::string_body> parser;
  std::size_t max_head_bytes;
  std::size_t head_bytes = 0;
  bool has_head = false;

 private:
  [[nodiscard]] const http::request<http::string_body>& message() const { return parser.get(); }

  std::string_view path_;
  std::string_view query_;
};

request_reader::request_reader(std::uint32_t max_head_bytes)
    : impl_(std::make_unique<impl>(max_head_bytes)) {}
request_reader::~request_reader() = default;

request_reader::outcome request_reader::read(std::string& in) {
  auto& parser = impl_->parser;
  std::size_t used = 0;
  outcome result = outcome::need_more;
  for (;;) {
    if (impl_->has_head && parser.is_done()) {
      result = outcome::done;
      break;
    }
    if (used == in.size()) break;
    // The parser relies on having seen five bytes of a last chunk, and each rest of a body in
    // chunks has as many.
    if (impl_->has_head && parser.chunked() && in.size() - used < least_rest_of_chunks) break;
    boost::system::error_code error;
    const std::size_t taken =
        parser.put(boost::asio::buffer(in.data() + used, in.size() - used), error);
    used += taken;
    if (!impl_->has_head) {
      impl_->head_bytes += taken;
      const std::size_t kept = parser.is_header_done() ? 0 : in.size() - used;
      if (impl_->head_bytes + kept > impl_->max_head_bytes) return outcome::head_too_large;
    }
    if (!impl_->has_head && parser.is_header_done()) {
      impl_->has_head = true;
      impl_->on_head();
      parser.eager(true);
      result = outcome::head;
      break;
    }
    if (error == http::error::need_more) break;
    if (error) return outcome::malformed;
  }
  in.erase(0, used);
  // What is left is a line between chunks that has not ended.
  if (result == outcome::need_more && in.size() > impl_->max_head_bytes) return outcome::malformed;
  return result;
}

bool request_reader::has_head() const {
  return impl_->has_head;
}

const request& request_reader::head() const {
  return *impl_;
}

std::optional<std::uint64_t> request_reader::content_length() const {
  if (!impl_->has_head) return std::nullopt;
  const auto length = impl_->parser.content_length();
  if (!length) return std::nullopt;
  return *length;
}

bool request_reader::has_body() const {
  return impl_->has_head && (impl_->parser.chunked() || content_length().value_or(0) > 0);
}

std::string& request_reader::body() {
  return impl_->parser.get().body();
}

}  // namespace downbeat::host
