// The core is a pure machine: what it does follows from its inputs alone, on every platform. This
// test reads its sources and refuses what would break that, and names what to use instead.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// What is refused.

/// A token, or several in a row, that the core must not contain outside of comments and strings.
struct ban {
  std::string_view what;
  std::string_view instead;
};

constexpr std::string_view the_time = "the time that comes with every input";
constexpr std::string_view entropy = "splitmix64 with a seed from the host's entropy";
constexpr std::string_view one_thread = "nothing: the host calls the machine from one thread";
constexpr std::string_view a_host = "an output (output.hpp)";
constexpr std::string_view a_report = "output::report, which the host prints";
constexpr std::string_view a_string = "std::string, std::to_string and +=";
constexpr std::string_view an_option = "a field of the options that the host fills in";
constexpr std::string_view a_value = "std::optional or a value that names the error";
constexpr std::string_view from_chars = "std::from_chars, which returns its error";
constexpr std::string_view an_algorithm = "the algorithm that takes two iterators";

constexpr ban bans[] = {
    {"std::chrono", the_time},
    {"system_clock", the_time},
    {"steady_clock", the_time},
    {"high_resolution_clock", the_time},
    {"time(", the_time},
    {"clock(", the_time},
    {"gettimeofday", the_time},
    {"clock_gettime", the_time},
    {"timespec_get", the_time},
    {"localtime", the_time},
    {"gmtime", the_time},

    {"random_device", entropy},
    {"default_random_engine", entropy},
    {"uniform_int_distribution", "splitmix64::below: distributions differ between libraries"},
    {"uniform_real_distribution", "splitmix64::below: distributions differ between libraries"},
    {"normal_distribution", "splitmix64::below: distributions differ between libraries"},
    {"bernoulli_distribution", "splitmix64::below: distributions differ between libraries"},
    {"discrete_distribution", "splitmix64::below: distributions differ between libraries"},
    {"std::shuffle", "swaps drawn by splitmix64::below: shuffles differ between libraries"},
    {"std::sample", "draws by splitmix64::below: samples differ between libraries"},
    {"random_shuffle", "swaps drawn by splitmix64::below: shuffles differ between libraries"},
    {"rand(", entropy},
    {"srand(", entropy},
    {"drand48", entropy},
    {"arc4random", entropy},
    {"getrandom", entropy},
    {"getentropy", entropy},
    {"std::hash", "a hash of our own in plain arithmetic: std::hash differs between libraries"},

    {"std::thread", one_thread},
    {"std::jthread", one_thread},
    {"std::this_thread", one_thread},
    {"std::async", one_thread},
    {"std::future", one_thread},
    {"std::promise", one_thread},
    {"std::atomic", one_thread},
    {"mutex", one_thread},
    {"recursive_mutex", one_thread},
    {"shared_mutex", one_thread},
    {"lock_guard", one_thread},
    {"scoped_lock", one_thread},
    {"unique_lock", one_thread},
    {"condition_variable", one_thread},
    {"call_once", one_thread},
    {"thread_local", one_thread},
    {"pthread_create", one_thread},

    {"boost", a_host},
    {"asio", a_host},
    {"emscripten", a_host},
    {"__EMSCRIPTEN__", "the same text on every platform"},
    {"EMSCRIPTEN_KEEPALIVE", a_host},
    {"EM_JS", a_host},
    {"EM_ASM", a_host},

    {"std::cout", a_report},
    {"std::cerr", a_report},
    {"std::clog", a_report},
    {"std::cin", "an input from the host (input.hpp)"},
    {"std::print", a_report},
    {"printf", a_report},
    {"fprintf", a_report},
    {"puts", a_report},
    {"putchar", a_report},
    {"fputs", a_report},
    {"perror", a_report},
    {"sprintf", a_string},
    {"snprintf", a_string},
    {"stringstream", a_string},
    {"ostringstream", a_string},
    {"istringstream", a_string},
    {"std::format", a_string},
    {"std::locale", "the characters themselves"},
    {"setlocale", "the characters themselves"},

    {"ifstream", a_host},
    {"ofstream", a_host},
    {"fstream", a_host},
    {"std::filesystem", a_host},
    {"fopen", a_host},
    {"getenv", an_option},
    {"setenv", an_option},
    {"system(", a_host},

    {"throw", a_value},
    {"try", a_value},
    {"catch", a_value},
    {"std::exception", a_value},
    {"std::runtime_error", a_value},
    {"std::stoi", from_chars},
    {"std::stol", from_chars},
    {"std::stoll", from_chars},
    {"std::stoul", from_chars},
    {"std::stoull", from_chars},
    {"std::stod", from_chars},

    {"long double", "double: long double differs between platforms"},
    {"std::ranges", an_algorithm},
    {"std::views", "a loop"},
};

/// The standard headers that every toolchain of ours has and that need no more than a machine.
const std::set<std::string_view> allowed_headers = {
    "algorithm",     "array",         "bit",
    "cassert",       "charconv",      "compare",
    "concepts",      "cstddef",       "cstdint",
    "cstring",       "deque",         "functional",
    "iterator",      "limits",        "list",
    "map",           "memory",        "numeric",
    "optional",      "set",           "span",
    "string",        "string_view",   "tuple",
    "utility",       "type_traits",   "variant",
    "unordered_map", "unordered_set", "vector",
    "queue",         "stack",         "initializer_list"};

constexpr ban banned_headers[] = {
    {"chrono", the_time},
    {"ctime", the_time},
    {"time.h", the_time},
    {"sys/time.h", the_time},
    {"random", entropy},
    {"thread", one_thread},
    {"mutex", one_thread},
    {"shared_mutex", one_thread},
    {"atomic", one_thread},
    {"future", one_thread},
    {"condition_variable", one_thread},
    {"semaphore", one_thread},
    {"iostream", a_report},
    {"ostream", a_report},
    {"istream", a_report},
    {"iomanip", a_string},
    {"sstream", a_string},
    {"cstdio", a_report},
    {"stdio.h", a_report},
    {"fstream", a_host},
    {"filesystem", a_host},
    {"format", a_string},
    {"ranges", an_algorithm},
    {"exception", a_value},
    {"stdexcept", a_value},
    {"locale", "the characters themselves"},
    {"cctype", "the characters themselves"},
    {"cmath", "plain arithmetic: the results of libm differ between platforms"},
};

/// The machines do not know each other, and what they are built from knows none of them.
const std::map<std::string_view, std::set<std::string_view>> strangers = {
    {"engineio", {"socketio", "session", "jam"}},
    {"socketio", {"engineio", "session", "jam"}},
    {"session", {"engineio", "socketio", "jam"}},
    {"json", {"engineio", "socketio", "session", "jam"}},
    {"text", {"engineio", "socketio", "session", "jam", "json"}},
};

/// The folders that compose them: the core's own, the stack, the jam server, and what replays it.
const std::set<std::string_view> composers = {"", "stack", "jam", "replay", "cluster"};

const std::set<std::string_view> machines = {"engineio", "socketio", "session"};

// Reading C++.

struct source {
  std::string path;  ///< from the core's folder
  std::string text;
};

struct token {
  std::string text;
  int line;
};

struct included {
  std::string target;
  bool is_quoted;
  int line;
};

struct reading {
  std::vector<token> tokens;
  std::vector<included> includes;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Tokens and includes, without comments and literals.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  reading read() {
    while (!rest_.empty()) step();
    return std::move(result_);
  }

 private:
  void step() {
    const char c = rest_.front();
    if (rest_.substr(0, 2) == "//") return skip(rest_.find('\n'));
    if (rest_.substr(0, 2) == "/*") return skip_behind(rest_.find("*/", 2), 2);
    if (c == '#') return read_directive();
    if (c == '"') return skip_literal('"');
    if (c == '\'') return skip_literal('\'');
    if (is_digit(c)) return skip(length_of_number());
    if (is_name_character(c)) return read_name();
    if (rest_.substr(0, 2) == "::" || rest_.substr(0, 2) == "->") return take(2);
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') return skip(1);
    take(1);
  }

  /// An include; other directives are read like any code.
  void read_directive() {
    take(1);
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) skip(1);
    if (rest_.substr(0, 7) != "include") return;
    skip(7);
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) skip(1);
    if (rest_.empty() || (rest_.front() != '<' && rest_.front() != '"')) return;
    const bool is_quoted = rest_.front() == '"';
    const std::size_t end = rest_.find(is_quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) return;
    result_.includes.push_back({std::string(rest_.substr(1, end - 1)), is_quoted, line_});
    skip(end + 1);
  }

  void read_name() {
    std::size_t length = 0;
    while (length != rest_.size() && is_name_character(rest_[length])) ++length;
    const std::string_view name = rest_.substr(0, length);
    const bool is_prefix_of_raw = !name.empty() && name.back() == 'R' && name.size() <= 3;
    if (is_prefix_of_raw && rest_.substr(length, 1) == "\"") {
      const std::size_t open = rest_.find('(', length);
      const std::string close =
          ')' + std::string(rest_.substr(length + 1, open - length - 1)) + '"';
      return skip_behind(rest_.find(close, open), close.size());
    }
    take(length);
  }

  /// As the preprocessor sees numbers, with their separators: 1'000'000 and 1.5e-3.
  std::size_t length_of_number() const {
    std::size_t length = 1;
    while (length != rest_.size()) {
      const char c = rest_[length];
      const char before = rest_[length - 1];
      const bool is_sign = (c == '+' || c == '-') && (before == 'e' || before == 'p');
      if (!is_name_character(c) && c != '.' && c != '\'' && !is_sign) break;
      ++length;
    }
    return length;
  }

  void skip_literal(char quote) {
    std::size_t at = 1;
    while (at < rest_.size() && rest_[at] != quote) at += rest_[at] == '\\' ? 2 : 1;
    skip(at + 1);
  }

  void skip_behind(std::size_t at, std::size_t length) {
    skip(at == std::string_view::npos ? at : at + length);
  }

  void skip(std::size_t length) {
    const std::string_view skipped = rest_.substr(0, length);
    line_ += static_cast<int>(std::count(skipped.begin(), skipped.end(), '\n'));
    rest_.remove_prefix(skipped.size());
  }

  void take(std::size_t length) {
    result_.tokens.push_back({std::string(rest_.substr(0, length)), line_});
    skip(length);
  }

  std::string_view rest_;
  int line_ = 1;
  reading result_;
};

reading read(std::string_view text) {
  return reader(text).read();
}

// Judging it.

std::string folder_of(std::string_view path) {
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

/// What a file counts as when folders must not include each other in a circle. The loose files of
/// the core are two things: the inputs and outputs, on which all layers stand, and the engine,
/// which stands on the layers.
std::string part_of_core(std::string_view path) {
  const std::string folder = folder_of(path);
  if (!folder.empty()) return folder;
  return path.substr(0, path.find('.')) == "engine" ? "the engine" : "its inputs and outputs";
}

/// Which part of the core includes which others, and by which file.
class include_graph {
 public:
  explicit include_graph(const std::map<std::string, reading>& readings) {
    for (const auto& [path, r] : readings) {
      const std::string from = part_of_core(path);
      for (const included& i : r.includes) {
        const std::string to = part_of_core(i.target);
        if (i.is_quoted && to != from) edges_[from].emplace(to, path);
      }
    }
  }

  /// The parts of a circle in their order, the first one again at the end, each with the file that
  /// includes the next; empty if there is none.
  std::string circle() {
    for (const auto& [part, others] : edges_) {
      const std::string found = search(part);
      if (!found.empty()) return found;
    }
    return {};
  }

 private:
  std::string search(const std::string& part) {
    const auto again = std::find(open_.begin(), open_.end(), part);
    if (again != open_.end()) {
      std::string words = part;
      for (auto at = again; at != open_.end(); ++at) {
        const std::string& next = std::next(at) == open_.end() ? part : *std::next(at);
        words += " (" + edges_[*at].at(next) + ") -> " + next;
      }
      return words;
    }
    if (!done_.insert(part).second) return {};
    open_.push_back(part);
    for (const auto& [next, by] : edges_[part]) {
      const std::string found = search(next);
      if (!found.empty()) return found;
    }
    open_.pop_back();
    return {};
  }

  std::map<std::string, std::map<std::string, std::string>> edges_;
  std::vector<std::string> open_;
  std::set<std::string> done_;
};

class judge {
 public:
  explicit judge(const std::vector<source>& sources) {
    for (const source& s : sources) readings_.emplace(s.path, read(s.text));
  }

  /// What is wrong, one line each, such as `jam/x.cpp:3: rand( - use splitmix64 …`.
  std::vector<std::string> violations() {
    for (const auto& [path, r] : readings_) {
      judge_tokens(path, r.tokens);
      for (const included& i : r.includes) judge_include(path, i);
      judge_layers(path);
    }
    if (const std::string circle = include_graph(readings_).circle(); !circle.empty()) {
      violations_.push_back("folders include each other in a circle: " + circle);
    }
    return std::move(violations_);
  }

 private:
  void complain(std::string_view path, int line, std::string_view what, std::string_view instead) {
    violations_.push_back(std::string(path) + ':' + std::to_string(line) + ": " +
                          std::string(what) + " - use " + std::string(instead));
  }

  void judge_tokens(std::string_view path, const std::vector<token>& tokens) {
    for (const ban& b : bans) {
      const std::vector<token> pattern = read(b.what).tokens;
      const auto is_same = [](const token& x, const token& y) { return x.text == y.text; };
      for (auto at = tokens.begin();; ++at) {
        at = std::search(at, tokens.end(), pattern.begin(), pattern.end(), is_same);
        if (at == tokens.end()) break;
        // A member of ours may be called like a function of the library.
        const bool is_member =
            at != tokens.begin() && (std::prev(at)->text == "." || std::prev(at)->text == "->");
        if (!is_member) complain(path, at->line, b.what, b.instead);
      }
    }
  }

  void judge_include(std::string_view path, const included& i) {
    const std::string what = i.is_quoted ? '"' + i.target + '"' : '<' + i.target + '>';
    if (i.is_quoted) {
      if (readings_.count(i.target) == 0) {
        complain(path, i.line, what, "a header of the core, by its path from the core's folder");
      }
      return;
    }
    if (allowed_headers.count(i.target) != 0) return;
    for (const ban& b : banned_headers) {
      if (b.what == i.target) return complain(path, i.line, what, b.instead);
    }
    complain(path, i.line, what, "the plain part of the standard library");
  }

  void judge_layers(const std::string& path) {
    const std::string folder = folder_of(path);
    if (const auto found = strangers.find(folder); found != strangers.end()) {
      std::set<std::string> seen;
      reach(path, seen);
      for (const std::string& reached : seen) {
        if (found->second.count(folder_of(reached)) != 0) {
          complain(path, 1, "an include that leads to " + reached,
                   "a layer above, which knows both");
        }
      }
    } else if (composers.count(folder) == 0) {
      std::set<std::string> known;
      for (const included& i : readings_.at(path).includes) {
        if (machines.count(folder_of(i.target)) != 0) known.insert(folder_of(i.target));
      }
      if (known.size() > 1) {
        complain(path, 1, "includes of several machines",
                 "jam/ or a file directly in the core's folder for what composes them");
      }
    }
  }

  void reach(const std::string& path, std::set<std::string>& seen) const {
    const auto found = readings_.find(path);
    if (found == readings_.end() || !seen.insert(path).second) return;
    for (const included& i : found->second.includes) {
      if (i.is_quoted) reach(i.target, seen);
    }
  }

  std::map<std::string, reading> readings_;
  std::vector<std::string> violations_;
};

std::vector<std::string> violations_in(const std::vector<source>& sources) {
  return judge(sources).violations();
}

/// What is wrong with a file of that text.
std::vector<std::string> violations_in(std::string text) {
  return violations_in({{"session/planted.cpp", std::move(text)}, {"base/time.hpp", ""}});
}

std::vector<source> read_core() {
  namespace fs = std::filesystem;
  const fs::path folder = DOWNBEAT_CORE_FOLDER;
  std::vector<source> sources;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".hpp" && extension != ".cpp") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    sources.push_back({entry.path().lexically_relative(folder).generic_string(), text.str()});
  }
  return sources;
}

}  // namespace

TEST_CASE("the core asks nobody for the time, for luck, for threads or for anything else") {
  const std::vector<source> core = read_core();
  CHECK(core.size() > 40);
  for (const std::string& violation : violations_in(core)) {
    FAIL_CHECK(violation);
  }
}

TEST_CASE("every banned token is found where it stands, with what to use instead") {
  for (const ban& b : bans) {
    CAPTURE(b.what);
    const auto found = violations_in("\n  " + std::string(b.what) + " ;");
    REQUIRE_FALSE(found.empty());
    const std::string expected =
        "session/planted.cpp:2: " + std::string(b.what) + " - use " + std::string(b.instead);
    CHECK(std::count(found.begin(), found.end(), expected) == 1);
  }
}

TEST_CASE("one planted violation of each kind is found") {
  for (const std::string text : {
           "auto now = std::chrono::steady_clock::now();",
           "auto t = time(nullptr);",
           "auto t = std::time ( nullptr );",
           "timeval t; gettimeofday(&t, nullptr);",
           "std::uniform_int_distribution<int> dice(1, 6);",
           "std::random_device device;",
           "std::shuffle(a.begin(), a.end(), random);",
           "int i = rand() % 6;",
           "std::hash<std::string>{}(text);",
           "std :: hash < int > h;",
           "template <> struct std::hash<key> {};",
           "std::thread worker;",
           "std::mutex m;",
           "std::atomic<int> n;",
           "auto f = std::async(work);",
           "static thread_local int n;",
           "boost::asio::io_context io;",
           "emscripten_run(); using namespace emscripten;",
           "std::cout << 1;",
           "std::printf(\"%d\", 1);",
           "std::ofstream file(path);",
           "const char* home = std::getenv(\"HOME\");",
           "if (bad) throw bad;",
           "try { f(); } catch (...) {}",
           "long double x;",
           "long\n  double x;",
           "auto s = std::format(\"{}\", 1);",
           "std::ranges::sort(all);",
           "#define now() time(0)",
           "int a = 1'000; int b = rand(); int c = 2'000;",
           "char q = '\\''; int b = rand(); char r = '\"';",
           "const char* s = \"a\\\"\"; int b = rand();",
           "/* a */ rand(); // b",
           "const char* s = R\"x(a)\" )x\"; rand();",
           "#include <chrono>",
           "#include <random>",
           "#include <thread>",
           "#include <mutex>",
           "#include <atomic>",
           "#include <iostream>",
           "#include <fstream>",
           "#include <filesystem>",
           "#include <format>",
           "#include <ranges>",
           "#include <boost/asio.hpp>",
           "#include <emscripten.h>",
           "#include <unistd.h>",
           "#  include <ctime>",
           "#include \"nowhere.hpp\"",
           "#include \"planted.hpp\"",
       }) {
    CAPTURE(text);
    CHECK_FALSE(violations_in(text).empty());
  }
}

TEST_CASE("what only looks like a violation is let pass") {
  for (const std::string text : {
           "// rand() and std::thread",
           "/* throw\n * try */ int a;",
           "const char* s = \"throw rand()\";",
           "const char* s = R\"(throw \" rand())\";",
           "const char* s = \"a \\\" throw\";",
           "char c = '\"'; char d = '\"';",
           "int a = 1'000'000;",
           "double d = 1.5e-3;",
           "int runtime(int); int x = runtime(1);",
           "int retry = 1; int country; int catcher;",
           "input.time(); at->clock();",
           "int operand(int);",
           "std::hashed h; my::hash g;",
           "double x; long y;",
           "#include <vector>",
           "#include \"base/time.hpp\"",
           "#include \"base/time.hpp\"  // not <chrono>",
       }) {
    CAPTURE(text);
    CHECK(violations_in(text) == std::vector<std::string>{});
  }
}

TEST_CASE("layers that must not know each other are kept apart, by any detour") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"engineio", "socketio"}, {"engineio", "session"}, {"engineio", "jam"},
      {"socketio", "engineio"}, {"socketio", "session"}, {"socketio", "jam"},
      {"session", "engineio"},  {"session", "socketio"}, {"session", "jam"},
      {"json", "engineio"},     {"json", "socketio"},    {"json", "session"},
      {"json", "jam"},          {"text", "engineio"},    {"text", "socketio"},
      {"text", "session"},      {"text", "jam"},         {"text", "json"},
  };
  for (const auto& [from, to] : wrong) {
    CAPTURE(from, to);
    const std::string target = to + "/it.hpp";
    const std::string include = "#include \"" + target + "\"\n";
    CHECK(violations_in({{from + "/a.cpp", include}, {target, ""}}).size() == 1);
    CHECK(
        violations_in(
            {{from + "/a.cpp", "#include \"bridge.hpp\"\n"}, {"bridge.hpp", include}, {target, ""}})
            .size() == 1);
  }
}

TEST_CASE("folders that include each other in a circle are refused, however long it is") {
  const auto found = [](const std::vector<source>& sources) {
    std::vector<std::string> circles;
    for (const std::string& one : violations_in(sources)) {
      if (one.find("circle") != std::string::npos) circles.push_back(one);
    }
    return circles;
  };
  const std::string jam = "#include \"jam/it.hpp\"\n";
  const std::string trace = "#include \"trace/it.hpp\"\n";
  const std::string replay = "#include \"replay/it.hpp\"\n";
  const std::vector<std::string> of_two = {
      "folders include each other in a circle: jam (jam/a.cpp) -> trace (trace/b.cpp) -> jam"};
  CHECK(
      found(
          {{"jam/a.cpp", trace}, {"trace/b.cpp", jam}, {"jam/it.hpp", ""}, {"trace/it.hpp", ""}}) ==
      of_two);
  const std::vector<std::string> of_three = {
      "folders include each other in a circle: "
      "jam (jam/it.hpp) -> trace (trace/it.hpp) -> replay (replay/it.hpp) -> jam"};
  CHECK(found({{"jam/it.hpp", trace}, {"trace/it.hpp", replay}, {"replay/it.hpp", jam}}) ==
        of_three);
  CHECK(
      found({{"jam/it.hpp", trace}, {"trace/it.hpp", ""}, {"replay/it.hpp", jam + trace}}).empty());
  // The inputs are below the layers, and the engine above them.
  const std::vector<source> whole = {{"engine.cpp", "#include \"engineio/it.hpp\"\n"},
                                     {"engineio/it.hpp", "#include \"input.hpp\"\n"},
                                     {"input.hpp", ""}};
  CHECK(found(whole).empty());
  CHECK(found({{"input.hpp", "#include \"engineio/it.hpp\"\n"},
               {"engineio/it.hpp", "#include \"input.hpp\"\n"}})
            .size() == 1);
}

TEST_CASE("what composes the layers may know them all, and any layer its tools") {
  const std::string all =
      "#include \"engineio/it.hpp\"\n#include \"socketio/it.hpp\"\n#include \"session/it.hpp\"\n";
  const std::vector<source> layers = {{"engineio/it.hpp", "#include \"text/it.hpp\"\n"},
                                      {"socketio/it.hpp", "#include \"json/it.hpp\"\n"},
                                      {"session/it.hpp", "#include \"base/time.hpp\"\n"},
                                      {"text/it.hpp", ""},
                                      {"json/it.hpp", "#include \"text/it.hpp\"\n"},
                                      {"base/time.hpp", ""}};
  for (const std::string path : {"jam/a.cpp", "stack/a.cpp", "replay/a.cpp", "engine.cpp"}) {
    std::vector<source> sources = layers;
    sources.push_back({path, all});
    CHECK(violations_in(sources) == std::vector<std::string>{});
  }
  std::vector<source> sources = layers;
  sources.push_back({"tools/a.cpp", all});
  CHECK(violations_in(sources).size() == 1);
}
