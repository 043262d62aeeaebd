// The file that tells others logrun's own pid, for as long as it runs.
//
// Locked, so that two logruns cannot share one. A file of a process that is
// gone is taken over. Removed when the object is destroyed.
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
