#include "redis/redis_protocol.hpp"

#include "redis/redis_away.hpp"

#include <hiredis/hiredis.h>

#include <charconv>
#include <cstddef>

namespace downbeat::host {
namespace {

redis_reply read_reply(const redisReply& from) {
  redis_reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.what = redis_reply::kind::text;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.what = redis_reply::kind::error;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_INTEGER:
      reply.what = redis_reply::kind::integer;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.what = redis_reply::kind::list;
      reply.items.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) {
        reply.items.push_back(read_reply(*from.element[i]));
      }
      break;
    default: break;
  }
  return reply;
}

// Such as `*3`, for a command of three parts.
void append_size(std::string& to, char what, std::size_t size) {
  char digits[20];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), size);
  static_cast<void>(error);
  to.push_back(what);
  to.append(digits, end).append("\r\n");
}

}  // namespace

reply_reader::reply_reader() : reader_(redisReaderCreate()) {
  if (!reader_) throw std::bad_alloc();
}

void reply_reader::freer::operator()(redisReader* which) const {
  redisReaderFree(which);
}

void reply_reader::feed(std::string_view bytes) {
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::optional<redis_reply> reply_reader::next() {
  void* whole = nullptr;
  if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) {
    throw redis_away(std::string("it does not speak Redis' protocol: ") + reader_->errstr);
  }
  if (whole == nullptr) return std::nullopt;
  const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
      static_cast<redisReply*>(whole), [](redisReply* one) { freeReplyObject(one); });
  return read_reply(*reply);
}

void append_command(std::string& to, std::span<const std::string_view> parts) {
  append_size(to, '*', parts.size());
  for (const std::string_view part : parts) {
    append_size(to, '$', part.size());
    to.append(part).append("\r\n");
  }
}

void append_command(std::string& to, std::initializer_list<std::string_view> parts) {
  append_command(to, std::span(parts.begin(), parts.size()));
}

}  // namespace downbeat::host
