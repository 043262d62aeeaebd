// A listing: entries through a printer into a stream, and the lines about them
// ("-- Boot ...", "-- No entries --", "-- cursor: ...").
#pragma once

#include <memory>
#include <optional>

#include "query/cursor.h"
#include "query/output.h"
#include "query/output_stream.h"

namespace logq {

struct ListingOptions {
  OutputOptions output{};
  bool quiet = false;
  bool show_cursor = false;
  bool keep_cursor = false;  // for --cursor-file
};

class Listing {
 public:
  // `stream` must outlive the listing.
  Listing(const ListingOptions& options, OutputStream& stream);

  logfmt::Result<Flow> show(const EntryRecord& record);
  // Writes out what has been shown.
  logfmt::Result<Flow> flush();
  // Says what there is to say at the end and flushes.
  logfmt::Result<Flow> finish();

  uint64_t shown() const { return shown_; }
  // Of the last entry that was written out whole; only with show_cursor or
  // keep_cursor.
  const std::optional<Cursor>& written_cursor() const {
    return written_cursor_;
  }

 private:
  bool remarks_;
  bool show_cursor_;
  bool keep_cursor_;
  std::unique_ptr<Printer> printer_;
  OutputStream& stream_;
  uint64_t shown_ = 0;
  logfmt::Id128 boot_id_{};
  std::optional<Cursor> last_cursor_{};
  std::optional<Cursor> written_cursor_{};
};

}  // namespace logq
