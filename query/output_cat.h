// -o cat: the first MESSAGE of each entry, or the fields of --output-fields in
// the order asked for, one a line; bytes as they are except on a terminal.
#pragma once

#include "query/output.h"

namespace logq {

class CatPrinter : public Printer {
 public:
  explicit CatPrinter(const OutputOptions& options);
  void print(const EntryRecord& record, std::string& out) override;

 private:
  std::vector<std::string> fields_;
  MessageText text_;
};

}  // namespace logq
