#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace downbeat::host {

/// SQLite has failed. The text is for the operator.
class database_error : public std::runtime_error {
 public:
  database_error(const std::string& what, int code) : std::runtime_error(what), code_(code) {}

  /// SQLite's primary result code.
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] bool is_busy() const;
  /// The file is damaged, or no database at all.
  [[nodiscard]] bool is_corrupt() const;

 private:
  int code_;
};

class statement;

/// A connection to a database of SQLite, for one thread at a time.
class database {
 public:
  enum class access {
    create,      ///< create the file if there is none
    read_write,  ///< the file must exist
    read_only,
  };

  /// Throws database_error.
  database(const std::string& file, access how);

  /// Runs statements without parameters and results. Throws database_error.
  void execute(const char* sql) const;
  /// The only number that a statement returns. Throws database_error.
  std::int64_t number(const char* sql);
  /// Throws database_error.
  [[nodiscard]] statement prepare(std::string_view sql);

  /// Whether a transaction is open: some errors end it by themselves.
  [[nodiscard]] bool is_in_transaction() const;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  /// Throws what has just gone wrong.
  [[noreturn]] void fail() const;

 private:
  struct closer {
    void operator()(sqlite3* which) const;
  };

  std::unique_ptr<sqlite3, closer> handle_;
};

/// A prepared statement. Its database must outlive it.
class statement {
 public:
  statement(database& of, std::string_view sql);

  // Give the parameters their values, from 1. A text is copied.

  statement& bind(int which, std::int64_t value);
  statement& bind(int which, std::string_view text);

  /// Runs the statement, and makes it ready for other values. Throws database_error.
  void run();
  /// Goes on to the next row. Without one, makes the statement ready for other values. Throws
  /// database_error.
  bool next_row();
  /// Ends the rows before the last one.
  void reset();

  // Columns of the present row, from 0.

  [[nodiscard]] std::int64_t number(int column) const;
  /// Valid until the next row.
  [[nodiscard]] std::string_view text(int column) const;

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* which) const;
  };

  database* database_;
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

}  // namespace downbeat::host
