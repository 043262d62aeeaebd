#include "query/store_list.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace logq {

using logfmt::Error;
using logfmt::ErrorCode;

Error explain_store_error(Error error, const std::string& directory) {
  if (error.sys_errno == EACCES || error.sys_errno == EPERM) {
    error.detail = "cannot read " + directory + ": " + error.message() +
                   "; you need to be root or in the group adm or logd";
    error.sys_errno = 0;
  } else if (error.code == ErrorCode::kNotFound) {
    error.detail = "no logs yet in " + directory +
                   ": is logd running? (-D names another directory)";
    error.sys_errno = 0;
  }
  return error;
}

std::vector<std::string> distinct_directories(
    const std::vector<std::string>& directories) {
  std::vector<std::string> distinct;
  std::vector<std::filesystem::path> places;
  for (const std::string& directory : directories) {
    std::error_code failed;
    // Without the last slash: "a/" is "a".
    auto place = std::filesystem::weakly_canonical(directory + "/.", failed);
    if (failed) place = directory;
    if (std::find(places.begin(), places.end(), place) != places.end())
      continue;
    places.push_back(std::move(place));
    distinct.push_back(directory);
  }
  return distinct;
}

logfmt::Result<std::vector<logfmt::StoreDir>> open_stores(
    const std::vector<std::string>& directories) {
  std::vector<logfmt::StoreDir> stores;
  for (const std::string& directory : directories) {
    auto store = logfmt::StoreDir::open(directory);
    if (!store) {
      return logfmt::fail(
          explain_store_error(std::move(store.error()), directory));
    }
    stores.push_back(std::move(*store));
  }
  return stores;
}

}  // namespace logq
