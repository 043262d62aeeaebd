#include "query/listing.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "format/file.h"
#include "tests/query/made_entry.h"

namespace logq {
namespace {

constexpr std::string_view kOtherBoot = "00000000000000000000000000000002";

ListingOptions listing_options(OutputFormat format) {
  return {.output = {.format = format, .utc = true}};
}

// A connected pair: what is written to one end is read from the other.
class ListingTest : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends;
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()),
              0);
    written_.reset(ends[0]);
    read_.reset(ends[1]);
  }

  std::string read_all() {
    written_.reset();
    std::string text;
    std::array<char, 4096> chunk;
    ssize_t count;
    while ((count = read(read_.get(), chunk.data(), chunk.size())) > 0) {
      text.append(chunk.data(), static_cast<size_t>(count));
    }
    return text;
  }

  std::string listed(const ListingOptions& options,
                     std::vector<MadeEntry> entries) {
    OutputStream stream(written_.get());
    Listing listing(options, stream);
    for (MadeEntry& entry : entries) {
      EXPECT_EQ(*listing.show(entry.record()), Flow::kContinue);
    }
    EXPECT_EQ(*listing.finish(), Flow::kContinue);
    EXPECT_EQ(listing.shown(), entries.size());
    return read_all();
  }

  logfmt::Fd written_;
  logfmt::Fd read_;
};

TEST_F(ListingTest, SaysWhereABootBegins) {
  EXPECT_EQ(listed(listing_options(OutputFormat::kShort),
                   {message("a"), message("b").boot(kOtherBoot),
                    message("c").boot(kOtherBoot)}),
            "Nov 22 05:43:58 vm bot[123]: a\n"
            "-- Boot 00000000000000000000000000000002 --\n"
            "Nov 22 05:43:58 vm bot[123]: b\n"
            "Nov 22 05:43:58 vm bot[123]: c\n");
}

TEST_F(ListingTest, SaysThatThereIsNothing) {
  EXPECT_EQ(listed(listing_options(OutputFormat::kShort), {}),
            "-- No entries --\n");
}

TEST_F(ListingTest, AddsNoRemarksForPrograms) {
  EXPECT_EQ(listed(listing_options(OutputFormat::kCat),
                   {message("a"), message("b").boot(kOtherBoot)}),
            "a\nb\n");
}

TEST_F(ListingTest, AddsNoRemarksWhenQuiet) {
  ListingOptions options = listing_options(OutputFormat::kShort);
  options.quiet = true;
  EXPECT_EQ(listed(options, {}), "");
}

TEST_F(ListingTest, ShowsTheLastCursor) {
  ListingOptions options = listing_options(OutputFormat::kCat);
  options.show_cursor = true;
  MadeEntry last = message("b").at(5, 6);
  std::string cursor;
  append_cursor(cursor, cursor_of(last.record()));
  EXPECT_EQ(listed(options, {message("a"), last}),
            "a\nb\n-- cursor: " + cursor + "\n");
}

TEST_F(ListingTest, WritesMoreThanTheDescriptorTakesAtOnce) {
  std::string received;
  std::thread reader([&] {
    std::array<char, 1 << 16> chunk;
    ssize_t count;
    while ((count = read(read_.get(), chunk.data(), chunk.size())) > 0) {
      received.append(chunk.data(), static_cast<size_t>(count));
    }
  });
  OutputStream stream(written_.get());
  Listing listing(listing_options(OutputFormat::kCat), stream);
  MadeEntry entry = message(std::string(1000, 'x'));
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(*listing.show(entry.record()), Flow::kContinue);
    ASSERT_LT(stream.buffer().size(), size_t{128} << 10);
  }
  ASSERT_EQ(*listing.finish(), Flow::kContinue);
  written_.reset();
  reader.join();
  EXPECT_EQ(received.size(), 2000u * 1001u);
}

TEST_F(ListingTest, AReaderThatLeavesIsNoError) {
  read_.reset();
  OutputStream stream(written_.get());
  Listing listing(listing_options(OutputFormat::kCat), stream);
  MadeEntry entry = message("x");
  EXPECT_EQ(*listing.show(entry.record()), Flow::kContinue);
  EXPECT_EQ(*listing.finish(), Flow::kReaderGone);
}

TEST_F(ListingTest, KnowsTheLastEntryThatWasWrittenOut) {
  OutputStream stream(written_.get());
  ListingOptions options = listing_options(OutputFormat::kCat);
  options.keep_cursor = true;
  Listing listing(options, stream);
  MadeEntry first = message("first");
  MadeEntry second = message("second").at(5, 6);
  ASSERT_TRUE(listing.show(first.record()));
  EXPECT_FALSE(listing.written_cursor());
  ASSERT_EQ(*listing.flush(), Flow::kContinue);
  EXPECT_EQ(listing.written_cursor(), cursor_of(first.record()));
  read_.reset();
  ASSERT_TRUE(listing.show(second.record()));
  ASSERT_EQ(*listing.finish(), Flow::kReaderGone);
  EXPECT_EQ(listing.written_cursor(), cursor_of(first.record()));
}

TEST_F(ListingTest, ADescriptorThatFailsIsAnError) {
  OutputStream stream(-1);
  stream.buffer() = "x";
  const auto flow = stream.flush();
  ASSERT_FALSE(flow);
  EXPECT_EQ(flow.error().sys_errno, EBADF);
}

}  // namespace
}  // namespace logq
