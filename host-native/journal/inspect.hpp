#pragma once

#include "journal/journal_store.hpp"

#include <functional>
#include <string>
#include <vector>

/// What an operator can ask of a journal, whether its server runs or not.
namespace downbeat::host {

/// An answer, as text of whole lines, and whether all is well.
struct inspection {
  std::string text;
  bool is_well = true;
};

/// Shows all rooms, as `journal_store::visit` does.
using room_source = std::function<void(const journal_store::visitor& take)>;

/// The rooms of a journal, which must outlive it.
room_source rooms_of(journal_store& of);

/// One line for each session: its code, how many members it has, and their names.
inspection list_sessions(const room_source& rooms);

/// Checks every rule of the sessions, after what is known to be wrong with the place where they
/// are: a line for each fault, or one that says that there is none.
inspection check_sessions(const room_source& rooms, const std::vector<std::string>& faults);

/// Copies the journal into a new file, which must not exist. The copy opens like any journal.
inspection back_up(journal_store& of, const std::string& into);

}  // namespace downbeat::host
