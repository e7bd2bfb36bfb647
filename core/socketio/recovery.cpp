// Recovery: a client that shows a secret of a socket gets that socket, whether its connection is
// lost or still open. The `pid` is Socket.IO's, and the client library shows it by itself. The
// resume token is for pages, which lose the library's memory with a reload.

#include "json/text.hpp"
#include "socketio/server.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace downbeat::socketio {
namespace {

// A pid, or a resume token, is 24 bytes: a secret, the shard where it was drawn, and a tag that
// only this process makes.
constexpr std::size_t secret_bytes = 16;
constexpr std::size_t drawn_bytes = secret_bytes + 1;
constexpr std::size_t pid_bytes = 24;

/// What may be a secret of this or another version. Other text is as if it were not there.
constexpr std::size_t least_characters = 22;
constexpr std::size_t most_characters = 64;

/// How long a CONNECT waits for a socket, before its client is closed and comes again.
constexpr std::int64_t claim_timeout_ms = 5'000;

template <class Bytes>
std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a secret is made of, beside what is drawn for the client.
void append_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xff);
}

/// The highest number cannot be a key of `id_map`.
std::uint64_t key_of(const sha256_digest& hash) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | hash[i];
  return key >> 1;
}

/// The bytes of a secret; nothing if the text has another form.
std::optional<std::string> decode_secret(std::string_view pid) {
  auto bytes = base64::decode_url(pid);
  return bytes && bytes->size() == pid_bytes ? std::move(bytes) : std::nullopt;
}

}  // namespace

void server::prepare_recovery(instant_ms now, client& c, const entropy& fresh) {
  c.recovery = std::make_unique<recovery_state>();
  c.recovery->opened_at = now;
  c.recovery->pid_entropy = entropy_part::pids::of(fresh);
  make_pid_key(c);
}

void server::make_pid_key(const client& c) {
  // Of another text than any pid is made of, so that the first pid says nothing about it.
  if (!pid_key_) pid_key_ = sha256("key of pids" + std::string(text_of(c.recovery->pid_entropy)));
}

sha256_digest server::pid_tag(std::string_view drawn) const {
  return sha256(std::string(text_of(*pid_key_)).append(drawn));
}

std::string server::sign(const sha256_digest& secret) const {
  std::string signed_bytes(text_of(secret).substr(0, secret_bytes));
  signed_bytes += static_cast<char>(here_.index);
  const sha256_digest tag = pid_tag(signed_bytes);
  signed_bytes += text_of(tag).substr(0, pid_bytes - drawn_bytes);
  return base64::encode_url(signed_bytes);
}

bool server::is_own_pid(std::string_view pid) const {
  const auto bytes = decode_secret(pid);
  if (!pid_key_ || !bytes) return false;
  const sha256_digest tag = pid_tag(bytes->substr(0, drawn_bytes));
  return text_of(tag).substr(0, pid_bytes - drawn_bytes) == bytes->substr(drawn_bytes);
}

bool server::is_foreign(const shown_secrets& shown) const {
  const bool is_own_token = shown.token && is_own_pid(shown.token->text);
  return !is_own_token && !(shown.pid && is_own_pid(shown.pid->text));
}

std::optional<server::shown_secret> server::read_secret(std::string_view auth,
                                                        std::string_view name) {
  const auto literal = json::member(auth, name);
  if (!literal || json::kind_of(*literal) != json::kind::string) return std::nullopt;
  // Each character has at most six characters as an escape.
  if (literal->size() > 6 * most_characters + 2) return std::nullopt;
  auto text = json::decode_string(*literal);
  if (!text || text->size() < least_characters || text->size() > most_characters) {
    return std::nullopt;
  }
  const sha256_digest hash = sha256(*text);
  return shown_secret{*std::move(text), hash};
}

server::shown_secrets server::read_secrets(std::string_view auth) {
  if (auth.empty()) return {};
  return {read_secret(auth, "pid"), read_secret(auth, "resumeToken")};
}

socket* server::find_by(const sha256_digest& secret_hash) const {
  const auto found = by_secret_.find(key_of(secret_hash));
  if (found == by_secret_.end()) return nullptr;
  const auto has = [&](const std::shared_ptr<const sha256_digest>& hash) {
    return hash && equal_in_constant_time(*hash, secret_hash);
  };
  socket* const s = found->second;
  return has(s->pid_hash) || has(s->token_hash) || has(s->former_token_hash) ? s : nullptr;
}

std::string server::draw_pid(const client& c, socket& s) {
  std::string bytes(text_of(c.recovery->pid_entropy));
  append_number(bytes, s.number);
  std::string pid = sign(sha256(bytes));
  auto hash = std::make_shared<const sha256_digest>(sha256(pid));
  if (!by_secret_.emplace(key_of(*hash), &s)) return {};
  s.pid_hash = std::move(hash);
  s.pid_shard = here_.index;
  return pid;
}

std::string server::replace_pid(const client& c, socket& s) {
  by_secret_.erase(key_of(*s.pid_hash));
  if (s.pid_shard == unknown_shard && here_.count > 1) {
    // The token stays.
    application_->pid_moved(std::nullopt, *s.pid_hash, false);
  } else {
    announce(s, false);
  }
  s.pid_hash.reset();
  return draw_pid(c, s);
}

drawn_secret server::draw_token(const socket& who) {
  recovery_state& of = *clients_.at_key(who.client)->recovery;
  // Of a longer text than any pid is made of.
  std::string bytes(text_of(of.pid_entropy));
  append_number(bytes.append("resume token"), who.number);
  append_number(bytes, ++of.tokens);
  std::string token = sign(sha256(bytes));
  auto hash = std::make_shared<const sha256_digest>(sha256(token));
  return {std::move(token), std::move(hash)};
}

void server::begin_token(const socket& who, std::shared_ptr<const sha256_digest> token_hash) {
  socket& s = *sockets_.at_key(who.number);
  void_tokens(s);
  if (token_hash) set_token(who, std::move(token_hash));
}

void server::set_token(const socket& who, std::shared_ptr<const sha256_digest> token_hash) {
  socket& s = *sockets_.at_key(who.number);
  if (!by_secret_.emplace(key_of(*token_hash), &s)) return;  // it has this one already
  if (s.former_token_hash) by_secret_.erase(key_of(*s.former_token_hash));
  s.former_token_hash = std::exchange(s.token_hash, std::move(token_hash));
}

void server::void_secrets(const socket& s) {
  for (const auto& hash : {s.pid_hash, s.token_hash, s.former_token_hash}) {
    if (hash) by_secret_.erase(key_of(*hash));
  }
}

void server::void_tokens(socket& s) {
  for (auto* const hash : {&s.token_hash, &s.former_token_hash}) {
    if (*hash) by_secret_.erase(key_of(**hash));
    hash->reset();
  }
}

bool server::recover(instant_ms now, client& c, const packet& p, const shown_secrets& shown) {
  socket* s = shown.pid ? find_by(shown.pid->hash) : nullptr;
  const bool is_by_pid = s != nullptr;
  if (s == nullptr && shown.token) s = find_by(shown.token->hash);
  if (s == nullptr && c.sockets.empty()) {
    const auto to = shard_to_ask(c, shown);
    if (to && c.recovery->moves >= most_moves) {
      close_to_come_again(c);
      return true;
    }
    if (to) {
      ++c.recovery->moves;
      c.recovery->has_moved = true;
      hold_connect(c, p);
      move(c, *to);
      return true;
    }
  }
  const std::int64_t waited_ms =
      c.recovery->hold_until ? now - (*c.recovery->hold_until - claim_timeout_ms) : 0;
  if (s == nullptr && c.sockets.empty() && is_foreign(shown) &&
      application_->may_know_later(now, waited_ms)) {
    hold_claim(now, c, p, unknown_socket);
    return true;
  }
  c.recovery->moves = 0;
  c.recovery->is_by_token = false;
  if (s == nullptr || s->nsp != p.nsp) {
    c.recovery->hold_until.reset();
    return false;
  }
  const socket_number number = s->number;
  // After a restart the application knows nothing of the client, and draws anew.
  const connect_request request{p.nsp,
                                p.json,
                                c.query,
                                c.remote_address,
                                seed_for(c, number),
                                shown.token ? shown.token->text : std::string_view()};
  if (application_->refuses_recovery(now, *s, request)) {
    c.recovery->hold_until.reset();
    return false;
  }
  const bool was_connected = !is_kept(number);
  // A CONNECT that was delayed on its way, while the client came back by a later connection. If it
  // is not that, the client comes again, and has the later one.
  if (was_connected && c.recovery->opened_at < clients_.at_key(s->client)->recovery->opened_at) {
    close_to_come_again(c);
    return true;
  }
  const bool is_busy = was_connected && clients_.at_key(s->client)->messages == delivery::paused;
  if (is_busy || !application_->may_recover(now, *s)) {
    hold_claim(now, c, p, number);
    return true;
  }
  kept_socket taken;
  if (was_connected) {
    taken = take_over(now, *s);
  } else {
    const auto kept = kept_.find(number);
    taken = std::move(kept->second);
    kept_.erase(number);
    sockets_.emplace(number, s);
    namespaces_[s->nsp].add(*s);
  }
  forget_connect_deadline(c);
  c.recovery->hold_until.reset();
  // What the client was allowed goes on with the socket.
  if (taken.memory && c.sockets.empty()) c.memory = std::move(taken.memory);
  if (!c.memory) c.memory = application_->remember(request);
  s->client = c.id;
  s->memory = c.memory.get();
  s->outstanding_acks.clear();
  c.sockets.push_back(std::move(taken.core));
  application_->recovering(now, *s, request);
  // The text of the pid is not kept, so after a reload there is a new one.
  answer_connect(*s, is_by_pid ? shown.pid->text : replace_pid(c, *s));
  application_->recovered(now, *s, request, was_connected);
  return true;
}

kept_socket server::take_over(instant_ms now, socket& s) {
  client& owner = *clients_.at_key(s.client);
  application_->taken_over(now, s);
  transport_.send(owner.id, frame_of({packet_type::disconnect, s.nsp, std::nullopt, {}, 0}));
  const auto at = std::find_if(owner.sockets.begin(), owner.sockets.end(),
                               [&](const auto& owned) { return owned.get() == &s; });
  kept_socket taken{std::move(*at), nullptr};
  owner.sockets.erase(at);
  while (!owner.sockets.empty()) expel(now, owner, *owner.sockets.front());
  taken.memory = std::move(owner.memory);
  owner.messages = delivery::closed;
  drop_buffer(owner);
  transport_.close(owner.id);
  return taken;
}

void server::lose(instant_ms now, client& c, socket& s, std::string_view reason) {
  std::unique_ptr<socket> gone = take_out(c, s);
  if (!gone->pid_hash) return application_->disconnected(now, *gone, reason);
  // Nobody can have it while it is neither connected nor kept.
  void_secrets(*gone);
  if (!application_->lost(now, *gone, reason)) return announce(*gone, false);
  socket& kept = *gone;
  kept.client = 0;
  for (const auto& hash : {kept.pid_hash, kept.token_hash, kept.former_token_hash}) {
    if (hash) by_secret_.emplace(key_of(*hash), &kept);
  }
  kept_.emplace(kept.number, kept_socket{std::move(gone), std::move(c.memory)});
}

void server::forget(socket_number number, bool is_elsewhere) {
  const auto found = kept_.find(number);
  if (found == kept_.end()) return;
  const std::unique_ptr<socket> ended = std::move(found->second.core);
  kept_.erase(number);
  void_secrets(*ended);
  if (!is_elsewhere) announce(*ended, false);
}

void server::close_for_another_shard(const socket& who) {
  socket& s = *sockets_.at_key(who.number);
  void_secrets(s);
  s.pid_hash.reset();
  s.token_hash.reset();
  s.former_token_hash.reset();
  close_to_come_again(*clients_.at_key(s.client));
}

const socket* server::find_kept(socket_number number) const {
  const auto found = kept_.find(number);
  return found == kept_.end() ? nullptr : found->second.core.get();
}

socket_number server::keep(std::string_view nsp, std::string_view id,
                           std::shared_ptr<const sha256_digest> pid_hash,
                           std::shared_ptr<const sha256_digest> token_hash) {
  auto made = std::make_unique<socket>();
  made->number = here_.number(++connects_);
  made->nsp = nsp;
  made->id = id;
  const socket_number number = made->number;
  if (!by_secret_.emplace(key_of(*pid_hash), made.get())) return number;
  made->pid_hash = std::move(pid_hash);
  if (token_hash && by_secret_.emplace(key_of(*token_hash), made.get())) {
    made->token_hash = std::move(token_hash);
  }
  made->pid_shard = unknown_shard;
  kept_.emplace(number, kept_socket{std::move(made), nullptr});
  return number;
}

// Several shards. A client that shows a pid goes to the shard where it was drawn, and from there to
// the shard where its socket is by now. It arrives with its CONNECT held. If the socket has moved
// on in the meantime, it goes back and is sent after it.

std::optional<shard_index> server::shard_of(const shown_secret& shown) const {
  const auto bytes = decode_secret(shown.text);
  if (!bytes) return std::nullopt;
  if (const auto found = shard_by_pid_.find(key_of(shown.hash)); found != shard_by_pid_.end()) {
    return found->second;
  }
  const auto drawn_at =
      static_cast<shard_index>(static_cast<unsigned char>((*bytes)[secret_bytes]));
  // Before a restart there may have been more shards.
  if (drawn_at >= here_.count) return std::nullopt;
  return drawn_at == here_.index ? std::nullopt : std::optional(drawn_at);
}

std::optional<shard_index> server::shard_to_ask(client& c, const shown_secrets& shown) const {
  if (here_.count == 1) return std::nullopt;
  if (shown.pid && !c.recovery->is_by_token) {
    if (const auto to = shard_of(*shown.pid)) return to;
  }
  const auto to = shown.token ? shard_of(*shown.token) : std::nullopt;
  // There the pid would send the client back.
  if (to) c.recovery->is_by_token = true;
  return to;
}

void server::move(client& c, shard_index to) {
  if (c.recovery) c.recovery->moving_to = to;
  transport_.move(c.id, to);
}

void server::set_shard_of_pid(const sha256_digest& pid_hash, std::optional<shard_index> at) {
  if (at && *at != here_.index) {
    shard_by_pid_.insert_or_assign(key_of(pid_hash), *at);
  } else {
    shard_by_pid_.erase(key_of(pid_hash));
  }
}

void server::forget_shard_of_pid(const sha256_digest& pid_hash, shard_index at) {
  const auto found = shard_by_pid_.find(key_of(pid_hash));
  if (found != shard_by_pid_.end() && found->second == at) shard_by_pid_.erase(found);
}

void server::take_pid(socket& s) {
  by_secret_.emplace(key_of(*s.pid_hash), &s);
  set_shard_of_pid(*s.pid_hash, std::nullopt);
  announce(s, true);
}

void server::announce(const socket& s, bool is_here) {
  if (!s.pid_hash || here_.count == 1) return;
  // What other shards have said of it is over, too, unless that was of another one with this pid.
  if (!is_here && s.pid_shard != unknown_shard) set_shard_of_pid(*s.pid_hash, std::nullopt);
  if (s.pid_shard == unknown_shard) {
    for (const auto& hash : {s.pid_hash, s.token_hash}) {
      if (hash) application_->pid_moved(std::nullopt, *hash, is_here);
    }
  } else if (s.pid_shard != here_.index) {
    application_->pid_moved(s.pid_shard, *s.pid_hash, is_here);
  }
}

// Clients that wait for a socket.

void server::hold_claim(instant_ms now, client& c, const packet& p, socket_number of) {
  c.recovery->claim = of;
  if (!c.recovery->hold_until) c.recovery->hold_until = now + claim_timeout_ms;
  c.recovery->claim_deadline = c.recovery->hold_until;
  deadlines_.set(*c.recovery->claim_deadline, {c.id, deadline_kind::claim});
  claims_[of].push_back(c.id);
  hold_connect(c, p);
}

void server::hold_connect(client& c, const packet& p) {
  c.messages = delivery::paused;
  const std::string text = encode(p);
  message_buffer& held = buffers_[c.id];
  held.bytes += bytes_of_buffered(text);
  buffered_bytes_ += bytes_of_buffered(text);
  held.queue.push_front({false, text});
  is_buffer_within_limit(c);
}

void server::drop_claim(client& c) {
  if (!c.recovery || !c.recovery->claim) return;
  if (const auto at = std::exchange(c.recovery->claim_deadline, std::nullopt)) {
    deadlines_.cancel(*at, {c.id, deadline_kind::claim});
  }
  const auto waiting = claims_.find(*std::exchange(c.recovery->claim, std::nullopt));
  if (waiting == claims_.end()) return;
  auto& ids = waiting->second;
  ids.erase(std::remove(ids.begin(), ids.end(), c.id), ids.end());
  if (ids.empty()) claims_.erase(waiting);
}

// Without a DISCONNECT packet, so that the client comes again with the same pid.
void server::expire_claim(client& c) {
  c.recovery->claim_deadline.reset();
  drop_claim(c);
  close_to_come_again(c);
}

void server::close_to_come_again(client& c) {
  c.messages = delivery::closed;
  drop_buffer(c);
  transport_.close(c.id);
}

void server::retry_claims(instant_ms now, socket_number number) {
  const auto waiting = claims_.find(number);
  if (waiting == claims_.end()) return;
  const std::vector<client_id> ids = std::move(waiting->second);
  claims_.erase(waiting);
  for (const client_id id : ids) {
    client& c = *clients_.at_key(id);
    const auto at = std::exchange(c.recovery->claim_deadline, std::nullopt);
    if (at) deadlines_.cancel(*at, {id, deadline_kind::claim});
    // The first held message is the CONNECT. It may have to wait again.
    resume(now, c);
  }
}

}  // namespace downbeat::socketio
