#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::golden {

/// Where the stories of the traces in a folder are.
std::string story_folder(const std::string& folder);

/// The names, without the ending and in order, of the files in a folder that end in this.
std::vector<std::string> names_in(const std::string& folder, std::string_view ending);

/// All bytes of a file, or nothing if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace downbeat::golden
