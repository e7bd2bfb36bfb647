#include "load/attendance.hpp"
#include "load/clock.hpp"
#include "load/event_text.hpp"
#include "load/ledger.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <unordered_map>

namespace downbeat::bench {
namespace {

struct soak_options {
  std::uint32_t rooms;
  std::uint32_t members;
  std::int64_t duration_ns;
  std::int64_t check_every_ns;
  std::int64_t settle_ns;   ///< after which the server's memory must not grow any more
  double rate;              ///< notes a second of each member
  double churn;             ///< members a second that leave, in all rooms
  std::int64_t silence_ns;  ///< within which the server must notice a silent client
  double growth_percent;    ///< allowed growth of the server's memory
};

soak_options read_soak_options(arguments& given) {
  soak_options o{};
  o.rooms = static_cast<std::uint32_t>(given.number("rooms", 1250));
  o.members = static_cast<std::uint32_t>(given.number("members", 4));
  o.duration_ns = static_cast<std::int64_t>(given.real("seconds", 1200) * 1e9);
  o.check_every_ns = static_cast<std::int64_t>(given.real("check-every", 20) * 1e9);
  o.settle_ns = static_cast<std::int64_t>(given.real("settle", 120) * 1e9);
  o.rate = given.real("rate", 0.5);
  o.churn = given.real("churn", 50);
  o.silence_ns = static_cast<std::int64_t>(given.real("silence", 30) * 1e9);
  o.growth_percent = given.real("growth-percent", 10);
  given.refuse_unknown();
  if (o.rooms == 0 || o.members < 2) give_up("a room needs two members");
  return o;
}

constexpr std::string_view leave_ack = "437[";
constexpr std::int64_t slack_bytes = 8 * 1024 * 1024;
constexpr std::int64_t wait_ns = 2'000'000;
constexpr std::int64_t patience_ns = 20 * ns_per_second;

/// The value of a string member that comes after `at`, such as the `id` of a participant.
std::string_view text_after(std::string_view packet, std::string_view name, std::size_t at = 0) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t begin = packet.find(key, at);
  if (begin == std::string_view::npos) give_up("no " + key + " in " + std::string(packet));
  const std::string_view rest = packet.substr(begin + key.size());
  return rest.substr(0, rest.find('"'));
}

/// A musician that always returns to the same room.
struct musician {
  enum class state {
    away,      ///< not connected
    arriving,  ///< connects
    outside,   ///< is connected
    entering,  ///< has asked to create or join
    in,
    leaving,  ///< has asked to leave
  };

  state at = state::away;
  std::uint32_t client = 0;
  std::string id;
  std::string code;  ///< that it asked for
  std::string host;
  attendance others;  ///< including itself
  std::uint32_t sent = 0;
  std::int64_t back_at = 0;  ///< when to return, if away or outside
};

struct place {
  std::string code;  ///< empty until it is created
  bool is_being_made = false;
};

/// A musician that has fallen silent, which the server has not noticed yet.
struct ghost {
  std::uint32_t client;
  std::uint32_t room;
  std::string id;
  std::int64_t noticed_by;
};

class long_night : public audience {
 public:
  long_night(crowd& all, const soak_options& options)
      : all_(all),
        options_(options),
        musicians_(std::size_t{options.rooms} * options.members),
        places_(options.rooms) {}

  // Callbacks.

  void ready(client& who) override {
    musician& m = musicians_[musician_of_[who.number]];
    m.id = who.id;
    m.at = musician::state::outside;
    m.back_at = 0;
  }

  void heard(client& who, std::string_view packet) override {
    const std::uint32_t number = musician_of_[who.number];
    musician& m = musicians_[number];
    if (m.client != who.number) return;
    if (is_event(packet, "session:event")) return hear_note(m, packet);
    if (is_event(packet, "session:user-joined")) return hear_newcomer(number, packet);
    if (is_event(packet, "session:user-left")) return hear_departure(m, packet);
    if (is_event(packet, "session:host-changed")) {
      m.host = text_after(packet, "hostId");
    } else if (is_event(packet, "session:created")) {
      place& room = places_[room_of(number)];
      room.code = room_code_of(packet);
      room.is_being_made = false;
      m.host = m.id;
      m.others.clear();
      m.others.enter(m.id, std::nullopt);
      m.at = musician::state::in;
    } else if (is_event(packet, "session:joined")) {
      hear_list(m, packet);
    } else if (is_event(packet, "error")) {
      hear_error(number, packet);
    } else if (packet.starts_with(leave_ack)) {
      m.others.clear();
      m.at = musician::state::outside;
      m.back_at = now_ns() + pause();
    }
  }

  void gone(client& who) override {
    const musician& m = musicians_[musician_of_[who.number]];
    if (m.client == who.number && m.at != musician::state::away)
      give_up("the server has closed a musician's connection");
  }

  // The run.

  /// Runs for a while; musicians play, come and go.
  void play_until(std::int64_t end) {
    std::int64_t last = now_ns();
    for (std::int64_t now = last; now < end; now = now_ns()) {
      const double seconds = static_cast<double>(now - last) / 1e9;
      last = now;
      notes_due_ += seconds * options_.rate * static_cast<double>(musicians_.size());
      for (; notes_due_ >= 1; --notes_due_) play(any_musician());
      goings_due_ += seconds * options_.churn;
      for (; goings_due_ >= 1; --goings_due_) go(any_musician());
      move_on(now);
      all_.flush();
      all_.turn(*this, wait_ns);
    }
  }

  /// Waits until all musicians are in their rooms and have received everything, then compares their
  /// lists of members.
  void check() {
    ++checks_;
    const std::int64_t end = now_ns() + patience_ns;
    while (now_ns() < end && !(are_all_in() && count_missing() + count_divergent() == 0)) {
      move_on(now_ns());
      all_.flush();
      all_.turn(*this, wait_ns);
    }
    if (!are_all_in()) give_up("some musicians could not join their rooms");
    books_.lost += count_missing();
    diverged_ += count_divergent();
    forget_the_dead();
  }

  [[nodiscard]] bool are_all_in() const {
    return std::all_of(musicians_.begin(), musicians_.end(),
                       [](const musician& m) { return m.at == musician::state::in; });
  }

  /// How many silent members the server still counts.
  [[nodiscard]] std::size_t ghosts() const { return ghosts_.size(); }

  faults books_;
  std::uint64_t diverged_ = 0;   ///< musicians whose list of members was wrong
  std::uint64_t unnoticed_ = 0;  ///< silent members that the server did not notice in time
  std::uint64_t notes_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t leaves_ = 0;
  std::uint64_t closes_ = 0;
  std::uint64_t cuts_ = 0;
  std::uint64_t silences_ = 0;
  std::uint64_t checks_ = 0;

 private:
  // Received packets.

  void hear_note(musician& m, std::string_view packet) {
    const auto arrived = text_.read(packet);
    attendance::member* const from = arrived ? m.others.find(arrived->user_id) : nullptr;
    if (from == nullptr || from->id == m.id) {
      ++books_.strayed;
      return;
    }
    const life_in_room& life = lives_.at(from->id);
    const std::uint32_t number = arrived->numbers.sequence;
    if (life.musician != arrived->numbers.sender || number < life.begun) {
      ++books_.strayed;
      return;
    }
    ++deliveries_;
    if (!from->next) {
      if (from->bound && number > *from->bound) books_.lost += number - *from->bound;
      from->next = number + 1;
    } else if (number == *from->next) {
      ++*from->next;
    } else if (number > *from->next) {
      books_.lost += number - *from->next;
      from->next = number + 1;
    } else {
      ++books_.doubled;  // or it comes after one that was counted as lost
    }
  }

  void hear_list(musician& m, std::string_view packet) {
    m.others.clear();
    const std::size_t begin = packet.find("\"participants\":[");
    const std::size_t end = packet.find(']', begin);
    for (std::size_t at = begin; (at = packet.find("{\"id\":", at)) < end; ++at) {
      m.others.enter(std::string(text_after(packet, "id", at)), std::nullopt);
    }
    m.host = text_after(packet, "hostId");
    m.at = musician::state::in;
    // Members that already know the newcomer have announced from which note on it receives theirs.
    for (const auto& [id, bound] : early_bounds_[m.id]) {
      if (attendance::member* const other = m.others.find(id)) other->bound = bound;
    }
    early_bounds_.erase(m.id);
  }

  void hear_newcomer(std::uint32_t number, std::string_view packet) {
    musician& m = musicians_[number];
    const std::string id(text_after(packet, "id"));
    const auto life = lives_.find(id);
    if (life == lives_.end() || life->second.room != room_of(number) || m.others.find(id)) {
      ++diverged_;
      return;
    }
    m.others.enter(id, life->second.begun);
    // From here on the newcomer receives this musician's notes.
    musician& newcomer = musicians_[life->second.musician];
    if (newcomer.id != id) return;
    attendance::member* const self = newcomer.others.find(m.id);
    if (self == nullptr) {
      early_bounds_[id].emplace_back(m.id, m.sent);
    } else if (!self->next && !self->bound) {
      self->bound = m.sent;
    }
  }

  void hear_departure(musician& m, std::string_view packet) {
    const std::string id(text_after(packet, "userId"));
    attendance::member* const gone = m.others.find(id);
    if (gone == nullptr) {
      ++diverged_;
      return;
    }
    const life_in_room& life = lives_.at(id);
    if (life.how == ending::none) ++diverged_;
    if (life.how == ending::orderly) {
      const std::uint32_t heard = gone->next ? *gone->next : gone->bound.value_or(life.ended);
      if (heard < life.ended) books_.lost += life.ended - heard;
    }
    m.others.remove(*gone);
  }

  void hear_error(std::uint32_t number, std::string_view packet) {
    musician& m = musicians_[number];
    // Otherwise: the last member may have left the session while this one was joining.
    if (packet.find("session_not_found") == std::string_view::npos ||
        m.at != musician::state::entering) {
      give_up("refused: " + std::string(packet));
    }
    place& room = places_[room_of(number)];
    if (room.code == m.code) room.code.clear();
    lives_.erase(m.id);
    m.at = musician::state::outside;
  }

  // Actions.

  void play(std::uint32_t number) {
    musician& m = musicians_[number];
    if (m.at != musician::state::in) return;
    all_.send(all_[m.client], text_.write({number, m.sent++, 0}));
    ++notes_;
  }

  void go(std::uint32_t number) {
    musician& m = musicians_[number];
    if (m.at != musician::state::in) return;
    const std::uint64_t how = random_() % 10;
    if (how < 4) {
      ++leaves_;
      end_life(m, ending::orderly);
      std::string packet = leave_packet(places_[room_of(number)].code);
      all_.send(all_[m.client], packet.insert(2, "7"));
      m.at = musician::state::leaving;
      return;
    }
    client& connection = all_[m.client];
    if (how < 6) {
      ++closes_;
      end_life(m, ending::orderly);
      all_.close(connection);
    } else if (how < 9) {
      ++cuts_;
      end_life(m, ending::abrupt);
      all_.cut(connection);
    } else {
      ++silences_;
      all_.flush();
      end_life(m, ending::unnoticed);
      all_.silence(connection);
      ghosts_.push_back({m.client, room_of(number), m.id, now_ns() + options_.silence_ns});
    }
    m.at = musician::state::away;
    m.others.clear();
    m.back_at = now_ns() + pause();
  }

  void end_life(const musician& m, ending how) {
    life_in_room& life = lives_.at(m.id);
    life.ended = m.sent;
    life.how = how;
  }

  /// Lets each musician take its next step.
  void move_on(std::int64_t now) {
    std::uint32_t arriving = 0;
    for (const musician& m : musicians_) arriving += m.at == musician::state::arriving ? 1 : 0;
    for (std::uint32_t i = 0; i < musicians_.size(); ++i) {
      musician& m = musicians_[i];
      if (m.back_at > now) continue;
      if (m.at == musician::state::away && arriving < 64) {
        ++arriving;
        m.client = all_.add().number;
        musician_of_.resize(all_.size());
        musician_of_[m.client] = i;
        m.at = musician::state::arriving;
      } else if (m.at == musician::state::outside && !is_remembered(i)) {
        enter(i);
      }
    }
    while (!ghosts_.empty() && ghosts_.front().noticed_by <= now) lay_to_rest(ghosts_.front());
  }

  /// Whether somebody has not yet received the `user-left` of this one: joining again now would mix
  /// up two stays.
  bool is_remembered(std::uint32_t number) {
    const std::uint32_t first = room_of(number) * options_.members;
    for (std::uint32_t i = first; i < first + options_.members; ++i) {
      if (musicians_[i].others.find(musicians_[number].id)) return true;
    }
    return false;
  }

  void enter(std::uint32_t number) {
    musician& m = musicians_[number];
    early_bounds_.erase(m.id);
    place& room = places_[room_of(number)];
    if (room.code.empty() && room.is_being_made) return;
    lives_[m.id] = {number, room_of(number), m.sent, 0, ending::none};
    m.at = musician::state::entering;
    m.code = room.code;
    if (room.code.empty()) {
      room.is_being_made = true;
      all_.send(all_[m.client], create_packet());
    } else {
      all_.send(all_[m.client], join_packet(room.code));
    }
  }

  void lay_to_rest(const ghost& silent) {
    for (std::uint32_t i = 0; i < options_.members; ++i) {
      if (musicians_[silent.room * options_.members + i].others.find(silent.id)) {
        ++unnoticed_;
        break;
      }
    }
    all_.cut(all_[silent.client]);
    ghosts_.pop_front();
  }

  // Checks.

  /// Notes that a present member has not received yet.
  std::uint64_t count_missing() {
    std::uint64_t missing = 0;
    for (musician& m : musicians_) {
      for (const attendance::member& other : m.others.members()) {
        const auto life = lives_.find(other.id);
        if (other.id == m.id || life == lives_.end() || life->second.how != ending::none) {
          continue;
        }
        const std::uint32_t sent = musicians_[life->second.musician].sent;
        missing += sent - other.next.value_or(other.bound.value_or(sent));
      }
    }
    return missing;
  }

  std::uint64_t count_divergent() {
    std::uint64_t divergent = 0;
    for (std::uint32_t i = 0; i < musicians_.size(); ++i) divergent += is_divergent(i) ? 1 : 0;
    return divergent;
  }

  /// All lists of members must equal that of the first one in the room; all on it must be present
  /// or silent.
  bool is_divergent(std::uint32_t number) {
    const musician& m = musicians_[number];
    const auto& list = m.others.members();
    const std::uint32_t first = room_of(number) * options_.members;
    const auto& model = musicians_[first].others.members();
    bool is_right = !list.empty() && m.host == list.front().id &&
                    std::equal(list.begin(), list.end(), model.begin(), model.end(),
                               [](const auto& a, const auto& b) { return a.id == b.id; });
    std::uint32_t present = 0;
    for (const attendance::member& other : list) {
      const auto life = lives_.find(other.id);
      const bool is_there = life != lives_.end() && life->second.room == room_of(number) &&
                            musicians_[life->second.musician].id == other.id;
      present += is_there ? 1 : 0;
      is_right =
          is_right && (is_there || (life != lives_.end() && life->second.how == ending::unnoticed));
    }
    return !is_right || present != options_.members;
  }

  void forget_the_dead() {
    std::unordered_map<std::string, life_in_room> kept;
    for (const musician& m : musicians_) {
      for (const attendance::member& other : m.others.members()) {
        if (const auto life = lives_.find(other.id); life != lives_.end()) kept.insert(*life);
      }
    }
    lives_ = std::move(kept);
    early_bounds_.clear();
  }

  [[nodiscard]] std::uint32_t room_of(std::uint32_t number) const {
    return number / options_.members;
  }
  std::uint32_t any_musician() { return static_cast<std::uint32_t>(random_() % musicians_.size()); }
  std::int64_t pause() { return static_cast<std::int64_t>(random_() % 2'000) * 1'000'000; }

  crowd& all_;
  soak_options options_;
  std::vector<musician> musicians_;  ///< room by room
  std::vector<place> places_;
  std::vector<std::uint32_t> musician_of_;  ///< by client
  std::unordered_map<std::string, life_in_room> lives_;
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::uint32_t>>> early_bounds_;
  std::deque<ghost> ghosts_;
  event_text text_;
  std::mt19937_64 random_{11};
  double notes_due_ = 0;
  double goings_due_ = 0;
};

double mib(std::int64_t bytes) {
  return static_cast<double>(bytes) / (1024 * 1024);
}

}  // namespace

bool soak(crowd& all, const process_meter& server, arguments& given, report& found) {
  const soak_options options = read_soak_options(given);
  long_night night(all, options);
  night.check();

  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  const std::int64_t end = begin + options.duration_ns;
  std::int64_t settled_bytes = server.memory_bytes();
  std::int64_t most_bytes = 0;
  std::int64_t last_bytes = 0;
  while (now_ns() < end) {
    night.play_until(std::min(end, now_ns() + options.check_every_ns));
    night.check();
    last_bytes = server.memory_bytes();
    if (now_ns() - begin <= options.settle_ns) {
      settled_bytes = std::max(settled_bytes, last_bytes);
    } else {
      most_bytes = std::max(most_bytes, last_bytes);
    }
    std::fprintf(stderr,
                 "%5.0f s: %llu notes, %llu deliveries, %llu left, %llu closed, %llu cut, "
                 "%llu silent, %.1f MiB, %llu lost, %llu diverged\n",
                 static_cast<double>(now_ns() - begin) / 1e9,
                 static_cast<unsigned long long>(night.notes_),
                 static_cast<unsigned long long>(night.deliveries_),
                 static_cast<unsigned long long>(night.leaves_),
                 static_cast<unsigned long long>(night.closes_),
                 static_cast<unsigned long long>(night.cuts_),
                 static_cast<unsigned long long>(night.silences_), mib(last_bytes),
                 static_cast<unsigned long long>(night.books_.lost),
                 static_cast<unsigned long long>(night.diverged_));
  }
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto bound = static_cast<std::int64_t>(static_cast<double>(settled_bytes) *
                                               (1 + options.growth_percent / 100)) +
                     slack_bytes;
  const bool has_grown = most_bytes > bound;

  found.add("connections", std::int64_t{options.rooms} * options.members);
  found.add("rooms", std::int64_t{options.rooms});
  found.add("seconds", seconds);
  found.add("server_busy", static_cast<double>(server.cpu_ns() - cpu_before) / 1e9 / seconds);
  found.add("notes", night.notes_);
  found.add("deliveries", night.deliveries_);
  found.add("leaves", night.leaves_);
  found.add("closes", night.closes_);
  found.add("cuts", night.cuts_);
  found.add("silences", night.silences_);
  found.add("checks", night.checks_);
  found.add("settled_mib", mib(settled_bytes));
  found.add("most_mib_after", mib(most_bytes));
  found.add("last_mib", mib(last_bytes));
  found.add("bound_mib", mib(bound));
  found.add("has_grown", std::int64_t{has_grown ? 1 : 0});
  found.add("lost", night.books_.lost);
  found.add("doubled", night.books_.doubled);
  found.add("strayed", night.books_.strayed);
  found.add("diverged", night.diverged_);
  found.add("unnoticed", night.unnoticed_);
  return !night.books_.any() && night.diverged_ == 0 && night.unnoticed_ == 0 && !has_grown;
}

}  // namespace downbeat::bench
