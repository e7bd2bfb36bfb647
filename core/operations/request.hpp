#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The commands and queries that operators send to a running engine, as JSON, and the answers.
///
///     {"query":"sessions","limit":100}                   {"ok":true,"items":[…],"next":"100"}
///     {"query":"sessions","limit":100,"after":"100"}     {"ok":true,"items":[…]}
///     {"command":"close_session","roomCode":"JAM-42"}    {"ok":true,"disconnected":3}
///     {"query":"songs"}         {"ok":false,"error":{"message":…,"code":"invalid_request"}}
///
/// Lists come in pages. The `next` of one page is the `after` of the next query; the last page has
/// no `next`. An item that exists while all pages are fetched is on exactly one of them, even if
/// other items are added or removed meanwhile.
namespace downbeat::operations {

/// A request for one page of a list.
struct query {
  std::string what;          ///< `sessions`, `participants` or `connections`
  std::string room_code;     ///< only for `participants`; as the operator typed it
  std::string after;         ///< the `next` of the page before; empty for the first page
  std::int64_t limit = 100;  ///< items of a page, 1 to 1,000
};

/// A request to change something.
struct command {
  std::string what;            ///< `close_session` or `disconnect_participant`
  std::string room_code;       ///< of the session to close; as the operator typed it
  std::string participant_id;  ///< of the participant to disconnect
};

/// Why a request is invalid, as a message for the operator.
struct error {
  std::string why;
};

/// Parses an operator's request, which may be any text. Unknown members are an error, because
/// otherwise a misspelt one would be ignored silently.
std::variant<query, error> read_query(std::string_view json);
std::variant<command, error> read_command(std::string_view json);

/// Writes a request as JSON that reads back as the same value.
std::string write(const query& what);
std::string write(const command& what);

/// The answer to a request that failed: `{"ok":false,"error":{"message":…,"code":…}}`.
std::string failure(std::string_view message, std::string_view code);
std::string failure(const error& what);

}  // namespace downbeat::operations
