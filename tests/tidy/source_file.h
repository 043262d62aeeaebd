// A source file as the rules see it: its text, and its text without what the
// compiler does not see as code.
//
// Not a C++ parser. It knows comments, the kinds of literals and where braces
// open and close, and relies on clang-format for the rest: "name{" belongs to
// an expression, ") {" to a body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidy {

// The text with comments, and what stands between the quotes of strings and
// characters, as spaces. Lines keep their numbers and lengths.
std::string blank_out(std::string_view text);

struct Function {
  std::string head;   // from its first word to its brace
  size_t first_line;  // from 1
  size_t line_count;
};

// Every function that has a body, also members and tests; lambdas count as
// part of the function around them.
std::vector<Function> find_functions(std::string_view code);

struct SourceFile {
  SourceFile(std::string path, std::string text);

  bool has_extension(std::string_view extension) const;
  bool is_below(std::string_view folder) const;
  bool is_cpp() const;

  std::string path;  // relative to the root of the repository
  std::string text;
  std::string code;  // of C++, the blanked text; otherwise empty
};

std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace tidy
