#include "redis/redis_check.hpp"

#include "journal/journal_store.hpp"
#include "redis/redis_scripts.hpp"

#include <charconv>
#include <string_view>

namespace downbeat::host {
namespace {

/// The value of a line `name:value` in an answer to INFO; empty without one.
std::string info_of(const std::string& info, const std::string& name) {
  const std::string line = "\n" + name + ':';
  const auto at = ("\n" + info).find(line);
  if (at == std::string::npos) return {};
  const auto begin = at + line.size() - 1;
  return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

void refuse(const std::string& why) {
  throw unusable_journal(why, unusable_journal::reason::unreadable);
}

void check_version(const std::string& version) {
  int major = 0;
  int minor = 0;
  const auto dot = version.find('.');
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (dot != std::string::npos) {
    std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  }
  if (major < 6 || (major == 6 && minor < 2)) {
    refuse("it is Redis " + version + "; 6.2 is the oldest that is supported");
  }
}

}  // namespace

void let_pass(const redis_reply& reply) {
  for (const std::string_view code : {"LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN"}) {
    if (reply.is_error(code)) throw redis_away(reply.text);
  }
}

std::string check_redis(redis_connection& connection) {
  const redis_reply reply = connection.ask({"INFO"});
  let_pass(reply);
  if (reply.is_error()) refuse("it does not say what it is: " + reply.text);
  check_version(info_of(reply.text, "redis_version"));
  if (info_of(reply.text, "cluster_enabled") == "1") {
    refuse("it is a Redis Cluster, which is not supported; use one Redis, with replicas if wanted");
  }
  const std::string policy = info_of(reply.text, "maxmemory_policy");
  if (info_of(reply.text, "maxmemory") != "0" && !policy.empty() && policy != "noeviction") {
    refuse("its maxmemory-policy is " + policy +
           ", which deletes keys when memory is short; noeviction is right");
  }
  if (info_of(reply.text, "role") == "slave") {
    throw redis_away("it is a replica, which cannot be written");
  }
  const redis_reply layout = connection.ask({"GET", redis_scripts::version_key});
  let_pass(layout);
  if (layout.is_error()) refuse(layout.text);
  const std::string& known = layout.text;
  std::int64_t number = redis_layout;
  if (!known.empty()) std::from_chars(known.data(), known.data() + known.size(), number);
  if (number > redis_layout) {
    refuse("it has sessions of version " + known + ", and this program knows versions up to " +
           std::to_string(redis_layout));
  }
  return info_of(reply.text, "run_id");
}

}  // namespace downbeat::host
