// The file that tells others logrun's own pid, for as long as it runs.
//
// Locked, so that two logruns cannot share one. The lock and nothing else says
// whether the owner runs: a file without one is taken over, whatever pid is in
// it, since that may be anybody's by now. Removed when the object is destroyed.
#pragma once

#include <string>

#include "format/file.h"
#include "format/result.h"

namespace logrun {

class PidFile {
 public:
  static logfmt::Result<PidFile> claim(const std::string& path);

  PidFile(PidFile&&) = default;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::string path, logfmt::Fd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  logfmt::Fd fd_;
};

}  // namespace logrun
