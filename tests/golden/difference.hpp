#pragma once

#include <string>
#include <string_view>

namespace downbeat::golden {

/// The first line in which two texts differ, in words, with a few lines before it; empty if they
/// are equal.
std::string difference(std::string_view expected, std::string_view is);

}  // namespace downbeat::golden
