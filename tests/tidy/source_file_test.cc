#include "tests/tidy/source_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace tidy {
namespace {

using testing::ElementsAre;

TEST(BlankOut, KeepsCodeOnly) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a; // b\nc", "a;     \nc"},
      {"a /* b\n{ */ c", "a     \n     c"},
      {R"(f("{//\"", 'x');)", R"(f("     ", ' ');)"},
      {R"(f('"', '\'', "'");)", R"(f(' ', '  ', " ");)"},
      {"n = 1'000'000; // {", "n = 1'000'000;     "},
      {"R\"x({\n)\" )x\" + y", "R\"   \n   )x\" + y"},
      {"\"open\nnext", "\"    \nnext"},
      {"/* open", "       "},
      {"'", "'"},
      {"R\"", "R\""},
  };
  for (const auto& [text, code] : cases) EXPECT_EQ(blank_out(text), code);
}

std::vector<std::pair<size_t, size_t>> functions_of(std::string_view text) {
  std::vector<std::pair<size_t, size_t>> places;
  for (const auto& function : find_functions(blank_out(text)))
    places.emplace_back(function.first_line, function.line_count);
  return places;
}

TEST(FindFunctions, SeesBodiesInEveryScope) {
  EXPECT_THAT(functions_of("#include <a>\n"
                           "namespace a::b {\n"
                           "namespace {\n"
                           "int f();\n"
                           "// A comment is no part of it.\n"
                           "int f() {\n"
                           "  if (x) { return 1; }\n"
                           "}\n"
                           "}  // namespace\n"
                           "class C final : public B<int()> {\n"
                           " public:\n"
                           "  int g() const {\n"
                           "    return 2;\n"
                           "  }\n"
                           "};\n"
                           "}\n"
                           "TEST(A, B) {\n"
                           "}\n"),
              ElementsAre(std::pair(6, 3), std::pair(11, 4), std::pair(17, 2)));
}

TEST(FindFunctions, IsNotMisledByBracesOfOtherKinds) {
  EXPECT_THAT(functions_of("const int kTable[] = {\n"
                           "  1, 2};\n"
                           "int a = 1, b{2};\n"
                           "C::C(int x = int{}) : a_{x},\n"
                           "    b_{\"{\"} {\n"
                           "  g();\n"
                           "}\n"
                           "#define M(x) \\\n"
                           "  do { x\n"
                           "template <class T, class = V<T>>\n"
                           "struct S {\n"
                           "  std::string s{};\n"
                           "};\n"
                           "enum class E { kA };\n"
                           "template <class T>\n"
                           "T h() {\n"
                           "  const auto l = [] { return E{}; };\n"
                           "}\n"),
              ElementsAre(std::pair(4, 4), std::pair(15, 4)));
}

}  // namespace
}  // namespace tidy
