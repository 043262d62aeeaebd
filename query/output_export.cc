#include "query/output_export.h"

#include "format/coding.h"
#include "query/cursor.h"
#include "query/digits.h"
#include "query/printable.h"

namespace logq {

ExportPrinter::ExportPrinter(const OutputOptions& options)
    : fields_(options.fields), terminal_(options.text.terminal) {}

void ExportPrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  out += "__CURSOR=";
  append_cursor(out, cursor_of(record));
  out += "\n__REALTIME_TIMESTAMP=";
  append_number(out, entry.realtime_us);
  out += "\n__MONOTONIC_TIMESTAMP=";
  append_number(out, entry.monotonic_us);
  out += "\n_BOOT_ID=";
  append_id(out, entry.boot_id);
  out += '\n';
  const RecordFields fields(entry);
  fields.for_each(
      [&](const logfmt::Field& field) { append_field(out, field); });
  out += '\n';
}

void ExportPrinter::append_field(std::string& out,
                                 const logfmt::Field& field) const {
  if (!is_wanted(fields_, field.name)) return;
  out += field.name;
  if (terminal_) {
    out += '=';
    append_visible(out, field.value, {});
  } else if (is_printable_line(field.value)) {
    out += '=';
    out += field.value;
  } else {
    out += '\n';
    logfmt::append_fixed<uint64_t>(out, field.value.size());
    out += field.value;
  }
  out += '\n';
}

}  // namespace logq
