// -o export: the Journal Export Format, as systemd-journal-remote reads it.
//
// One field a line, entries separated by an empty line. A value with control
// characters or with bytes that are not UTF-8 is written with its length:
// NAME, newline, 64-bit little-endian count, bytes, newline. On a terminal,
// where no program reads, such a value is escaped instead.
#pragma once

#include "query/context_cache.h"
#include "query/output.h"

namespace logq {

class ExportPrinter : public Printer {
 public:
  explicit ExportPrinter(const OutputOptions& options);
  void print(const EntryRecord& record, std::string& out) override;

 private:
  struct Context {
    std::string lines;  // of its fields
    bool stamped = false;
  };

  Context context_of(const logfmt::FieldList& fields) const;
  void append_number_field(std::string& out, std::string_view name,
                           uint64_t value) const;
  void append_field(std::string& out, const logfmt::Field& field) const;

  std::vector<std::string> fields_;
  bool terminal_;
  ContextCache<Context> contexts_{};
};

}  // namespace logq
