// -o verbose: a line with the full time and the cursor, then each field on a
// line of its own.
#pragma once

#include "query/output.h"
#include "query/stamp.h"

namespace logq {

class VerbosePrinter : public Printer {
 public:
  explicit VerbosePrinter(const OutputOptions& options);
  void print(const EntryRecord& record, std::string& out) override;

 private:
  void append_field(std::string& out, const logfmt::Field& field,
                    uint8_t priority);

  std::vector<std::string> fields_;
  MessageText text_;
  Stamp stamp_;
};

}  // namespace logq
