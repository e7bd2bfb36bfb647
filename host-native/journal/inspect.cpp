#include "journal/inspect.hpp"

#include "session/canonical_code.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <vector>

namespace downbeat::host {
namespace {

/// A name, without what could end the line or control a terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) c = '?';
  }
  return text;
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// What the rules of a session say, one by one.
std::vector<std::string> faults_of(const session::room& room) {
  std::vector<std::string> faults;
  if (room.participants.empty()) faults.emplace_back("has no members");
  const bool has_host = std::any_of(room.participants.begin(), room.participants.end(),
                                    [&](const auto& one) { return one.id == room.host_id; });
  if (!room.participants.empty() && !has_host) faults.emplace_back("has a host who is no member");
  if (room.head.seq == 0) faults.emplace_back("has an empty log");
  for (const session::participant& one : room.participants) {
    if (!one.pid_hash) {
      faults.push_back("has a member without a pid, who cannot come back: " +
                       printable(one.id.str()));
    }
  }
  return faults;
}

}  // namespace

room_source rooms_of(journal_store& of) {
  return [&of](const journal_store::visitor& take) { of.visit(take); };
}

inspection list_sessions(const room_source& rooms) {
  inspection result;
  std::size_t sessions = 0;
  std::size_t members = 0;
  rooms([&](const session::room& room, std::string_view) {
    ++sessions;
    members += room.participants.size();
    result.text += room.code + "  " + count_of(room.participants.size(), "member") + ':';
    for (const session::participant& one : room.participants) {
      result.text += (&one == &room.participants.front() ? " " : ", ") + printable(one.name) +
                     (one.is_away ? " (away)" : "");
    }
    result.text += '\n';
  });
  result.text += count_of(sessions, "session") + ", " + count_of(members, "member") + '\n';
  return result;
}

inspection check_sessions(const room_source& rooms, const std::vector<std::string>& faults) {
  inspection result;
  const auto complain = [&](const std::string& fault) {
    result.is_well = false;
    result.text += fault + '\n';
  };
  for (const std::string& fault : faults) complain("the file: " + fault);
  std::set<std::string> codes;
  std::map<std::string, std::uint32_t> moves;
  std::size_t members = 0;
  try {
    rooms([&](const session::room& room, std::string_view) {
      for (const std::string& fault : faults_of(room)) complain(room.code + ' ' + fault);
      const auto key = session::canonicalize(room.code);
      if (!key || !codes.insert(*key).second) complain(room.code + " is there twice");
      for (const session::participant& one : room.participants) {
        ++members;
        // Between the two appends of a move a member is in both rooms, with different numbers.
        const auto [at, is_new] = moves.try_emplace(one.id.str(), one.move);
        if (!is_new && at->second == one.move) {
          complain(printable(one.id.str()) + " is in two sessions, one of them " + room.code);
        }
      }
    });
  } catch (const std::exception& error) {
    complain(error.what());
  }
  if (result.is_well) {
    result.text = "no faults in " + count_of(codes.size(), "session") + " with " +
                  count_of(members, "member") + '\n';
  }
  return result;
}

inspection back_up(journal_store& of, const std::string& into) {
  struct stat there {};
  if (::lstat(into.c_str(), &there) == 0) return {into + " exists already\n", false};
  try {
    of.copy_to(into);
  } catch (const std::exception& error) {
    return {into + ": " + error.what() + '\n', false};
  }
  return {"copied to " + into + '\n', true};
}

}  // namespace downbeat::host
