// Asks a running logd to do something, and waits until it is done: one HTTP
// request on the socket "query" of its runtime directory.
#pragma once

#include <string>
#include <string_view>

#include "format/store_dir.h"

namespace logq {

class DaemonClient {
 public:
  explicit DaemonClient(const std::string& runtime_dir)
      : path_(runtime_dir + "/query") {}

  // "sync", "flush" or "rotate". kNotFound where no logd answers; else the
  // error is what logd says.
  logfmt::Status command(const std::string& name) const;
  // An error unless that logd writes that store.
  logfmt::Status check_serves(const logfmt::StoreDir& store) const;

 private:
  logfmt::Result<std::string> ask(std::string_view method,
                                  const std::string& name) const;

  std::string path_;
};

}  // namespace logq
