#include "tests/tidy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Rule = void (*)(const SourceFile&, Violations*);

Violations violations_of(Rule rule, std::string path, std::string text) {
  Violations violations;
  rule(SourceFile(std::move(path), std::move(text)), &violations);
  return violations;
}

TEST(Rules, IncludesFollowTheArrows) {
  const struct {
    const char* path;
    const char* header;
    bool allowed;
  } cases[] = {
      {"format/block.cc", "\"format/coding.h\"", true},
      {"format/block.cc", "\"query/engine/plan.h\"", false},
      {"format/block.cc", "\"logd/config.h\"", false},
      {"format/block.cc", "\"coding.h\"", false},
      {"query/options.cc", "\"query/engine/plan.h\"", true},
      {"query/options.cc", "\"logd/config.h\"", false},
      {"query/engine/plan.cc", "\"format/entry.h\"", true},
      {"query/engine/plan.cc", "\"query/options.h\"", false},
      {"logd/service.cc", "\"query/engine/plan.h\"", false},
      {"logd/service.cc", "\"query/options.h\"", false},
      {"logd/run/child.cc", "\"logd/intake/stream_header.h\"", true},
      {"logd/run/child.cc", "\"logd/run/options.h\"", true},
      {"logd/run/child.cc", "\"format/result.h\"", true},
      {"logd/run/child.cc", "\"logd/config.h\"", false},
      {"logd/run/child.cc", "\"query/engine/plan.h\"", false},
      {"format/compression.cc", "<zstd.h>", true},
      {"format/block.cc", "<zstd.h>", false},
      {"format/checksum.cc", "<xxhash.h>", true},
      {"logd/wal.cc", "<xxhash.h>", false},
      {"logd/config.cc", "<toml++/toml.h>", true},
      {"logd/main.cc", "<toml++/toml.h>", false},
      {"logd/loop.cc", "<boost/asio/io_context.hpp>", true},
      {"logd/loop.cc", "<boost/asio.hpp>", false},
      {"query/output.cc", "<nlohmann/json.hpp>", false},
      {"tests/query/output_test.cc", "<nlohmann/json.hpp>", true},
      {"format/block.cc", "\"tests/testing/temp_dir.h\"", false},
  };
  for (const auto& [path, header, allowed] : cases) {
    const auto violations = violations_of(
        check_includes, path, std::string("#include ") + header + "\n");
    EXPECT_EQ(violations.empty(), allowed) << path << " " << header;
  }
}

TEST(Rules, ReportTheFileAndTheLine) {
  EXPECT_THAT(violations_of(check_includes, "format/a.cc",
                            "\n\n#include \"logd/a.h\"\n"),
              ElementsAre("format/a.cc:3: #include \"logd/a.h\": format/ "
                          "knows nobody"));
}

TEST(Rules, LimitFunctionsAndFiles) {
  const auto body = [](size_t lines) {
    std::string text = "void f() {\n";
    for (size_t i = 2; i < lines; ++i) text += "  g();\n";
    return text + "}\n";
  };
  EXPECT_THAT(violations_of(check_sizes, "logd/a.cc", body(70)), IsEmpty());
  EXPECT_THAT(violations_of(check_sizes, "logd/a.cc", body(71)), SizeIs(1));
  EXPECT_THAT(violations_of(check_sizes, "tests/a.cc", body(71)), SizeIs(1));
  const std::string lines(401, '\n');
  EXPECT_THAT(violations_of(check_sizes, "logd/a.cc", lines), SizeIs(1));
  EXPECT_THAT(violations_of(check_sizes, "logd/a.cc", lines.substr(1)),
              IsEmpty());
  EXPECT_THAT(violations_of(check_sizes, "logd/a.h", lines.substr(250)),
              SizeIs(1));
  EXPECT_THAT(violations_of(check_sizes, "tests/a.cc", lines), IsEmpty());
}

TEST(Rules, CountColumnsNotBytes) {
  std::string wide;
  for (int i = 0; i < 80; ++i) wide += "µ";
  EXPECT_THAT(violations_of(check_columns, "logd/a.cc", wide), IsEmpty());
  wide += "µ";
  EXPECT_THAT(violations_of(check_columns, "logd/a.cc", wide), SizeIs(1));
  EXPECT_THAT(violations_of(check_columns, "tests/a.cc", '"' + wide + '"'),
              IsEmpty());
}

TEST(Rules, FindWordsInCodeButNotInProse) {
  const std::pair<const char*, size_t> cases[] = {
      {"auto* p = new int;", 1},
      {"delete p;", 1},
      {"C(const C&) = delete;", 0},
      {"// a new line", 0},
      {"f(\"new\");", 0},
      {"renew(); newer();", 0},
      {"using namespace std;", 1},
      {"snprintf(a, b);", 0},
      {"sprintf(a, b);", 1},
      {"std::regex r;", 1},
      {"#include <new>", 0},
      {"// TO"
       "DO later",
       1},
      {"mkdtemp(\"/tmp/a.XXXXXX\")", 0},
  };
  for (const auto& [text, count] : cases)
    EXPECT_THAT(violations_of(check_words, "logd/a.cc", text), SizeIs(count))
        << text;
}

TEST(Rules, KeepMachinePathsOut) {
  EXPECT_THAT(violations_of(check_machine_paths, "scripts/a",
                            "cd /ro"
                            "ot/logd"),
              SizeIs(1));
  EXPECT_THAT(violations_of(check_machine_paths, "scripts/a", "cd /var/log"),
              IsEmpty());
}

TEST(Rules, AskFilesToSayWhatTheyAre) {
  const auto head_of = [](const char* path, const char* text) {
    return violations_of(check_head, path, text);
  };
  EXPECT_THAT(head_of("a.h", "// What.\n#pragma once\n"), IsEmpty());
  EXPECT_THAT(head_of("a.h", "#pragma once\n"), SizeIs(2));
  EXPECT_THAT(head_of("a.h", "// What.\nint a;\n"), SizeIs(1));
  EXPECT_THAT(head_of("a", "#!/bin/sh\n# What.\n"), IsEmpty());
  EXPECT_THAT(head_of("a", "#!/bin/sh\nset -e\n"), SizeIs(1));
  EXPECT_THAT(head_of("a", "#!/usr/bin/env python3\n\"\"\"What.\"\"\"\n"),
              IsEmpty());
}

}  // namespace
}  // namespace tidy
