#include "query/listing.h"

namespace logq {

Listing::Listing(const ListingOptions& options, OutputStream& stream)
    : remarks_(!options.quiet && !is_machine_format(options.output.format)),
      show_cursor_(options.show_cursor),
      keep_cursor_(options.show_cursor || options.keep_cursor),
      printer_(make_printer(options.output)),
      stream_(stream) {}

logfmt::Result<Flow> Listing::show(const EntryRecord& record) {
  std::string& out = stream_.buffer();
  const logfmt::Id128& boot_id = record.entry.boot_id;
  if (boot_id != boot_id_) {
    if (remarks_ && shown_ > 0) out += "-- Boot " + boot_id.hex() + " --\n";
    boot_id_ = boot_id;
  }
  printer_->print(record, out);
  if (keep_cursor_) last_cursor_ = cursor_of(record);
  ++shown_;
  return stream_.full() ? flush() : Flow::kContinue;
}

logfmt::Result<Flow> Listing::flush() {
  auto flow = stream_.flush();
  if (flow && *flow == Flow::kContinue) written_cursor_ = last_cursor_;
  return flow;
}

logfmt::Result<Flow> Listing::finish() {
  std::string& out = stream_.buffer();
  if (shown_ == 0 && remarks_) out += "-- No entries --\n";
  if (show_cursor_ && last_cursor_) {
    out += "-- cursor: ";
    append_cursor(out, *last_cursor_);
    out += '\n';
  }
  return flush();
}

}  // namespace logq
