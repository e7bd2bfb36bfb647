// The program around the server: its URLs, its output on a full or closed stream, its notifications
// for systemd, and its error messages.
#include "cli/process.hpp"

#include "cli/output.hpp"
#include "cli/service_manager.hpp"
#include "host/in_child.hpp"
#include "host/temporary_folder.hpp"
#include "log/logger.hpp"
#include "options/server_options.hpp"
#include "server/server.hpp"
#include "server/urls.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

using namespace downbeat;
using namespace downbeat::host;

namespace {

// A socket like the one that systemd gives to a service.
class service_manager {
 public:
  explicit service_manager(const std::string& name) : socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;
  ~service_manager() {
    unsetenv("NOTIFY_SOCKET");
    close(socket_);
  }

  std::string told() {
    char text[256];
    const ssize_t size = recv(socket_, text, sizeof text, 0);
    REQUIRE(size >= 0);
    return {text, static_cast<std::size_t>(size)};
  }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("a URL that is printed can be opened") {
  CHECK(local_url("http", "", 3001) == "http://localhost:3001");
  CHECK(local_url("http", "::", 3001) == "http://localhost:3001");
  CHECK(local_url("http", "0.0.0.0", 3001) == "http://127.0.0.1:3001");
  CHECK(local_url("http", "::1", 80) == "http://[::1]:80");
  CHECK(local_url("http", "fe80::1%eth0", 80) == "http://[fe80::1%25eth0]:80");
  CHECK(local_url("http", "jam.example", 80) == "http://jam.example:80");
}

TEST_CASE("addresses for other devices are those that it listens on, and never the loopback") {
  CHECK(network_urls("http", "127.0.0.1", 3001).empty());
  CHECK(network_urls("http", "localhost", 3001).empty());
  for (const char* const host : {"", "::", "0.0.0.0"}) {
    for (const std::string& url : network_urls("http", host, 3001)) {
      CHECK(url.find("http://") == 0);
      CHECK(url.find(":3001") == url.size() - 5);
      CHECK(url.find("127.") == std::string::npos);
      CHECK(url.find("[::1]") == std::string::npos);
      CHECK(url.find("[fe80") == std::string::npos);
      if (std::string(host) == "0.0.0.0") CHECK(url.find('[') == std::string::npos);
    }
  }
}

TEST_CASE("systemd is notified through a socket in the file system, and through an abstract one") {
  const test::temporary_folder folder;
  for (const std::string& name :
       {(folder.path() / "notify").string(), "@downbeat-test-" + std::to_string(getpid())}) {
    CAPTURE(name);
    service_manager manager(name);
    CHECK(notify_service_manager("READY=1"));
    CHECK(manager.told() == "READY=1");
    CHECK(notify_service_manager_of_reload());
    CHECK_THAT(manager.told(), Catch::Matchers::Matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  }
}

TEST_CASE("no service manager need be there, and one that cannot be notified is an error") {
  unsetenv("NOTIFY_SOCKET");
  CHECK(notify_service_manager("READY=1"));
  for (const std::string& name :
       {std::string("/no/such/socket"), std::string("relative"),
        std::string("@nobody-listens-here"), "/" + std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    CHECK_FALSE(notify_service_manager("READY=1"));
  }
  unsetenv("NOTIFY_SOCKET");
}

TEST_CASE("a result that cannot be written is a line on stderr and a failure") {
  for (const bool is_closed : {false, true}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = test::begin_in_child([&] {
      dup2(ends[1], STDERR_FILENO);
      if (is_closed) {
        close(STDOUT_FILENO);
        prepare_process();
        // The next opened file must not become the standard output.
        if (open("/dev/null", O_WRONLY) == STDOUT_FILENO) return 50;
      } else {
        dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
      }
      return print_result("replay", "all the same\n");
    });
    close(ends[1]);
    char text[256];
    const ssize_t size = read(ends[0], text, sizeof text);
    close(ends[0]);
    CHECK(test::code_of_child(child) == 1);
    CHECK(std::string(text, static_cast<std::size_t>(size)) ==
          std::string("downbeat replay: cannot write the output: ") +
              (is_closed ? "Bad file descriptor\n" : "No space left on device\n"));
  }
}

TEST_CASE("a SIGTERM ends the server although a SIGHUP waits after each reload") {
  const pid_t child = test::begin_in_child([] {
    // Ends the child process if the server does not.
    alarm(60);
    prepare_server_process();
    logger log(log_level::off, log_format::text);
    server_options options;
    options.host = "127.0.0.1";
    options.port = 0;
    std::vector<std::unique_ptr<engine>> cores;
    cores.push_back(test::make_echo_with({}));
    server host(options, std::move(cores), log);
    int reloads = 0;
    host.obey_signals([&] {
      raise(SIGHUP);
      if (++reloads == 3) raise(SIGTERM);
    });
    raise(SIGHUP);
    host.run();
    return 0;
  });
  CHECK(test::code_of_child(child) == 0);
}

TEST_CASE("reasons are in the words of the system, not of the C++ runtime") {
  const std::filesystem::filesystem_error error("cannot canonicalise", "/a",
                                                std::make_error_code(std::errc::permission_denied));
  CHECK(reason_of(error) == "/a: Permission denied");
  CHECK(reason_of(std::bad_alloc()) == "there is not enough memory");
}
