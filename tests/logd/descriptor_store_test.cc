#include "logd/keeper/descriptor_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <optional>

#include "logd/zone/passed_descriptors.h"
#include "tests/logd/testing/abstract_socket.h"

namespace logd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A service manager that reads when it is asked to.
class Manager {
 public:
  Notifier notifier() const { return std::move(Notifier::open(name_).value()); }
  // The messages since the last time; " +fd" stands for a descriptor.
  std::vector<std::string> messages() {
    std::vector<std::string> all;
    while (auto message = next()) all.push_back(*message);
    return all;
  }

 private:
  std::optional<std::string> next() {
    std::array<char, 256> text{};
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec part{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t got =
        recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0) return std::nullopt;
    std::string message(text.data(), static_cast<size_t>(got));
    for_each_descriptor({control.data(), header.msg_controllen}, [&](int fd) {
      message += " +fd";
      close(fd);
    });
    return message;
  }

  std::string name_ = fmt::format("@logd-store-test-{}", getpid());
  logfmt::Fd socket_ = testing::bind_abstract(name_);
};

std::string stored(int number) {
  return fmt::format("FDSTORE=1\nFDPOLL=0\nFDNAME=logd-{} +fd", number);
}
std::string removed(int number) {
  return fmt::format("FDSTOREREMOVE=1\nFDNAME=logd-{}", number);
}

class DescriptorStoreTest : public ::testing::Test {
 protected:
  void hold_stream(size_t place, int fd, uint8_t id) {
    StreamHead& head = zone_.stream(place);
    head = {.fd = fd, .held = 1};
    head.id.fill(id);
    zone_.state().stream_places = 64;
  }
  void end_stream(size_t place) { zone_.stream(place).held = 0; }

  LandingZone zone_ = std::move(LandingZone::create(0).value());
  logfmt::Fd one_{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  logfmt::Fd other_{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  Manager manager_;
  Notifier notifier_ = manager_.notifier();
};

TEST(StoreChange, SaysWhatWentAndWhatCame) {
  const StoredDescriptor a{3, {1, 1}}, b{4, {2, 2}}, c{5, {3, 3}};
  const std::array before{a, b}, after{b, c};
  const StoreChange change = change_between(before, after);
  EXPECT_THAT(change.removed, ElementsAre(a));
  EXPECT_THAT(change.added, ElementsAre(c));
}

TEST(StoreChange, SeesANumberThatWasUsedAgain) {
  const std::array before{StoredDescriptor{7, {1, 1}}};
  const std::array after{StoredDescriptor{7, {1, 2}}};
  const StoreChange change = change_between(before, after);
  EXPECT_THAT(change.removed, ElementsAre(before[0]));
  EXPECT_THAT(change.added, ElementsAre(after[0]));
}

TEST_F(DescriptorStoreTest, StoresZoneSocketsAndStreamsButNotTheLock) {
  zone_.state().lock_fd = other_.get();
  zone_.state().sockets[0] = {.fd = one_.get(), .inode = 9};
  DescriptorStore store(zone_, notifier_, {});
  EXPECT_TRUE(store.update());
  EXPECT_THAT(manager_.messages(),
              ElementsAre(stored(zone_.fd()), stored(one_.get())));
  EXPECT_TRUE(store.update());
  EXPECT_THAT(manager_.messages(), IsEmpty());
}

TEST_F(DescriptorStoreTest, TakesOutTheOldStreamBeforeTheNewOneGoesIn) {
  DescriptorStore store(zone_, notifier_, {});
  hold_stream(0, one_.get(), 1);
  EXPECT_TRUE(store.update());
  (void)manager_.messages();
  end_stream(0);
  hold_stream(1, one_.get(), 2);
  EXPECT_TRUE(store.update());
  EXPECT_THAT(manager_.messages(),
              ElementsAre(removed(one_.get()), stored(one_.get())));
  end_stream(1);
  EXPECT_TRUE(store.update());
  EXPECT_THAT(manager_.messages(), ElementsAre(removed(one_.get())));
}

TEST_F(DescriptorStoreTest, RemovesWhatIsThereAndNobodyKnows) {
  DescriptorStore store(zone_, notifier_, {{.number = 1'000'000}});
  EXPECT_TRUE(store.update());
  EXPECT_THAT(manager_.messages(),
              ElementsAre(removed(1'000'000), stored(zone_.fd())));
}

TEST_F(DescriptorStoreTest, GoesOnLaterWithAManagerThatIsBusy) {
  constexpr size_t kMore = 4096;  // than any queue of datagrams holds
  for (size_t i = 0; i < kMore; ++i) {
    hold_stream(i, one_.get(), static_cast<uint8_t>(i));
    zone_.stream(i).id[1] = static_cast<uint8_t>(i >> 8);
  }
  zone_.state().stream_places = kMore;
  DescriptorStore store(zone_, notifier_, {});
  EXPECT_FALSE(store.update());
  size_t messages = manager_.messages().size();
  while (!store.update()) messages += manager_.messages().size();
  messages += manager_.messages().size();
  EXPECT_EQ(messages, kMore + 1);
}

TEST_F(DescriptorStoreTest, DoesNothingWithoutAManager) {
  const Notifier nobody;
  DescriptorStore store(zone_, nobody, {});
  EXPECT_FALSE(store.exists());
  EXPECT_TRUE(store.update());
}

}  // namespace
}  // namespace logd
