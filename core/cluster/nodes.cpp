#include "cluster/nodes.hpp"

#include <algorithm>
#include <charconv>

namespace downbeat::cluster {
namespace {

constexpr std::int64_t longest_renewal_ms = 2'000;
/// Of a node whose announcement cannot be read.
constexpr std::string_view unknown_name = "unknown";

}  // namespace

std::int64_t renewal_interval(std::int64_t lease_ms) {
  return std::min(lease_ms / 3, longest_renewal_ms);
}

std::string write_announcement(const announcement& what) {
  return what.name + ' ' + std::to_string(what.n) + (what.is_lost ? " lost " : " ok ") + what.store;
}

std::optional<announcement> read_announcement(std::string_view text) {
  announcement what;
  const auto name_end = std::min(text.find(' '), text.size());
  what.name = text.substr(0, name_end);
  if (!is_node_name(what.name) || name_end == text.size()) return std::nullopt;
  text.remove_prefix(name_end + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), what.n);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& [word, is_lost] :
       {std::pair{std::string_view(" lost "), true}, {" ok ", false}}) {
    if (!text.starts_with(word)) continue;
    what.is_lost = is_lost;
    what.store = text.substr(word.size());
    return what;
  }
  return std::nullopt;
}

void node_list::doubt(std::int64_t now, bool is_start) {
  sure_since_ = now;
  renewed_at_ = now;
  is_start_ = is_start;
  is_known_ = false;
}

void node_list::update(const std::vector<announced_node>& nodes, std::int64_t now) {
  // Its own lease was over meanwhile, so others may have been silent for the same reason.
  if (now - renewed_at_ >= lease_ms_) {
    sure_since_ = now;
    is_start_ = false;
  }
  renewed_at_ = now;
  is_known_ = true;
  std::map<node_id, known_node> known;
  for (const announced_node& one : nodes) {
    const auto said = read_announcement(one.text);
    if (one.node == 0 || one.node > largest_node || (!said && !one.is_heard_of)) continue;
    known_node node{said ? said->name : std::string(unknown_name), one.is_heard_of, now,
                    one.is_heard_of ? 0 : 1};
    const auto before = nodes_.find(one.node);
    if (before != nodes_.end() && !one.is_heard_of && !before->second.is_heard_of) {
      node.silent_since = before->second.silent_since;
      node.silent_updates = before->second.silent_updates + 1;
    }
    known.emplace(one.node, std::move(node));
  }
  nodes_ = std::move(known);
}

bool node_list::is_living(node_id id, const known_node& node, std::int64_t now) const {
  return id == self_ || !is_silent(node, now) || !is_sure(now);
}

// If the clock by which the store ends leases has jumped, or if all of them have slept, nobody is
// heard of for a moment. Whoever lives renews its lease meanwhile.
bool node_list::is_silent(const known_node& node, std::int64_t now) const {
  return node.silent_updates > 1 && now - node.silent_since >= renewal_interval(lease_ms_) * 5 / 4;
}

bool node_list::waits_for_somebody(std::int64_t now) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& one) {
    return one.first != self_ && !one.second.is_heard_of && !is_silent(one.second, now);
  });
}

std::map<node_id, std::string> node_list::living(std::int64_t now) const {
  if (!is_known_ || (!is_start_ && !is_sure(now))) return {};
  std::map<node_id, std::string> all;
  for (const auto& [id, node] : nodes_) {
    if (is_living(id, node, now)) all.emplace(id, node.name);
  }
  return all;
}

std::string write_nodes(node_id self, const std::map<node_id, std::string>& living) {
  std::string text = "{\"self\":" + std::to_string(self) + ",\"nodes\":[";
  bool is_first = true;
  for (const auto& [id, name] : living) {
    if (!is_first) text += ',';
    is_first = false;
    text += "{\"id\":" + std::to_string(id) + ",\"name\":\"" + name + "\"}";
  }
  return text + "]}";
}

std::vector<node_id> node_list::to_remove(std::int64_t now) const {
  const auto all = living(now);
  if (all.empty() || all.begin()->first != self_) return {};
  std::vector<node_id> dead;
  for (const auto& [id, node] : nodes_) {
    if (!is_living(id, node, now) && now - node.silent_since >= lease_ms_) dead.push_back(id);
  }
  return dead;
}

std::set<node_id> node_list::others_named(const std::string& name) const {
  std::set<node_id> all;
  for (const auto& [id, node] : nodes_) {
    if (id != self_ && node.is_heard_of && node.name == name) all.insert(id);
  }
  return all;
}

std::set<node_id> node_list::others() const {
  std::set<node_id> all;
  for (const auto& [id, node] : nodes_) {
    if (id != self_ && node.is_heard_of) all.insert(id);
  }
  return all;
}

}  // namespace downbeat::cluster
