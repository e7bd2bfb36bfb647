// Every option with every wrong value, from each of its three sources, and options files that
// cannot be read: one line that names the mistake, and no side effects.
#include "cli/files.hpp"
#include "cli/serve_options.hpp"
#include "host/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace downbeat::host;
using Catch::Matchers::Contains;
using downbeat::test::temporary_folder;

namespace {

struct row {
  std::string option;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

constexpr std::int64_t most_of_all = 2'147'483'647;

row number(const std::string& option, std::int64_t least, std::int64_t most = most_of_all) {
  row all{option,
          {std::to_string(least), std::to_string(std::max<std::int64_t>(least, 7))},
          {"-1",
           "+5",
           " 5",
           "5 ",
           "5\t",
           "010",
           "00",
           "0x10",
           "0b1",
           "1e3",
           "5.0",
           "5,6",
           "five",
           "5ms",
           "1_000",
           "1'000",
           "\xd9\xa3",
           "99999999999999999999",
           "-99999999999999999999",
           "-0",
           "nan",
           "true",
           std::to_string(most + 1),
           std::to_string(least - 1)}};
  return all;
}

const std::vector<row>& all_rows() {
  static const temporary_folder folder;
  static const std::string here = folder.path().string();
  static const std::vector<row> rows = {
      {"host",
       {"localhost", "127.0.0.1", "::", "::1", "fe80::1", "jam_server.example"},
       {"[::1]", "localhost:3001", "http://localhost", "a b", "a/b", "1.2.3.4:5", ":::", "*"}},
      number("port", 0, 65'535),
      number("threads", 1, 64),
      {"path",
       {"/socket.io/", "/a/b/", "/a%20b/"},
       {"/", "//", "a", "/a", "a/", "/a?b/", "/a b/", "/a#b/", "/a%2/", "/a//b/", "/../", "/a/./",
        "/\xc3\xa4/", "/a\\b/"}},
      {"web-root", {here}, {"/no/such/folder", "/dev/null", here + "/nothing"}},
      {"content-security-policy",
       {"none", "default-src 'self'; img-src a,b #c"},
       {"a\nb", "a\x01", "\xc3\xa4"}},
      // One alone is refused.
      {"tls-certificate", {}, {}},
      {"tls-key", {}, {}},
      {"cors-origin",
       {"*", "null", "https://jam.example", "http://localhost:5173,https://b.example",
        "http://[::1]:80"},
       {"jam.example", "https://", "https://jam.example/", "https://jam.example/x",
        "https://u@jam.example", "https://jam.example:99999", "https://a b", "://x", ",",
        "https://a.example,", "https://*.example"}},
      {"trusted-proxy",
       {"127.0.0.1", "10.0.0.0/8,::1"},
       {"localhost", "10.0.0.0/33", "10.0.0.1:80", "10.0.0.0/8,,", "0x7f.1", "[::1]"}},
      {"log-level",
       {"debug", "info", "warn", "error", "off"},
       {"warning", "INFO", "5", "info,warn"}},
      {"log-format", {"text", "json"}, {"xml", "JSON"}},
      {"data", {"sessions", here}, {}},
      {"durability", {"process", "power"}, {"POWER", "none", "process,power"}},
      {"redis",
       {"redis://localhost", "rediss://user:p%40ss@redis.example:6380/15", "redis://:x@[::1]/",
        "redis://10.0.0.1:1"},
       {"localhost:6379", "http://localhost", "redis://", "redis://:x@", "redis://host:0",
        "redis://host:65536", "redis://host/name", "redis://host/-1", "redis://user@host",
        "redis://host/0?x=1", "redis://host/0#x", "redis://ho st", "redis:///0"}},
      {"redis-ca", {}, {}},
      number("redis-lease", 1'000, 600'000),
      {"node", {}, {"a_b", "a b", "a-b", "0123456789abcdefg", "ä"}},
      number("wait-for-data", 0, 31'536'000),
      {"record", {"jam.trace"}, {}},
      number("ping-interval", 1),
      number("ping-timeout", 1),
      number("upgrade-timeout", 1),
      number("connect-timeout", 1),
      number("header-timeout", 1),
      number("body-timeout", 1),
      number("keep-alive-timeout", 1),
      number("send-timeout", 1),
      number("drain-timeout", 0),
      number("shutdown-timeout", 1),
      number("reconnect-grace", 0, 86'400),
      number("seat-hold", 0, 86'400),
      number("max-away-seats-by-address", 0),
      number("max-away-seats", 0),
      number("max-participants", 0),
      number("max-sessions", 0),
      number("max-connections", 0),
      number("max-connections-by-address", 0),
      number("max-connects-per-second-by-address", 0),
      number("max-messages-per-second", 0),
      number("max-namespace-connects-per-minute", 0),
      number("max-event-bytes", 0),
      number("max-events-per-second", 0),
      number("max-joins-per-minute", 0),
      number("max-joins-per-minute-by-address", 0),
      number("max-failed-joins-per-minute", 0),
      number("max-failed-joins-per-hour-by-address", 0),
      number("max-failed-joins-per-day", 0),
      number("max-depth", 0),
      number("max-attachments", 0),
      number("attachment-timeout", 0),
      number("max-name-length", 0),
      number("max-queued-bytes", 0),
      number("max-queued-bytes-in-all", 0),
      number("max-header-bytes", 1'024, 1'000'000),
      number("max-payload", 1, 1'000'000'000),
      {"no-limits", {"true", "false", "1", "0", "yes", "no", "on", "off"}, {"maybe", "2", "-1"}},
  };
  return rows;
}

bool is_list(const row& one) {
  return one.option == "cors-origin" || one.option == "trusted-proxy";
}

class environment {
 public:
  environment(const std::string& option, const std::string& value) : name_("DOWNBEAT_" + option) {
    for (char& c : name_) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
    setenv(name_.c_str(), value.c_str(), 1);
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  ~environment() { unsetenv(name_.c_str()); }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

std::string in_quotes(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

/// Why these arguments are refused; nothing if they are valid.
std::optional<std::string> error(const std::vector<std::string>& arguments) {
  const auto read = read_serve_options(arguments);
  const auto* none = std::get_if<no_options>(&read);
  if (none == nullptr) return std::nullopt;
  CHECK(none->is_mistake);
  CHECK(none->text.find_first_of("\r\n") == std::string::npos);
  CHECK(none->text.find("std::") == std::string::npos);
  CHECK(none->text.find("filesystem") == std::string::npos);
  return none->text;
}

/// The value of an option after all sources have been read.
std::string value_of_option(const std::vector<std::string>& arguments, const std::string& option) {
  const auto read = read_serve_options(arguments);
  const auto* options = std::get_if<serve_options>(&read);
  if (options == nullptr) return std::get<no_options>(read).text;
  for (const auto& setting : options->settings) {
    if (setting.name == option) return setting.value;
  }
  return "there is no such option";
}

/// An options file with this text.
class options_file {
 public:
  explicit options_file(const std::string& text) { folder_.write("downbeat.conf", text); }
  [[nodiscard]] std::string name() const { return (folder_.path() / "downbeat.conf").string(); }

 private:
  temporary_folder folder_;
};

std::string without_blanks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

}  // namespace

TEST_CASE("the table of this test has every option") {
  const auto read = read_serve_options({});
  const auto& settings = std::get<serve_options>(read).settings;
  REQUIRE(settings.size() == all_rows().size());
  for (const row& one : all_rows()) {
    CHECK(std::any_of(settings.begin(), settings.end(),
                      [&](const auto& setting) { return setting.name == one.option; }));
  }
}

TEST_CASE("every option takes its good values from every source") {
  for (const row& one : all_rows()) {
    for (const std::string& value : one.good) {
      CAPTURE(one.option, value);
      const std::string flag = "--" + one.option;
      if (one.option != "no-limits") {
        CHECK(value_of_option({flag, value}, one.option) == value);
      }
      if (one.option == "no-limits") {
        CHECK_FALSE(error({flag + "=" + value}));
        continue;
      }
      CHECK(value_of_option({flag + "=" + value}, one.option) == value);
      const options_file file(one.option + " = " + in_quotes(value) + "\n");
      CHECK(value_of_option({"--config", file.name()}, one.option) == value);
      const environment variable(one.option, value);
      CHECK(value_of_option({}, one.option) == value);
    }
  }
}

TEST_CASE("every option refuses its bad values from every source, and says which source it was") {
  for (const row& one : all_rows()) {
    for (const std::string& value : one.bad) {
      CAPTURE(one.option, value);
      const std::string flag = "--" + one.option;
      const auto on_command_line = error({flag + "=" + value});
      REQUIRE(on_command_line);
      CHECK_THAT(*on_command_line, Contains(flag));
      if (one.option != "no-limits") CHECK(error({flag, value}));

      const options_file file("# a comment\n" + one.option + " = " + in_quotes(value) + "\n");
      const auto in_file = error({"--config", file.name()});
      REQUIRE(in_file);
      CHECK_THAT(*in_file, Contains(file.name() + ", line 2"));

      const environment variable(one.option, value);
      const auto in_environment = error({});
      REQUIRE(in_environment);
      CHECK_THAT(*in_environment, Contains(flag) && Contains(variable.name()));
    }
  }
}

TEST_CASE("an empty value is refused, and takes no other option with it") {
  for (const row& one : all_rows()) {
    CAPTURE(one.option);
    const std::string flag = "--" + one.option;
    REQUIRE(error({flag + "=", "--max-depth=5"}));
    CHECK_THAT(*error({flag + "=", "--max-depth=5"}), Contains(flag) && Contains("empty"));
    if (one.option != "no-limits") {
      CHECK(error({flag, "", "--max-depth=5"}));
      CHECK(error({flag, "--max-depth=5"}));
      CHECK(error({flag}));
    }
    for (const char* const nothing : {"", "\"\"", "''", "[]", "[\"\"]", "# nothing"}) {
      const options_file file(one.option + " = " + nothing + "\nport = 4310\n");
      CAPTURE(nothing);
      const auto why = error({"--config", file.name()});
      REQUIRE(why);
      CHECK_THAT(*why, Contains("line 1"));
    }
    // An empty variable counts as not set.
    const environment variable(one.option, "");
    CHECK_FALSE(error({}));
    CHECK(value_of_option({}, "max-depth") == "32");
  }
}

TEST_CASE("an option that is given twice is refused, unless it is a list") {
  for (const row& one : all_rows()) {
    CAPTURE(one.option);
    if (one.good.empty()) continue;
    const std::string word = "--" + one.option + "=" + one.good.front();
    const std::string line = one.option + " = " + in_quotes(one.good.front()) + "\n";
    const options_file file(line + "# between\n" + line);
    const auto on_command_line = error({word, word});
    const auto in_file = error({"--config", file.name()});
    if (is_list(one)) {
      CHECK_FALSE(on_command_line);
      CHECK_FALSE(in_file);
      continue;
    }
    REQUIRE(on_command_line);
    CHECK_THAT(*on_command_line, Contains("twice"));
    REQUIRE(in_file);
    CHECK_THAT(*in_file, Contains("twice") && Contains("line 3"));
    // With different sources, the one with the higher precedence applies.
    const options_file once(line);
    CHECK_FALSE(error({word, "--config", once.name()}));
  }
}

TEST_CASE("options that contradict each other are refused, wherever they are from") {
  const std::vector<std::vector<std::pair<std::string, std::string>>> pairs = {
      {{"ping-interval", "2147483647"}, {"ping-timeout", "1"}},
      {{"max-event-bytes", "2000"}, {"max-payload", "1000"}},
  };
  for (const auto& pair : pairs) {
    CAPTURE(pair[0].first);
    const options_file both(pair[0].first + " = " + pair[0].second + "\n" + pair[1].first + " = " +
                            pair[1].second + "\n");
    const options_file second(pair[1].first + " = " + pair[1].second + "\n");
    CHECK(error({"--" + pair[0].first, pair[0].second, "--" + pair[1].first, pair[1].second}));
    CHECK(error({"--config", both.name()}));
    CHECK(error({"--" + pair[0].first, pair[0].second, "--config", second.name()}));
    const environment variable(pair[0].first, pair[0].second);
    CHECK(error({"--config", second.name()}));
  }
}

TEST_CASE("a certificate needs its key, and a key its certificate, wherever they are from") {
  const std::string certificate = "tls-certificate";
  const std::string key = "tls-key";
  for (const auto& [one, other] : {std::pair{certificate, key}, {key, certificate}}) {
    const std::string why = "--" + one + " needs --" + other + ", too";
    CHECK(error({"--" + one, "file.pem"}) == why);
    const options_file file(one + " = file.pem\n");
    CHECK(error({"--config", file.name()}) == why);
    const environment variable(one, "file.pem");
    CHECK(error({}) == why);
    CHECK_FALSE(error({"--" + other, "other.pem"}));
  }
}

TEST_CASE("a variable that is no option is warned of, with a guess") {
  const auto warnings = [] { return std::get<serve_options>(read_serve_options({})).warnings; };
  const auto before = warnings();
  const environment wrong("prot", "3");
  const environment strange("zzzzzzzz", "3");
  const environment right("max-sessions", "3");
  auto after = warnings();
  REQUIRE(after.size() == before.size() + 2);
  CHECK(std::count(after.begin(), after.end(), "DOWNBEAT_PROT; did you mean DOWNBEAT_PORT?") == 1);
  CHECK(std::count(after.begin(), after.end(), "DOWNBEAT_ZZZZZZZZ") == 1);
}

TEST_CASE("a port that Kubernetes sets is refused with the reason why it is there") {
  const environment variable("port", "tcp://10.0.0.1:3001");
  const auto why = error({});
  REQUIRE(why);
  CHECK_THAT(*why, Contains("enableServiceLinks"));
}

TEST_CASE("a file of options that cannot be read is a line on stderr, and nobody waits for it") {
  const temporary_folder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  std::filesystem::create_directory(path("folder"));
  std::filesystem::create_symlink("loop", path("loop"));
  std::filesystem::create_symlink("nothing", path("dangling"));
  REQUIRE(mkfifo(path("pipe").c_str(), 0600) == 0);
  folder.write("large", std::string(2 * 1024 * 1024, '\n'));
  folder.write("zeros", std::string(100, '\0'));
  folder.write("noise", "\xff\xfe\x00p");
  folder.write("mac", "port = 1\rthreads = 2\r");
  folder.write("file", "port = 1\n");
  for (const char* const name : {"folder", "loop", "dangling", "pipe", "nothing", "large", "zeros",
                                 "noise", "mac", "file/below"}) {
    CAPTURE(name);
    const auto why = error({"--config", path(name)});
    REQUIRE(why);
    CHECK_THAT(*why, Contains(path(name)));
    const environment variable("config", path(name));
    CHECK(error({}));
  }
  CHECK(error({"--config", "/dev/zero"}));
  CHECK(error({"--config", "/dev/tty"}));
  CHECK(error({"--config", std::string(5'000, 'x')}));
}

TEST_CASE("a file of options that may not be read is a line on stderr") {
  if (geteuid() != 0) return;  // with root, the folder below can be read anyway
  const options_file file("port = 1\n");
  CHECK_FALSE(error({"--config", file.name()}));
  // Only its owner may read the folder.
  REQUIRE(seteuid(65534) == 0);
  const auto why = error({"--config", file.name()});
  const auto folder =
      error({"--web-root", std::filesystem::path(file.name()).parent_path().string()});
  REQUIRE(seteuid(0) == 0);
  REQUIRE(why);
  CHECK_THAT(*why, Contains("Permission denied"));
  REQUIRE(folder);
  CHECK_THAT(*folder, Contains("Permission denied"));
}

TEST_CASE("a file of options may be empty, from another system, and without a last end of line") {
  for (const char* const text : {"", "\n", "# nothing", "\xef\xbb\xbf"}) {
    const options_file file(text);
    CHECK(value_of_option({"--config", file.name()}, "port") == "3001");
  }
  for (const char* const text : {"port = 7", "port=7\r\n", "\xef\xbb\xbfport = 7\n",
                                 "  port = '7'  # seven\n", "; x\n\tport =\t7\n"}) {
    CAPTURE(text);
    const options_file file(text);
    CHECK(value_of_option({"--config", file.name()}, "port") == "7");
  }
}

TEST_CASE("values in a file keep what is in their quotes, and lists may go over lines") {
  const options_file file(
      "content-security-policy = \"default-src 'self'; img-src a, b # c\" # not this\n"
      "cors-origin = [ # some\n"
      "  \"https://a.example\", # one\n"
      "\n"
      "  'https://b.example',\n"
      "]\n"
      "trusted-proxy = 10.0.0.1, 10.0.0.2\n"
      "no-limits\n");
  const std::vector<std::string> arguments = {"--config", file.name()};
  CHECK(value_of_option(arguments, "content-security-policy") ==
        "default-src 'self'; img-src a, b # c");
  CHECK(value_of_option(arguments, "cors-origin") == "https://a.example,https://b.example");
  CHECK(without_blanks(value_of_option(arguments, "trusted-proxy")) == "10.0.0.1,10.0.0.2");
  CHECK(value_of_option(arguments, "no-limits") == "true");
}

TEST_CASE("a line of a file that is not understood is reported with its number") {
  const std::vector<std::pair<const char*, const char*>> files = {
      {"port\n", "line 1"},
      {"\nport = \"7\n", "line 2"},
      {"port = \"7\" 8\n", "line 1"},
      {"port = [7, 8]\n", "line 1"},
      {"cors-origin = [\"https://a.example\"\nport = 4310\n", "line 2"},
      {"cors-origin = [\"https://a.example\",\n", "line 1"},
      {"cors-origin = [,]\n", "line 1"},
      {"= 7\n", "line 1"},
      {"[server]\nport = 7\n", "line 1"},
      {"record = \"a\\nb\"\n", "line 1"},
      {"max_sessions = 7\n", "did you mean max-sessions?"},
      {"config = other.conf\n", "line 1"},
      {"port = 7\nprot = 8\n", "line 2"},
  };
  for (const auto& [text, culprit] : files) {
    CAPTURE(text);
    const options_file file(text);
    const auto why = error({"--config", file.name()});
    REQUIRE(why);
    CHECK_THAT(*why, Contains(culprit));
  }
}

TEST_CASE("recordings may come through a pipe, and are else files") {
  const temporary_folder folder;
  folder.write("jam.trace", "a recording");
  const auto read = read_recording((folder.path() / "jam.trace").string());
  CHECK(std::get<std::string>(read) == "a recording");
  CHECK(std::holds_alternative<unreadable_file>(read_recording(folder.path().string())));
  CHECK(std::holds_alternative<unreadable_file>(read_recording("/dev/zero")));
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "piped", 5) == 5);
  close(ends[1]);
  const auto piped = read_recording("/dev/fd/" + std::to_string(ends[0]));
  close(ends[0]);
  CHECK(std::get<std::string>(piped) == "piped");
}
