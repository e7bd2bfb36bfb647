#include "journal/database.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

namespace downbeat::host {

bool database_error::is_busy() const {
  return code_ == SQLITE_BUSY || code_ == SQLITE_LOCKED;
}

bool database_error::is_corrupt() const {
  return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
}

database::database(const std::string& file, access how) {
  int flags = SQLITE_OPEN_NOMUTEX;
  if (how == access::read_only) {
    flags |= SQLITE_OPEN_READONLY;
  } else {
    flags |= SQLITE_OPEN_READWRITE;
  }
  if (how == access::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* made = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &made, flags, nullptr);
  handle_.reset(made);
  if (code != SQLITE_OK) fail();
  sqlite3_extended_result_codes(handle(), 0);
}

void database::closer::operator()(sqlite3* which) const {
  sqlite3_close_v2(which);
}

void database::execute(const char* sql) const {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t database::number(const char* sql) {
  statement one = prepare(sql);
  const std::int64_t result = one.next_row() ? one.number(0) : 0;
  one.reset();
  return result;
}

statement database::prepare(std::string_view sql) {
  return {*this, sql};
}

bool database::is_in_transaction() const {
  return sqlite3_get_autocommit(handle()) == 0;
}

void database::fail() const {
  const int of_call = errno;
  const int code = handle() == nullptr ? SQLITE_NOMEM : sqlite3_errcode(handle());
  int of_system = handle() == nullptr ? 0 : sqlite3_system_errno(handle());
  // A commit does not pass it on.
  if (of_system == 0) of_system = of_call;
  std::string why = handle() == nullptr ? "out of memory" : sqlite3_errmsg(handle());
  if (code == SQLITE_IOERR && of_system != 0) {
    why += " (" + std::generic_category().message(of_system) + ")";
  }
  throw database_error(why, code & 0xff);
}

statement::statement(database& of, std::string_view sql) : database_(&of) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(of.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  handle_.reset(made);
  if (code != SQLITE_OK) of.fail();
}

void statement::finalizer::operator()(sqlite3_stmt* which) const {
  sqlite3_finalize(which);
}

statement& statement::bind(int which, std::int64_t value) {
  if (sqlite3_bind_int64(handle_.get(), which, value) != SQLITE_OK) database_->fail();
  return *this;
}

statement& statement::bind(int which, std::string_view text) {
  if (sqlite3_bind_text64(handle_.get(), which, text.data(), text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8) != SQLITE_OK) {
    database_->fail();
  }
  return *this;
}

void statement::run() {
  while (next_row()) {
  }
}

bool statement::next_row() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  // Resetting gives the same error again, but the statement could not be used without it.
  sqlite3_reset(handle_.get());
  database_->fail();
}

void statement::reset() {
  sqlite3_reset(handle_.get());
}

std::int64_t statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view statement::text(int column) const {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

}  // namespace downbeat::host
