#pragma once

#include <string>

/// How the first packets begin that a client gets. The rest depends on chance.
namespace downbeat::test {

inline const std::string open = "0{\"sid\":\"*";
inline const std::string greeting = "40{\"sid\":\"*";

}  // namespace downbeat::test
