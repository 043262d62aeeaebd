#include <gtest/gtest.h>

#include <algorithm>

#include "format/columns/line_text.h"
#include "format/columns/text_encoder.h"
#include "format/columns/text_reader.h"

namespace logfmt {
namespace {

using Lines = std::vector<std::string>;

EncodedText encode(TextEncoder& encoder, const Lines& lines) {
  for (const std::string& line : lines) {
    std::string payload;
    append_field(payload, "MESSAGE", line);
    encoder.add(0, FieldList(payload));
  }
  return encoder.encode();
}

Result<TextReader> open(const EncodedText& encoded) {
  auto reader = TextReader::open(
      encoded.strings, {encoded.templates.begin(), encoded.templates.end()});
  if (reader) {
    if (auto status = reader->load_numbers(encoded.numbers.bytes); !status) {
      return fail(status.error());
    }
  }
  return reader;
}

void expect_kept(const Lines& lines) {
  TextEncoder encoder;
  auto reader = open(encode(encoder, lines));
  ASSERT_TRUE(reader);
  for (size_t i = 0; i < lines.size(); ++i) {
    TextBuffer text;
    ASSERT_TRUE(reader->append_text(i, text));
    EXPECT_EQ(text.view(), lines[i] + kFieldEnd);
  }
}

// "*" for each variable, without the end of the field.
std::string shown(std::string_view text) {
  std::string shown(text.substr(0, text.size() - 1));
  std::replace(shown.begin(), shown.end(), kSlot, '*');
  return shown;
}

TEST(Text, LinesOfOneStatementAreOneTemplate) {
  Lines lines;
  for (int i = 0; i < 50; ++i) {
    lines.push_back("user 7 took " + std::to_string(i * i) + " ms");
  }
  TextEncoder encoder;
  const auto reader = open(encode(encoder, lines));
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->templates().size(), 1u);
  // What is the same in all lines is no column.
  EXPECT_EQ(shown(reader->templates()[0].text), "user 7 took * ms");
  expect_kept(lines);
}

TEST(Text, CommonBeginningIsKeptTogether) {
  Lines lines;
  for (int i = 0; i < 60; ++i) {
    const std::string start = "2026-11-22 10:" + std::to_string(10 + i / 2) +
                              ":" + std::to_string(10 + i % 50) + " ";
    lines.push_back(start + (i % 2 == 0 ? "got " : "put ") +
                    std::to_string(i * 37 % 100) + " items");
  }
  TextEncoder encoder;
  const auto reader = open(encode(encoder, lines));
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->templates().size(), 2u);
  for (const auto& of : reader->templates()) {
    EXPECT_EQ(of.head_columns, 2u);
    EXPECT_EQ(of.columns, 1u);
  }
  expect_kept(lines);
}

TEST(Text, RareLinesStayText) {
  Lines lines;
  for (int i = 0; i < 40; ++i) lines.push_back("tick " + std::to_string(i));
  lines.push_back("started with 3 workers");
  lines.push_back("stopping");
  TextEncoder encoder;
  const auto reader = open(encode(encoder, lines));
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->templates().size(), 2u);
  EXPECT_EQ(reader->templates()[1].text, "st\1");
  expect_kept(lines);
}

TEST(Text, WhatAlwaysFollowsAHeadIsStatic) {
  Lines lines;
  for (int i = 0; i < 40; ++i) {
    const std::string start = "job " + std::to_string(i * 7 % 40) + ": ";
    lines.push_back(start + (i % 2 == 0 ? "waits" : "runs"));
  }
  lines.push_back("job 3: was taken away");
  lines.push_back("job 4: will not end");
  TextEncoder encoder;
  const auto reader = open(encode(encoder, lines));
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->templates().size(), 3u);
  EXPECT_EQ(reader->templates()[2].text, "job \1: w\1");
  expect_kept(lines);
}

TEST(Text, EncodingDependsOnNothingButItsInput) {
  const Lines lines{"a 1", "a 2", "b", "a 3", "a 4", "c 5"};
  TextEncoder used;
  encode(used, {"something else 1", "x", "x 2", "x 3", "x 4", "x 5"});
  TextEncoder fresh;
  const EncodedText first = encode(fresh, lines);
  const EncodedText again = encode(used, lines);
  EXPECT_EQ(first.templates, again.templates);
  EXPECT_EQ(first.strings, again.strings);
  EXPECT_EQ(first.numbers.bytes, again.numbers.bytes);
}

TEST(Text, LineWithTooManyVariablesIsOneVariable) {
  std::string many;
  for (size_t i = 0; i <= kSlotsMax; ++i) many += std::to_string(i) + " ";
  expect_kept({many, many + "1", many + "2", many + "3", many + "4",
               std::string(kSplitTextBytesMax + 1, '7')});
}

TEST(Text, EveryCutInputIsRefused) {
  TextEncoder encoder;
  Lines lines;
  for (int i = 0; i < 12; ++i) {
    lines.push_back("at 10.0.0." + std::to_string(i % 3) + " got " +
                    std::to_string(i * 1000));
  }
  const EncodedText whole = encode(encoder, lines);
  for (size_t cut = 0; cut < whole.strings.size(); ++cut) {
    EncodedText part = whole;
    part.strings.resize(cut);
    EXPECT_FALSE(open(part)) << cut;
  }
  for (size_t cut = 0; cut < whole.numbers.bytes.size(); ++cut) {
    EncodedText part = whole;
    part.numbers.bytes.resize(cut);
    EXPECT_FALSE(open(part)) << cut;
  }
}

}  // namespace
}  // namespace logfmt
