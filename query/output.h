// Printers: one entry to text, in the formats of -o.
//
// A printer appends to a buffer and never writes; output_stream.h does that.
// Layouts are journalctl's to the byte unless docs/logq.md lists a deviation.
// A printer keeps state between entries (the last minute's text, the contexts
// seen last), so it serves one listing, in one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "format/result.h"
#include "query/message_text.h"
#include "query/record.h"

namespace logq {

enum class OutputFormat {
  kShort,
  kShortPrecise,
  kShortIso,
  kShortIsoPrecise,
  kShortUnix,
  kShortFull,
  kShortMonotonic,
  kShortDelta,
  kWithUnit,
  kVerbose,
  kExport,
  kJson,
  kJsonPretty,
  kJsonSse,
  kJsonSeq,
  kCat,
};

logfmt::Result<OutputFormat> parse_output_format(std::string_view name);
// One name a line, for `-o help`.
std::string output_format_names();
// Formats for programs: nothing but entries may appear among them.
bool is_machine_format(OutputFormat format);

struct OutputOptions {
  OutputFormat format = OutputFormat::kShort;
  TextOptions text{};
  bool utc = false;
  bool hostname = true;
  std::vector<std::string> fields{};  // --output-fields; empty: all
};

class Printer {
 public:
  virtual ~Printer() = default;
  // An entry that the format cannot show (no MESSAGE) appends nothing.
  virtual void print(const EntryRecord& record, std::string& out) = 0;
};

std::unique_ptr<Printer> make_printer(const OutputOptions& options);

// --output-fields: whether a field of that name is to be shown.
bool is_wanted(const std::vector<std::string>& fields, std::string_view name);

}  // namespace logq
