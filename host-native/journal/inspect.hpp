#pragma once

#include "journal/journal_file.hpp"

#include <string>
#include <variant>

/// What an operator can ask of a journal, whether its server runs or not.
namespace downbeat::host {

/// An answer, as text of whole lines, and whether all is well.
struct inspection {
  std::string text;
  bool is_well = true;
};

/// One line for each session: its code, how many members it has, and their names.
inspection list_sessions(journal_file& of);

/// Checks the pages of the file, and every rule of the sessions in it: a line for each fault, or
/// one that says that there is none.
inspection check_journal(journal_file& of);

/// Copies the journal into a new file, which must not exist. The copy opens like any journal.
inspection back_up(journal_file& of, const std::string& into);

}  // namespace downbeat::host
