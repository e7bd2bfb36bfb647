#include "golden/files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace downbeat::golden {

std::string story_folder(const std::string& folder) {
  return folder + "/stories";
}

std::vector<std::string> names_in(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ending) names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace downbeat::golden
