// Every file of the repository keeps the rules of the house.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.h"

namespace tidy {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = LOGD_SOURCE_DIR;

std::vector<std::string> paths_below(const fs::path& folder) {
  std::vector<std::string> paths;
  auto entry = fs::recursive_directory_iterator(folder);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const auto name = entry->path().filename();
    if (name == "build" || name == ".git" || name == "testdata" ||
        name == "__pycache__")
      entry.disable_recursion_pending();
    else if (entry->is_regular_file())
      paths.push_back(entry->path().lexically_relative(kRoot).string());
  }
  std::ranges::sort(paths);
  return paths;
}

bool is_source(std::string_view path) {
  return path.ends_with(".cc") || path.ends_with(".h") ||
         path.ends_with(".c") || path.ends_with(".py") ||
         path.ends_with("CMakeLists.txt") || path.starts_with("scripts/") ||
         path.starts_with(".ci/");
}

const std::vector<SourceFile>& sources() {
  static const auto files = [] {
    std::vector<SourceFile> result;
    for (const auto& path : paths_below(kRoot)) {
      if (!is_source(path)) continue;
      std::ifstream file(kRoot / path);
      result.emplace_back(
          path, std::string(std::istreambuf_iterator<char>(file), {}));
    }
    return result;
  }();
  return files;
}

void expect_kept(void (*rule)(const SourceFile&, Violations*)) {
  ASSERT_GT(sources().size(), 20u) << "no sources at " << kRoot;
  Violations violations;
  for (const auto& file : sources()) rule(file, &violations);
  EXPECT_TRUE(violations.empty()) << fmt::format(
      "{} violations:\n{}", violations.size(), fmt::join(violations, "\n"));
}

TEST(Tidy, IncludesFollowTheArrows) { expect_kept(check_includes); }
TEST(Tidy, FunctionsAndFilesAreSmall) { expect_kept(check_sizes); }
TEST(Tidy, LinesFitEightyColumns) { expect_kept(check_columns); }
TEST(Tidy, CodeHasNoBannedWords) { expect_kept(check_words); }
TEST(Tidy, NothingNamesSomebodysMachine) { expect_kept(check_machine_paths); }
TEST(Tidy, HeadersAndScriptsSayWhatTheyAre) { expect_kept(check_head); }

TEST(Tidy, FoldersSayWhatLivesInThem) {
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    const auto name = entry.path().filename().string();
    if (!entry.is_directory() || name == "build" || name == ".git") continue;
    if (paths_below(entry.path()).size() <= 5) continue;
    std::ifstream list(entry.path() / "CMakeLists.txt");
    EXPECT_TRUE(list.peek() == '#' || fs::exists(entry.path() / "README.md"))
        << name << "/ has neither a README.md nor a CMakeLists.txt that "
        << "starts by saying what lives there";
  }
}

}  // namespace
}  // namespace tidy
