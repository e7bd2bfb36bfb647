#include "trace/output_line.hpp"

#include "json/bytes.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "text/base64.hpp"
#include "trace/between_shards.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace downbeat::trace {
namespace {

struct output_writer {
  instant_ms now;

  [[nodiscard]] std::string begin(std::string_view kind) const {
    return std::to_string(now) + " < " + std::string(kind);
  }
  [[nodiscard]] std::string begin(std::string_view kind, std::uint64_t id) const {
    return begin(kind) + ' ' + std::to_string(id);
  }

  std::string operator()(const output::send_frame& o) const {
    std::string line = begin(o.data.is_binary() ? "send-binary" : "send", o.transport) + ' ';
    if (o.data.is_binary()) {
      line.append("\"").append(base64::encode(o.data.bytes())).append("\"");
    } else {
      json::append_quoted(line, o.data.bytes());
    }
    return line;
  }
  std::string operator()(const output::accept_websocket& o) const {
    return begin("accept", o.transport);
  }
  std::string operator()(const output::refuse_websocket& o) const {
    std::string line = begin("refuse", o.transport) + ' ' + std::to_string(o.status) + ' ';
    json::append_bytes(line, o.body);
    return line;
  }
  std::string operator()(const output::close_transport& o) const {
    return begin("close", o.transport) + ' ' + std::to_string(static_cast<std::uint16_t>(o.code));
  }
  std::string operator()(const output::respond& o) const {
    std::string line = begin("respond", o.request) + ' ' + std::to_string(o.status) + ' ';
    json::append_bytes(line, o.content_type);
    line += ' ';
    json::append_bytes(line, o.body);
    return line;
  }
  std::string operator()(const output::cut_request& o) const { return begin("cut", o.request); }
  std::string operator()(const output::report& o) const {
    return begin("report") + ' ' + json_of(*o.what);
  }
  std::string operator()(const output::answer& o) const {
    return begin("answer", o.id) + ' ' + o.json;
  }
  std::string operator()(const output::send_to_shard& o) const {
    return begin("send-to-shard", o.to) + ' ' + json_of(o.message.to, o.message.text);
  }
  std::string operator()(const output::move_connection& o) const {
    return begin("move", o.to) + ' ' + json_of(*o.what);
  }
  std::string operator()(const output::forward_request& o) const {
    return begin("forward-request", o.request) + ' ' + std::to_string(o.to);
  }
  std::string operator()(const output::forward_websocket& o) const {
    return begin("forward-websocket", o.transport) + ' ' + std::to_string(o.to);
  }
  std::string operator()(const output::append& o) const {
    std::string line = begin("append", o.append_id) + " {\"room\":";
    json::append_quoted(line, o.room);
    line += ",\"expectedHead\":" + std::to_string(o.expected_head);
    return line += ",\"events\":" + o.events + '}';
  }
  std::string operator()(const output::relay& o) const {
    json::array_writer to;
    for (const node_id one : o.to) to.raw(std::to_string(one));
    return begin("relay") + ' ' +
           json::object_writer().raw("to", to.done()).bytes("message", o.message).done();
  }
  std::string operator()(const output::wait_until& o) const {
    return o.deadline ? begin("wait") + ' ' + std::to_string(*o.deadline) : begin("wait");
  }
};

}  // namespace

std::string write_output(instant_ms now, const output::any& output) {
  return std::visit(output_writer{now}, output);
}

std::string json_of(const notice& what) {
  std::string json = "{\"what\":";
  json::append_quoted(json, to_string(what.what));
  const std::pair<std::string_view, const std::string&> members[] = {
      {"room", what.room},     {"user", what.user},       {"name", what.name},
      {"reason", what.reason}, {"address", what.address},
  };
  for (const auto& [key, value] : members) {
    if (value.empty()) continue;
    json.append(",\"").append(key).append("\":");
    json::append_bytes(json, value);
  }
  json += '}';
  return json;
}

}  // namespace downbeat::trace
