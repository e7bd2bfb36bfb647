#include "load/clock.hpp"
#include "load/event_text.hpp"
#include "load/histogram.hpp"
#include "load/ledger.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace downbeat::bench {
namespace {

struct play_options {
  std::uint32_t rooms;
  std::uint32_t members;
  std::int64_t warmup_ns;
  std::int64_t measured_ns;
  double rate;           ///< events a second of each member; 0 to saturate
  std::uint32_t window;  ///< how many events of a member may be in flight when saturating
  bool may_sleep;        ///< may sleep between two beats, if others need the core
};

play_options read_options(arguments& given) {
  play_options options{};
  options.rooms = static_cast<std::uint32_t>(given.number("rooms", 20));
  options.members = static_cast<std::uint32_t>(given.number("members", 10));
  options.warmup_ns = static_cast<std::int64_t>(given.real("warmup", 2) * 1e9);
  options.measured_ns = static_cast<std::int64_t>(given.real("seconds", 5) * 1e9);
  options.rate = given.real("rate", 0);
  options.window = static_cast<std::uint32_t>(given.number("window", 8));
  options.may_sleep = given.number("sleep", 0) != 0;
  given.refuse_unknown();
  if (options.rooms == 0 || options.members < 2 || options.window == 0) {
    give_up("a room needs two members, and a window of one event");
  }
  return options;
}

class players : public bystander {
 public:
  players(crowd& all, const play_options& options)
      : all_(all),
        listeners_(options.members - 1),
        may_sleep_(options.may_sleep && options.rate > 0),
        window_(options.rate > 0 ? 0 : static_cast<std::int64_t>(options.window) * listeners_),
        books_(options.rooms, options.members),
        on_their_way_(std::size_t{options.rooms} * options.members) {
    if (options.rate > 0) {
      plan_beats(options.rate);
    } else {
      for (std::uint32_t i = 0; i < on_their_way_.size(); ++i) may_send_.push_back(i);
    }
  }

  void heard(client& who, std::string_view packet) override {
    if (!is_event(packet, "session:event")) return;
    const auto arrived = text_.read(packet);
    if (!arrived || arrived->numbers.sender >= on_their_way_.size() ||
        arrived->user_id != all_[arrived->numbers.sender].id) {
      return books_.strayed();
    }
    const stamp& numbers = arrived->numbers;
    ++deliveries_;
    const bool is_crossing = all_.node_of(who.number) != all_.node_of(numbers.sender);
    if (is_crossing) ++crossings_;
    if (is_measuring_) {
      const std::int64_t latency = all_.read_at() - epoch_ - numbers.at_ns;
      latency_.add(latency);
      if (is_crossing) crossing_latency_.add(latency);
    }
    std::int64_t& outstanding = on_their_way_[numbers.sender];
    const bool had_to_wait = outstanding + listeners_ > window_;
    const std::int64_t passed = books_.heard(who.number, numbers.sender, numbers.sequence);
    outstanding -= passed;
    outstanding_ -= passed;
    if (had_to_wait && outstanding + listeners_ <= window_) may_send_.push_back(numbers.sender);
  }

  /// Plays until this time.
  void play_until(std::int64_t end) {
    std::int64_t now = now_ns();
    std::int64_t alive_at = now;
    std::uint64_t seen = deliveries_;
    for (; now < end; now = now_ns()) {
      if (window_ > 0) {
        fill_windows(now);
      } else {
        keep_the_beat(now);
      }
      all_.flush();
      ++turns_;
      if (!all_.turn(*this, may_sleep_ ? until_next_beat() : 0)) ++idle_turns_;
      if (seen != deliveries_) {
        seen = deliveries_;
        alive_at = now;
      } else if (now - alive_at > patience_ns) {
        return;  // so many events are lost that all windows are full
      }
    }
  }

  void measure(bool is_measuring) { is_measuring_ = is_measuring; }

  /// Waits for all events in flight; lost ones end the wait when nothing has come for so long.
  void drain(std::int64_t patience) {
    std::uint64_t seen = deliveries_;
    for (std::int64_t alive_at = now_ns(); outstanding_ > 0 && now_ns() - alive_at < patience;) {
      all_.turn(*this);
      if (seen != deliveries_) {
        seen = deliveries_;
        alive_at = now_ns();
      }
    }
  }

  /// Once nothing is in flight: what went wrong.
  faults finish() {
    // A doubled event may arrive after all others.
    all_.turn_for(*this, ns_per_second / 20);
    return books_.close();
  }

  static constexpr std::int64_t patience_ns = ns_per_second;

  [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
  /// Those of them to a client of another node than the sender's.
  [[nodiscard]] std::uint64_t crossings() const { return crossings_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] const histogram& latency() const { return latency_; }
  [[nodiscard]] const histogram& crossing_latency() const { return crossing_latency_; }
  [[nodiscard]] const histogram& lateness() const { return lateness_; }
  /// How often polling found nothing. 0 means that the load generator was the bottleneck.
  [[nodiscard]] double idle_share() const {
    return static_cast<double>(idle_turns_) / static_cast<double>(turns_ + 1);
  }

 private:
  /// Each member plays at its own offset, the same in every run.
  void plan_beats(double rate) {
    period_ns_ = static_cast<std::int64_t>(1e9 / rate);
    std::mt19937_64 random(5);
    for (std::uint32_t i = 0; i < on_their_way_.size(); ++i) {
      const auto phase = random() % static_cast<std::uint64_t>(period_ns_);
      beats_.emplace_back(static_cast<std::int64_t>(phase), i);
    }
    std::sort(beats_.begin(), beats_.end());
    bar_ = now_ns();
  }

  void keep_the_beat(std::int64_t now) {
    while (bar_ + beats_[next_beat_].first <= now) {
      const auto [phase, member] = beats_[next_beat_];
      // Latency is counted from the planned time of sending: a server that delays the load
      // generator must not look faster by that.
      emit(member, bar_ + phase);
      if (is_measuring_) lateness_.add(now - bar_ - phase);
      if (++next_beat_ == beats_.size()) {
        next_beat_ = 0;
        bar_ += period_ns_;
      }
    }
  }

  [[nodiscard]] std::int64_t until_next_beat() const {
    return std::max<std::int64_t>(0, bar_ + beats_[next_beat_].first - now_ns());
  }

  void fill_windows(std::int64_t now) {
    for (const std::uint32_t member : may_send_) {
      while (on_their_way_[member] + listeners_ <= window_) emit(member, now);
    }
    may_send_.clear();
  }

  void emit(std::uint32_t member, std::int64_t at) {
    all_.send(all_[member], text_.write({member, books_.sent(member), at - epoch_}));
    on_their_way_[member] += listeners_;
    outstanding_ += listeners_;
    ++events_;
  }

  crowd& all_;
  std::int64_t listeners_;
  bool may_sleep_;
  std::int64_t window_;  ///< in deliveries
  ledger books_;
  std::vector<std::int64_t> on_their_way_;  ///< in deliveries, by sender
  std::int64_t outstanding_ = 0;
  std::vector<std::uint32_t> may_send_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> beats_;
  std::size_t next_beat_ = 0;
  std::int64_t period_ns_ = 0;
  std::int64_t bar_ = 0;  ///< the start of the current round of beats

  event_text text_;
  std::int64_t epoch_ = now_ns();
  bool is_measuring_ = false;
  histogram latency_;
  histogram crossing_latency_;
  histogram lateness_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t crossings_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t turns_ = 0;
  std::uint64_t idle_turns_ = 0;
};

}  // namespace

bool play(crowd& all, const process_meter& server, arguments& given, report& found) {
  const process_meter redis(given.numbers("redis-pid"));
  const play_options options = read_options(given);
  add_ready_clients(all, options.rooms * options.members);
  form_rooms(all, 0, options.rooms, options.members);

  players band(all, options);
  band.play_until(now_ns() + options.warmup_ns);

  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  const std::int64_t redis_before = redis.cpu_ns();
  const std::uint64_t before = band.deliveries();
  const std::uint64_t crossings_before = band.crossings();
  band.measure(true);
  band.play_until(begin + options.measured_ns);
  band.measure(false);
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const auto redis_ns = static_cast<double>(redis.cpu_ns() - redis_before);
  const auto deliveries = static_cast<double>(band.deliveries() - before);

  // Nodes that cannot keep the rate serve their own clients first: the work for the others' comes
  // late, and counts.
  band.drain(all.nodes() > 1 ? 10 * players::patience_ns : players::patience_ns);
  const auto whole_cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const auto whole_redis_ns = static_cast<double>(redis.cpu_ns() - redis_before);
  const auto crossings = static_cast<double>(band.crossings() - crossings_before);
  const double drain_seconds = static_cast<double>(now_ns() - begin) / 1e9 - seconds;
  const faults wrong = band.finish();
  found.add("rooms", std::int64_t{options.rooms});
  found.add("members", std::int64_t{options.members});
  found.add("rate", options.rate);
  found.add("seconds", seconds);
  found.add("deliveries", deliveries);
  found.add("deliveries_per_second", deliveries / seconds);
  found.add("cpu_us", cpu_ns / 1e3 / std::max(deliveries, 1.0));
  found.add("server_busy", cpu_ns / 1e9 / seconds);
  found.add("load_idle", band.idle_share());
  found.add("p50_us", us(band.latency().percentile(0.5)));
  found.add("p90_us", us(band.latency().percentile(0.9)));
  found.add("p99_us", us(band.latency().percentile(0.99)));
  found.add("max_us", us(band.latency().max()));
  if (all.nodes() > 1) {
    // What all deliveries have cost, over those to another node.
    found.add("crossings", crossings);
    found.add("drain_seconds", drain_seconds);
    found.add("crossing_cpu_us", whole_cpu_ns / 1e3 / std::max(crossings, 1.0));
    found.add("crossing_redis_us", whole_redis_ns / 1e3 / std::max(crossings, 1.0));
    if (band.crossing_latency().count() > 0) {
      found.add("crossing_p50_us", us(band.crossing_latency().percentile(0.5)));
      found.add("crossing_p99_us", us(band.crossing_latency().percentile(0.99)));
    }
  }
  found.add("redis_busy", redis_ns / 1e9 / seconds);
  found.add("late_p99_us", us(band.lateness().percentile(0.99)));
  found.add("events_in_all", band.events());
  found.add("deliveries_in_all", band.deliveries());
  found.add("lost", wrong.lost);
  found.add("doubled", wrong.doubled);
  found.add("reordered", wrong.reordered);
  found.add("strayed", wrong.strayed);
  return !wrong.any();
}

}  // namespace downbeat::bench
