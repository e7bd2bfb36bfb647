#include "cli/data.hpp"

#include "cli/output.hpp"
#include "cli/process.hpp"
#include "journal/control_socket.hpp"
#include "journal/inspect.hpp"
#include "journal/journal_file.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_journal.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;

/// A command, as it is for the program and for a server that runs.
struct command {
  std::string name;
  std::string help;
  std::vector<std::string> operands;  ///< their names
  std::function<inspection(journal_store& store, const std::vector<std::string>& operands)>
      carry_out;
  std::function<std::string(const std::vector<std::string>& operands)> request;
  /// The same for a Redis; empty if that is nothing to do here.
  std::function<inspection(const room_source& rooms)> look_at_rooms = {};
  /// Looks whether the server has done it; may be empty.
  std::function<inspection(const std::vector<std::string>& operands, inspection answer)> confirm =
      {};
};

/// Asks the server that has the folder; nothing if none answers.
std::optional<inspection> ask_server(const std::string& folder, const std::string& request) {
  asio::io_context context;
  asio::local::stream_protocol::socket server(context);
  boost::system::error_code error;
  const auto name = (std::filesystem::path(folder) / control_socket_name).string();
  try {
    server.connect(asio::local::stream_protocol::endpoint(name));
  } catch (const std::exception&) {
    return std::nullopt;
  }
  std::string text = request + '\n';
  asio::write(server, asio::buffer(text), error);
  text.clear();
  asio::read(server, asio::dynamic_buffer(text), error);
  for (const bool is_well : {true, false}) {
    const std::string_view first = is_well ? control_well : control_fault;
    if (text.starts_with(first)) return inspection{text.substr(first.size()), is_well};
  }
  return std::nullopt;
}

bool is_redis_url(const std::string& operand) {
  return operand.starts_with("redis://") || operand.starts_with("rediss://");
}

// Beside the server that owns the sessions, which goes on meanwhile.
inspection look_at_redis(const command& what, const std::string& url) {
  redis_address where;
  try {
    where = read_redis_url(url);
  } catch (const unusable_redis_url& error) {
    throw unusable_journal(std::string("the URL ") + error.what(),
                           unusable_journal::reason::unreadable);
  }
  const char* const authorities = std::getenv("DOWNBEAT_REDIS_CA");
  if (authorities != nullptr) where.ca_file = authorities;
  if (!what.look_at_rooms) {
    throw unusable_journal("sessions in Redis are saved by Redis, with BGSAVE",
                           unusable_journal::reason::unreadable);
  }
  return what.look_at_rooms([&](const journal_store::visitor& take) { visit_redis(where, take); });
}

inspection look(const command& what, const std::vector<std::string>& operands) {
  const std::string& folder = operands.front();
  if (is_redis_url(folder)) return look_at_redis(what, folder);
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(folder) / "sessions.db", ignored)) {
    throw unusable_journal(folder + " has no sessions.db; is it a folder of --data?",
                           unusable_journal::reason::unreadable);
  }
  std::optional<journal_file> file;
  try {
    file.emplace(folder, durability::power, std::chrono::milliseconds(0));
  } catch (const unusable_journal& error) {
    if (error.why() != unusable_journal::reason::in_use) throw;
    if (auto answer = ask_server(folder, what.request(operands))) {
      return what.confirm ? what.confirm(operands, *std::move(answer)) : *std::move(answer);
    }
    throw unusable_journal(std::string(error.what()) + ", which does not answer",
                           unusable_journal::reason::in_use);
  }
  file->load([](const auto&, std::string_view) {});
  return what.carry_out(*file, operands);
}

int run_command(const command& what, const std::vector<std::string>& arguments) {
  std::string usage = "Usage: downbeat " + what.name;
  for (const std::string& one : what.operands) usage += ' ' + one;
  if (arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help")) {
    return print_result(what.name, what.help + "\n\n" + usage + '\n');
  }
  for (const std::string& one : arguments) {
    if (one.starts_with('-')) return print_mistake(what.name, "there is no option " + one, 2);
  }
  if (arguments.size() != what.operands.size()) return print_mistake(what.name, usage, 2);
  try {
    const inspection result = look(what, arguments);
    const int code = print_result(what.name, result.text);
    return code != 0 || result.is_well ? code : 1;
  } catch (const unusable_journal& error) {
    const bool is_in_use = error.why() == unusable_journal::reason::in_use;
    return print_mistake(what.name, in_one_line(error.what()), is_in_use ? 3 : 4);
  }
}

}  // namespace

int sessions(const std::vector<std::string>& arguments) {
  return run_command(
      {"sessions",
       "Lists the sessions in a folder of --data, or a Redis of --redis, with their members.",
       {"DIR|URL"},
       [](journal_store& store, const auto&) { return list_sessions(rooms_of(store)); },
       [](const auto&) { return "sessions"; },
       list_sessions},
      arguments);
}

int check(const std::vector<std::string>& arguments) {
  return run_command(
      {"check",
       "Checks a folder of --data, or a Redis of --redis: the pages of the file, and every rule\n"
       "of the sessions. Exits with 1 if there is a fault, and with 4 if nothing can be read.",
       {"DIR|URL"},
       [](journal_store& store, const auto&) {
         return check_sessions(rooms_of(store), store.integrity_faults());
       },
       [](const auto&) { return "check"; },
       [](const room_source& rooms) { return check_sessions(rooms, {}); }},
      arguments);
}

int backup(const std::vector<std::string>& arguments) {
  // A server has another working folder.
  const auto target = [](const std::vector<std::string>& operands) {
    return std::filesystem::absolute(operands[1]).string();
  };
  return run_command(
      {"backup",
       "Copies the sessions in a folder of --data into a new file, while its server runs\n"
       "or not. To restore it: an empty folder, the file in it as sessions.db.",
       {"DIR", "FILE"},
       [&](journal_store& store, const auto& operands) { return back_up(store, target(operands)); },
       [&](const auto& operands) { return "backup " + target(operands); },
       {},
       [&](const auto& operands, inspection answer) {
         std::error_code error;
         if (!answer.is_well || std::filesystem::exists(target(operands), error)) {
           return answer;
         }
         return inspection{"the server says that it has copied to " + target(operands) +
                               ", where nothing is: it may have a /tmp of its own\n",
                           false};
       }},
      arguments);
}

}  // namespace downbeat::host
