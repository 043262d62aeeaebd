#include "logd/zone/stream_table.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <set>

namespace logd {
namespace {

class StreamTableTest : public ::testing::Test {
 protected:
  // Of a connection of its own.
  uint32_t take() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    for (const int end : ends) descriptors_.emplace_back(end);
    return take(ends[0]);
  }
  uint32_t take(int fd) {
    StreamHead head;
    head.fd = fd;
    return table_->take(head).value();
  }
  // A bite of which the first bytes are of the header, the last of a line.
  StreamChange bite(uint32_t place, const std::string& bytes,
                    uint32_t header_bytes, uint32_t line_bytes) {
    std::memcpy(zone_.bite().data(), bytes.data(), bytes.size());
    StreamChange change{.place = place, .head = zone_.stream(place)};
    change.head.header_bytes += header_bytes;
    change.head.line_bytes += line_bytes;
    change.header_bytes = header_bytes;
    change.line_bytes = line_bytes;
    change.line_at = static_cast<uint32_t>(bytes.size()) - line_bytes;
    return change;
  }
  void commit(const StreamChange& change) {
    table_->change(change);
    zone_.commit();
    table_->apply();
  }
  // As a worker does that comes after one that died.
  std::vector<KeptStream> kept_by_another() {
    zone_.begin_worker();
    table_.emplace(zone_);
    return table_->kept();
  }

  std::vector<logfmt::Fd> descriptors_;
  LandingZone zone_ = std::move(LandingZone::create(0).value());
  std::optional<StreamTable> table_{std::in_place, zone_};
};

TEST_F(StreamTableTest, KeepsHeaderAndUnfinishedLine) {
  const uint32_t place = take();
  commit(bite(place, "me\nunit\n6\n1\n0\n0\n0\nhalf a ", 18, 7));
  commit(bite(place, "line", 0, 4));
  const auto kept = kept_by_another();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].place, place);
  EXPECT_EQ(kept[0].head.fd, descriptors_[0].get());
  EXPECT_EQ(kept[0].header, "me\nunit\n6\n1\n0\n0\n0\n");
  EXPECT_EQ(kept[0].line, "half a line");
}

TEST_F(StreamTableTest, KeepsALongHeaderThatComesInPieces) {
  const uint32_t place = take();
  std::string header;
  for (int i = 0; i < 12; ++i) {
    const std::string piece(70, static_cast<char>('a' + i));
    commit(bite(place, piece, 70, 0));
    header += piece;
  }
  commit(bite(place, "and a line", 0, 10));
  const auto kept = kept_by_another();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].header, header);
  EXPECT_EQ(kept[0].line, "and a line");
}

TEST_F(StreamTableTest, FinishesWhatADeadWorkerHadCommitted) {
  const uint32_t place = take();
  table_->change(bite(place, "half", 0, 4));
  zone_.commit();  // and died before apply()
  EXPECT_EQ(kept_by_another().at(0).line, "half");
  EXPECT_EQ(kept_by_another().at(0).line, "half") << "once is enough";
}

TEST_F(StreamTableTest, ForgetsWhatADeadWorkerHadNotCommitted) {
  const uint32_t place = take();
  commit(bite(place, "half", 0, 4));
  table_->change(bite(place, " a line", 0, 7));
  EXPECT_EQ(kept_by_another().at(0).line, "half");
}

TEST_F(StreamTableTest, GivesAPlaceAgainWithoutWhatWasInIt) {
  const uint32_t place = take();
  commit(bite(place, std::string(60'000, 'x'), 0, 60'000));
  StreamChange closed{.place = place, .head = zone_.stream(place)};
  closed.head.held = 0;
  commit(closed);
  EXPECT_TRUE(kept_by_another().empty());
  EXPECT_EQ(take(), place);
  commit(bite(place, "new", 0, 3));
  EXPECT_EQ(kept_by_another().at(0).line, "new");
}

// It would be read, and in the end closed.
TEST_F(StreamTableTest, KeepsNoDescriptorButAConnectionOfItsOwn) {
  const uint32_t good = take();
  (void)take(descriptors_[0].get());
  (void)take(zone_.fd());
  (void)take(-1);
  const logfmt::Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr unnamed{.sa_family = AF_UNIX, .sa_data = {}};
  ASSERT_EQ(bind(listener.get(), &unnamed, sizeof unnamed.sa_family), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  (void)take(listener.get());
  const auto kept = kept_by_another();
  ASSERT_EQ(kept.size(), 5U);
  for (const KeptStream& stream : kept) {
    EXPECT_EQ(stream.head.fd >= 0, stream.place == good);
  }
}

// Whatever a worker has left that wrote where it should not have.
TEST_F(StreamTableTest, StaysWithinItselfWhateverAChangeSays) {
  const uint32_t place = take();
  const uint32_t wild[] = {0, 1, 119, 2047, 2048, 65535, 65537, 1U << 31, ~0U};
  for (const uint32_t a : wild) {
    for (const uint32_t b : wild) {
      StreamChange change{.place = place, .head = zone_.stream(place)};
      change.head.header_bytes = change.line_bytes = a;
      change.head.line_bytes = change.header_bytes = b;
      change.line_at = a ^ b;
      commit(change);
      for (const KeptStream& kept : kept_by_another()) {
        EXPECT_LE(kept.header.size(), kStreamHeaderBytesMax);
        EXPECT_LE(kept.line.size(), zone_.line_bytes());
      }
    }
  }
}

TEST_F(StreamTableTest, HasAPlaceForEachAndNoMore) {
  std::set<uint32_t> places;
  StreamHead head;
  while (const auto place = table_->take(head)) places.insert(*place);
  EXPECT_EQ(places.size(), kStreamPlaces);
  table_->free(*places.begin());
  EXPECT_EQ(table_->take(head), *places.begin());
}

}  // namespace
}  // namespace logd
