#pragma once

#include "session/event.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

/// Shows session events in a failed test.
namespace Catch {

template <>
struct StringMaker<downbeat::session::user_id> {
  static std::string convert(const downbeat::session::user_id& who) { return who.str(); }
};

template <>
struct StringMaker<downbeat::session::participant> {
  static std::string convert(const downbeat::session::participant& who) {
    return who.id.str() + " (" + who.name + ", " + who.instrument + ")";
  }
};

template <>
struct StringMaker<downbeat::session::any_event> {
  static std::string convert(const downbeat::session::any_event& what) {
    return std::visit([](const auto& which) { return describe(which); }, what);
  }

 private:
  static std::string describe(const downbeat::session::event::created& e) {
    return e.user.str() + " created " + e.room;
  }
  static std::string describe(const downbeat::session::event::joined& e) {
    return e.user.str() + " joined " + e.room + (e.again ? " again" : "") + " with host " +
           e.host.str() + " and " + Detail::stringify(e.participants);
  }
  static std::string describe(const downbeat::session::event::user_joined& e) {
    return e.room + " sees " + Detail::stringify(e.user) + " join";
  }
  static std::string describe(const downbeat::session::event::user_left& e) {
    return e.room + " sees " + e.user.str() + " leave";
  }
  static std::string describe(const downbeat::session::event::host_changed& e) {
    return e.room + " has host " + e.host.str();
  }
  static std::string describe(const downbeat::session::event::user_updated& e) {
    return e.room + " sees " + Detail::stringify(e.user) + " change";
  }
  static std::string describe(const downbeat::session::event::room_closed& e) {
    return e.room + " closed";
  }
  static std::string describe(const downbeat::session::event::seat_held& e) {
    return "a seat is held for " + e.user.str();
  }
  static std::string describe(const downbeat::session::event::refused& e) {
    return e.user.str() + " refused: " + std::string(downbeat::session::code_of(e.reason)) + " '" +
           e.room + "'";
  }
};

}  // namespace Catch
