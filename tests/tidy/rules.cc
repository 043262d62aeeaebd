#include "tests/tidy/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace tidy {
namespace {

constexpr auto kNpos = std::string_view::npos;

void report(const SourceFile& file, size_t line, std::string_view what,
            Violations* violations) {
  violations->push_back(fmt::format("{}:{}: {}", file.path, line, what));
}

// A library that only one file of the project may include.
struct Wrapped {
  std::string_view include;
  std::string_view only_in;
};
constexpr Wrapped kWrapped[] = {
    {"<zstd", "format/compression.cc"},
    {"<xxhash", "format/checksum.cc"},
    {"<toml++/", "logd/config.cc"},
};

// What is wrong with this file's including of `header`, a path from the root.
std::string_view direction_error(const SourceFile& file,
                                 std::string_view header) {
  if (file.is_below("format") &&
      (header.starts_with("query/") || header.starts_with("logd/")))
    return "format/ knows nobody";
  if (file.is_below("query") && header.starts_with("logd/"))
    return "query/ does not know logd/";
  if (file.is_below("query/engine") && header.starts_with("query/") &&
      !header.starts_with("query/engine/"))
    return "query/engine/ does not know the command line around it";
  if (file.is_below("logd") && header.starts_with("query/"))
    return "logd/ does not know query/";
  if (file.is_below("logd/run") && header.starts_with("logd/"))
    return header.starts_with("logd/run/") ||
                   header == "logd/intake/stream_header.h"
               ? ""
               : "logd/run/ shares only logd/intake/stream_header.h";
  if (header.find('/') == kNpos) return "includes start at the root";
  if (header.starts_with("tests/") && !file.is_below("tests") &&
      !file.is_below("bench"))
    return "only tests include tests";
  return "";
}

std::string_view library_error(const SourceFile& file,
                               std::string_view header) {
  for (const auto& wrapped : kWrapped)
    if (header.starts_with(wrapped.include) &&
        !file.path.ends_with(wrapped.only_in))
      return "this library has one file that wraps it";
  if (header.starts_with("<boost/asio.hpp"))
    return "include the one part of Asio that is needed";
  if (header.starts_with("<nlohmann/") && !file.is_below("tests"))
    return "nlohmann-json is for tests only";
  return "";
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Whether the line has the word by itself, not as part of a longer one.
bool has_word(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != kNpos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) &&
        (end == line.size() || !is_word(line[end])))
      return true;
  }
  return false;
}

// Words that have no place in code, and what to write instead.
struct Banned {
  std::string_view word;
  std::string_view instead;
};
constexpr Banned kBannedInCode[] = {
    {"using namespace", "name what is used"},
    {"new", "a value, a container or std::make_unique"},
    {"delete", "let the owner do it"},
    {"sprintf", "fmt::format"},
    {"strtol", "std::from_chars"},
    {"strtoul", "std::from_chars"},
    {"strtoll", "std::from_chars"},
    {"strtoull", "std::from_chars"},
    {"strtod", "std::from_chars"},
    {"atoi", "std::from_chars"},
    {"std::regex", "RE2"},
};
// Spelled in halves, so that this file keeps the rule.
constexpr std::string_view kPromises[] = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X"};

size_t columns_of(std::string_view line) {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  return static_cast<size_t>(std::ranges::count_if(line, starts_character));
}

}  // namespace

void check_includes(const SourceFile& file, Violations* violations) {
  if (!file.is_cpp()) return;
  constexpr std::string_view kInclude = "#include ";
  size_t number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    if (!line.starts_with(kInclude)) continue;
    const auto header = line.substr(kInclude.size());
    const bool own = header.starts_with('"');
    const auto error =
        own ? direction_error(file, header.substr(1, header.find('"', 1) - 1))
            : library_error(file, header);
    if (!error.empty())
      report(file, number, fmt::format("{}: {}", line, error), violations);
  }
}

void check_sizes(const SourceFile& file, Violations* violations) {
  if (!file.is_cpp()) return;
  for (const auto& function : find_functions(file.code))
    if (function.line_count > kFunctionLinesMax)
      report(file, function.first_line,
             fmt::format("a function of {} lines; at most {}",
                         function.line_count, kFunctionLinesMax),
             violations);
  if (file.is_below("tests")) return;
  const size_t lines_max =
      file.has_extension(".h") ? kHeaderLinesMax : kSourceLinesMax;
  const size_t line_count = lines_of(file.text).size();
  if (line_count > lines_max)
    report(file, line_count,
           fmt::format("a file of {} lines; at most {}", line_count, lines_max),
           violations);
}

void check_columns(const SourceFile& file, Violations* violations) {
  if (!file.is_cpp()) return;
  size_t number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    const bool cannot_be_cut =
        line.find("https://") != kNpos ||
        (file.is_below("tests") && line.find('"') != kNpos);
    if (columns_of(line) > kColumnsMax && !cannot_be_cut)
      report(
          file, number,
          fmt::format("{} columns; at most {}", columns_of(line), kColumnsMax),
          violations);
  }
}

void check_words(const SourceFile& file, Violations* violations) {
  size_t number = 0;
  for (auto line : lines_of(file.text)) {
    ++number;
    for (const auto promise : kPromises)
      if (has_word(line, promise))
        report(file, number,
               fmt::format("{}: do it, or file an issue", promise), violations);
  }
  if (!file.is_cpp()) return;
  number = 0;
  for (const auto line : lines_of(file.code)) {
    ++number;
    const bool is_declaration = line.find("= delete") != kNpos;
    for (const auto& banned : kBannedInCode)
      if (has_word(line, banned.word) && !line.starts_with("#include") &&
          !(is_declaration && banned.word == "delete"))
        report(file, number, fmt::format("{}: {}", banned.word, banned.instead),
               violations);
  }
}

void check_machine_paths(const SourceFile& file, Violations* violations) {
  // Spelled in halves, so that this file keeps the rule.
  constexpr std::string_view kPaths[] = {
      "/ro"
      "ot/",
      "/ho"
      "me/"};
  size_t number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    for (const auto path : kPaths)
      if (line.find(path) != kNpos)
        report(file, number,
               fmt::format("{}: a path of somebody's machine", path),
               violations);
  }
}

void check_head(const SourceFile& file, Violations* violations) {
  const bool is_script = file.text.starts_with("#!");
  if (is_script) {
    const auto lines = lines_of(file.text);
    const bool is_python = lines[0].find("python") != kNpos;
    const auto says = is_python ? "\"\"\"" : "#";
    if (lines.size() < 2 ||
        (!lines[1].starts_with(says) && !lines[1].starts_with('#')))
      report(file, 2, "a script starts by saying what it does", violations);
  }
  if (!file.has_extension(".h")) return;
  if (!file.text.starts_with("//"))
    report(file, 1, "a header starts by saying what it is", violations);
  if (file.text.find("\n#pragma once\n") == kNpos)
    report(file, 1, "#pragma once is missing", violations);
}

}  // namespace tidy
