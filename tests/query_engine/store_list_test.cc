#include "query/store_list.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Paths = std::vector<std::string>;

TEST(StoreList, ADirectoryThatIsNamedTwiceIsOpenedOnce) {
  const TempDir temp;
  const std::string store = temp.path() + "/store";
  const std::string other = temp.path() + "/other";
  const std::string link = temp.path() + "/link";
  const std::string absent = temp.path() + "/absent";
  std::filesystem::create_directory(store);
  std::filesystem::create_directory(other);
  std::filesystem::create_directory_symlink(store, link);
  EXPECT_EQ(
      logq::distinct_directories({store, other, store + "/", link,
                                  store + "/../other", absent, absent + "/"}),
      (Paths{store, other, absent}));
}

}  // namespace
}  // namespace logq_test
