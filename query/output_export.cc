#include "query/output_export.h"

#include "format/coding.h"
#include "query/cursor.h"
#include "query/digits.h"
#include "query/printable.h"

namespace logq {
namespace {

// Above what the name of a field that is kept in a column takes, with the "="
// and the newline in front.
constexpr size_t kKeyRoom = 48;

void append_identity(std::string& out, const EntryRecord& record) {
  const logfmt::EntryView& entry = record.entry;
  char text[kCursorRoom + 2 * kNumberRoom + kIdRoom + 4 * kKeyRoom];
  char* at = write_cursor(write_text(text, "__CURSOR="), cursor_of(record));
  at = write_text(at, "\n__REALTIME_TIMESTAMP=");
  at = write_number(at, entry.realtime_us);
  at = write_text(at, "\n__MONOTONIC_TIMESTAMP=");
  at = write_number(at, entry.monotonic_us);
  at = write_id(write_text(at, "\n_BOOT_ID="), entry.boot_id);
  *at = '\n';
  out.append(text, at + 1);
}

}  // namespace

ExportPrinter::ExportPrinter(const OutputOptions& options)
    : fields_(options.fields), terminal_(options.text.terminal) {}

void ExportPrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  const Context& context = contexts_.get(
      entry.context,
      [this](const logfmt::FieldList& fields) { return context_of(fields); });
  append_identity(out, record);
  if (has_priority(entry)) {
    append_number_field(out, logfmt::field::kPriority, entry.priority);
  }
  for (const logfmt::Field& field : entry.payload) append_field(out, field);
  if (has_pid(entry)) {
    append_number_field(out, logfmt::field::kPid, entry.pid);
  }
  out += context.lines;
  if (context.stamped) {
    append_number_field(out, kSourceRealtimeField, entry.realtime_us);
  }
  out += '\n';
}

ExportPrinter::Context ExportPrinter::context_of(
    const logfmt::FieldList& fields) const {
  Context context;
  for (const logfmt::Field& field : fields) {
    if (field.name == logfmt::field::kTransport) {
      context.stamped = has_source_realtime(field.value);
    }
    append_field(context.lines, field);
  }
  return context;
}

void ExportPrinter::append_number_field(std::string& out, std::string_view name,
                                        uint64_t value) const {
  if (!is_wanted(fields_, name)) return;
  char text[kKeyRoom + kNumberRoom];
  char* at = write_text(text, name);
  *at = '=';
  at = write_number(at + 1, value);
  *at = '\n';
  out.append(text, at + 1);
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
