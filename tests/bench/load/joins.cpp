#include "load/clock.hpp"
#include "load/histogram.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace downbeat::bench {
namespace {

/// Rooms that one member each has created. The others join, one after the other in a random order
/// that is the same in every run, and never leave.
class open_house : public bystander {
 public:
  open_house(crowd& all, std::uint32_t rooms, std::uint32_t members)
      : all_(all), members_(members), codes_(rooms), planned_(std::size_t{rooms} * members) {
    for (std::uint32_t i = 0; i < planned_.size(); ++i) {
      if (i % members > 0) joiners_.push_back(i);
    }
    std::mt19937 random(5);
    std::shuffle(joiners_.begin(), joiners_.end(), random);
    for (std::uint32_t i = 0; i < rooms_at_once; ++i) create_next();
  }

  void heard(client& who, std::string_view packet) override {
    if (is_event(packet, "session:joined")) {
      ++joined_;
      const std::int64_t planned = planned_[who.number];
      if (planned >= measured_from_) latency_.add(all_.read_at() - planned);
    } else if (is_event(packet, "session:user-joined")) {
      ++told_;
    } else if (is_event(packet, "session:created")) {
      codes_[who.number / members_] = room_code_of(packet);
      ++created_;
      create_next();
    } else if (is_event(packet, "error")) {
      give_up("unexpected packet in a join: " + std::string(packet));
    }
  }

  [[nodiscard]] bool is_open() const { return created_ == codes_.size(); }

  void begin(double rate, std::int64_t measured_from) {
    period_ns_ = 1e9 / rate;
    begun_at_ = now_ns();
    measured_from_ = begun_at_ + measured_from;
  }

  /// Sends all joins that are due. Returns whether there are more to come.
  bool keep_the_rate() {
    const std::int64_t now = now_ns();
    for (; next_ < joiners_.size() && due() <= now; ++next_) {
      const std::uint32_t joiner = joiners_[next_];
      planned_[joiner] = due();
      all_.send(all_[joiner], join_packet(codes_[joiner / members_]));
      if (due() >= measured_from_) lateness_.add(now - due());
    }
    all_.flush();
    return next_ < joiners_.size();
  }

  [[nodiscard]] bool have_all_joined() const { return joined_ == joiners_.size(); }
  [[nodiscard]] std::uint64_t joined() const { return joined_; }
  /// How often a member was not told of another one's join.
  [[nodiscard]] std::int64_t untold() const {
    const auto pairs = codes_.size() * members_ * (members_ - 1) / 2;
    return static_cast<std::int64_t>(pairs) - static_cast<std::int64_t>(told_);
  }
  [[nodiscard]] const histogram& latency() const { return latency_; }
  [[nodiscard]] const histogram& lateness() const { return lateness_; }

 private:
  static constexpr std::uint32_t rooms_at_once = 16;

  void create_next() {
    if (begun_ < codes_.size()) all_.send(all_[begun_++ * members_], create_packet());
  }

  [[nodiscard]] std::int64_t due() const {
    return begun_at_ + static_cast<std::int64_t>(static_cast<double>(next_) * period_ns_);
  }

  crowd& all_;
  std::uint32_t members_;
  std::vector<std::string> codes_;
  std::uint32_t begun_ = 0;
  std::size_t created_ = 0;
  std::vector<std::int64_t> planned_;   ///< by client, when its join was due
  std::vector<std::uint32_t> joiners_;  ///< in the order of their joins
  std::size_t next_ = 0;
  double period_ns_ = 0;
  std::int64_t begun_at_ = 0;
  std::int64_t measured_from_ = 0;
  std::uint64_t joined_ = 0;
  std::uint64_t told_ = 0;
  histogram latency_;
  histogram lateness_;
};

}  // namespace

bool joins(crowd& all, const process_meter& server, arguments& given, report& found) {
  const process_meter redis(given.numbers("redis-pid"));
  const auto members = static_cast<std::uint32_t>(given.number("members", 4));
  const double rate = given.real("rate", 2000);
  const double warmup = given.real("warmup", 0.5);
  const double measured = given.real("seconds", 3);
  given.refuse_unknown();
  if (members < 2 || rate <= 0) give_up("a room needs two members, and joins a rate");
  const auto rooms =
      static_cast<std::uint32_t>(std::ceil(rate * (warmup + measured) / (members - 1)));

  add_ready_clients(all, rooms * members);
  open_house house(all, rooms, members);
  all.turn_until(house, "all rooms are created", [&] { return house.is_open(); });

  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  const std::int64_t redis_before = redis.cpu_ns();
  house.begin(rate, static_cast<std::int64_t>(warmup * 1e9));
  while (house.keep_the_rate()) all.turn(house);
  all.turn_until(house, "all have joined", [&] { return house.have_all_joined(); });
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const auto redis_ns = static_cast<double>(redis.cpu_ns() - redis_before);
  const auto joined = static_cast<double>(house.joined());

  // The others hear of the last ones, and nobody hears of one twice.
  const std::int64_t end = now_ns() + 10 * ns_per_second;
  while (house.untold() > 0 && now_ns() < end) all.turn(house);
  all.turn_for(house, ns_per_second / 20);

  found.add("joins", joined);
  found.add("rate", joined / seconds);
  found.add("seconds", seconds);
  found.add("cpu_us", cpu_ns / 1e3 / joined);
  found.add("redis_us", redis_ns / 1e3 / joined);
  found.add("server_busy", cpu_ns / 1e9 / seconds);
  found.add("redis_busy", redis_ns / 1e9 / seconds);
  found.add("p50_us", us(house.latency().percentile(0.5)));
  found.add("p90_us", us(house.latency().percentile(0.9)));
  found.add("p99_us", us(house.latency().percentile(0.99)));
  found.add("max_us", us(house.latency().max()));
  found.add("late_p99_us", us(house.lateness().percentile(0.99)));
  found.add("lost", std::max<std::int64_t>(0, house.untold()));
  found.add("doubled", std::max<std::int64_t>(0, -house.untold()));
  found.add("reordered", std::int64_t{0});
  found.add("strayed", std::int64_t{0});
  return house.untold() == 0;
}

}  // namespace downbeat::bench
