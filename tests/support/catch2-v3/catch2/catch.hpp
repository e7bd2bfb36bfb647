#pragma once

// Stands in for the one header of Catch2 2 where Catch2 3 is installed. Includes only the matchers
// that the tests use, because one of the others would change the meaning of `Contains`.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

namespace Catch {
namespace Matchers {

inline auto Contains(const std::string& part) {
  return ContainsSubstring(part);
}

}  // namespace Matchers

using Matchers::Contains;

}  // namespace Catch

using Catch::Approx;
