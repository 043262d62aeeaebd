#include "query/output_verbose.h"

#include "query/cursor.h"

namespace logq {
namespace {

constexpr size_t kIndentBytes = 4;

}  // namespace

VerbosePrinter::VerbosePrinter(const OutputOptions& options)
    : fields_(options.fields),
      text_(options.text),
      stamp_(StampStyle::kFullPrecise, options.utc) {}

void VerbosePrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  stamp_.append(out, entry.realtime_us);
  out += " [";
  append_cursor(out, cursor_of(record));
  out += "]\n";
  const std::string boot_id = entry.boot_id.hex();
  append_field(out, {logfmt::field::kBootId, boot_id}, logfmt::kNoPriority);
  const RecordFields fields(entry);
  fields.for_each([&](const logfmt::Field& field) {
    const bool is_message = field.name == logfmt::field::kMessage;
    append_field(out, field, is_message ? entry.priority : logfmt::kNoPriority);
  });
}

void VerbosePrinter::append_field(std::string& out, const logfmt::Field& field,
                                  uint8_t priority) {
  if (!is_wanted(fields_, field.name)) return;
  const size_t begin = out.size();
  out.append(kIndentBytes, ' ');
  text_.append_name(out, field.name);
  out += '=';
  text_.append_value(
      out, field.value,
      {.indent_bytes = out.size() - begin, .priority = priority});
}

}  // namespace logq
