#include "query/output_cat.h"

#include <optional>

namespace logq {

CatPrinter::CatPrinter(const OutputOptions& options)
    : fields_(options.fields), text_(options.text) {}

void CatPrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  if (fields_.empty()) {
    if (const auto message = entry.payload.find(logfmt::field::kMessage)) {
      text_.append_raw(out, *message, {.priority = entry.priority});
    }
    return;
  }
  const RecordFields fields(entry);
  for (const std::string& wanted : fields_) {
    std::optional<std::string_view> first;
    fields.for_each([&](const logfmt::Field& field) {
      if (!first && field.name == wanted) first = field.value;
    });
    if (first) text_.append_raw(out, *first, {.priority = entry.priority});
  }
}

}  // namespace logq
