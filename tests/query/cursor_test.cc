#include "query/cursor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/query/made_entry.h"

namespace logq {
namespace {

std::string text_of(const Cursor& cursor) {
  std::string text;
  append_cursor(text, cursor);
  return text;
}

TEST(Cursor, HasJournalctlsLayout) {
  EXPECT_EQ(
      text_of(
          {.store_id =
               *logfmt::Id128::parse("0412531b4934402dbcc1c6d7dc184c52"),
           .seq = 0x1f,
           .boot_id = *logfmt::Id128::parse("b167fda1e3454dc488c113e579c4218d"),
           .monotonic_us = 0x426d11c9,
           .realtime_us = 0x660d6f6cd44c5,
           .hash = 0xfa105528ed736b4d}),
      "s=0412531b4934402dbcc1c6d7dc184c52;i=1f;"
      "b=b167fda1e3454dc488c113e579c4218d;m=426d11c9;t=660d6f6cd44c5;"
      "x=fa105528ed736b4d");
}

TEST(Cursor, IsReadBack) {
  MadeEntry entry = message("x");
  const Cursor cursor = cursor_of(entry.record());
  EXPECT_EQ(*parse_cursor(text_of(cursor)), cursor);
  MadeEntry other = message("y");
  EXPECT_NE(cursor_of(other.record()).hash, cursor.hash);
}

TEST(Cursor, NeedsStoreAndSequenceOnly) {
  const auto cursor = parse_cursor("i=ff;s=0412531b4934402dbcc1c6d7dc184c52");
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->seq, 255u);
}

TEST(Cursor, RefusesOtherText) {
  const std::string store = "s=0412531b4934402dbcc1c6d7dc184c52";
  for (const std::string& text :
       {std::string(), store, std::string("i=1"),
        store + ";i=", store + ";i=xyz", store + ";i=1;i=2", store + ";i=1;q=2",
        store + ";i=11111111111111111", std::string("s=12;i=1"),
        store + ";;i=1", std::string(100'000, 'a')}) {
    EXPECT_FALSE(parse_cursor(text)) << text.substr(0, 80);
  }
}

class CursorFile : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = testing::TempDir() + "cursor_test." + std::to_string(getpid());
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string path() const { return dir_ + "/cursor"; }

 private:
  std::string dir_;
};

TEST_F(CursorFile, IsEmptyUntilSaved) {
  EXPECT_FALSE(load_cursor(path())->has_value());
  std::ofstream(path()) << "";
  EXPECT_FALSE(load_cursor(path())->has_value());
}

TEST_F(CursorFile, KeepsTheCursor) {
  MadeEntry entry = message("x");
  const Cursor cursor = cursor_of(entry.record());
  ASSERT_TRUE(save_cursor(path(), cursor));
  EXPECT_EQ(**load_cursor(path()), cursor);
  std::ofstream(path(), std::ios::app) << "\n";
  EXPECT_EQ(**load_cursor(path()), cursor);
}

TEST_F(CursorFile, IsWrittenThroughNoLinkOfOthers) {
  const std::string victim = path() + ".victim";
  std::ofstream(victim) << "precious";
  const std::string aside = path() + "." + std::to_string(getpid()) + ".new";
  for (const std::string& planted : {aside, path() + ".new", path()}) {
    std::filesystem::create_symlink(victim, planted);
  }
  ASSERT_TRUE(save_cursor(path(), {.seq = 7}));
  std::string text;
  std::ifstream(victim) >> text;
  EXPECT_EQ(text, "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(path()));
  EXPECT_EQ((**load_cursor(path())).seq, 7u);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(aside)));
}

TEST_F(CursorFile, NamesTheFileInErrors) {
  std::ofstream(path()) << "nonsense";
  const auto loaded = load_cursor(path());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().detail.substr(0, path().size()), path());
  const Cursor cursor;
  EXPECT_FALSE(save_cursor(path() + "/no/such", cursor));
}

}  // namespace
}  // namespace logq
