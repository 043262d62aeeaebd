#include "query/care/vacuum.h"

#include <unistd.h>

#include <algorithm>

#include "format/segment_rewrite.h"
#include "format/unit_limits.h"
#include "format/vacuum.h"
#include "query/care/rights.h"
#include "query/message_text.h"
#include "query/output_stream.h"
#include "query/remarks.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;
using logfmt::StoreDir;
using logfmt::StoreFile;

// A daemon that merges or recompresses is through with a store long before.
constexpr int kTriesMax = 100;

class Vacuum {
 public:
  Vacuum(const StoreDir& store, const Options& options, uint64_t now_us)
      : store_(store),
        limits_(options.care.vacuum),
        units_(options.query.units.include),
        quiet_(options.listing.quiet),
        now_us_(now_us) {}

  Result<ExitStatus> run() {
    LOGD_RETURN_IF_ERROR(check_owner(store_));
    auto status = units_.empty() ? remove_files() : cut_units();
    if (status) status = store_.sync_names();
    if (!status) return fail(std::move(status.error()));
    out_.buffer() += "Freed ";
    append_size(out_.buffer(), freed_bytes_);
    out_.buffer() += " in " + store_.path() + ".\n";
    if (auto flow = out_.flush(); !flow) return fail(std::move(flow.error()));
    return damaged_ ? ExitStatus::kGap : ExitStatus::kShown;
  }

 private:
  logfmt::Status remove_files() {
    const auto files = store_.list();
    if (!files) return fail(files.error());
    std::vector<StoreFile> chosen;
    const auto take_longer = [&](std::vector<StoreFile> other) {
      if (other.size() > chosen.size()) chosen = std::move(other);
    };
    if (limits_.age_us) {
      take_longer(logfmt::choose_older(store_, *files, oldest_us()));
    }
    if (limits_.bytes) {
      take_longer(logfmt::choose_beyond_bytes(*files, *limits_.bytes));
    }
    if (limits_.files) {
      take_longer(logfmt::choose_beyond_count(*files, *limits_.files));
    }
    const auto removed = logfmt::remove_segments(store_, chosen);
    if (!removed) return fail(removed.error());
    for (const StoreFile& file : *removed) {
      note_freed("Removed ", file.name, file.disk_bytes);
    }
    return {};
  }

  uint64_t oldest_us() const {
    return now_us_ - std::min(now_us_, *limits_.age_us);
  }

  // Replaced segments are listed and planned for anew.
  logfmt::Status cut_units() {
    for (int tries = 0; tries < kTriesMax; ++tries) {
      const auto files = store_.list();
      if (!files) return fail(files.error());
      std::vector<logfmt::UnitLimit> limits;
      for (const std::string& unit : units_) {
        limits.push_back({.pattern = unit,
                          .max_use_bytes = limits_.bytes.value_or(0),
                          .max_age_us = limits_.age_us.value_or(0)});
      }
      const auto uses = logfmt::read_uses(store_, *files);
      auto again = cut(
          logfmt::plan_cuts(uses, limits, now_us_, logfmt::Cutting::kExact));
      if (!again) return fail(std::move(again.error()));
      if (!*again) return {};
    }
    return fail(ErrorCode::kIo, "the segments of " + store_.path() +
                                    " change faster than they can be "
                                    "rewritten");
  }

  Result<bool> cut(const std::vector<logfmt::SegmentCut>& cuts) {
    for (const auto& segment : cuts) {
      const auto outcome = logfmt::rewrite(
          store_, std::span(&segment.file, 1),
          {.keep = logfmt::keep_after(segment.cuts), .now_us = now_us_});
      if (!outcome && outcome.error().code == ErrorCode::kChanged) return true;
      if (!outcome && outcome.error().code == ErrorCode::kCorrupt) {
        remark("logq: " + outcome.error().message());
        damaged_ = true;
        continue;
      }
      if (!outcome) return fail(outcome.error());
      const uint64_t freed =
          outcome->bytes_before -
          std::min(outcome->bytes_before, outcome->bytes_after);
      const uint64_t dropped = outcome->entries_dropped;
      note_freed("Removed " + std::to_string(dropped) +
                     (dropped == 1 ? " entry from " : " entries from "),
                 segment.file.name, freed);
    }
    return false;
  }

  void note_freed(const std::string& what, const std::string& name,
                  uint64_t bytes) {
    freed_bytes_ += bytes;
    if (quiet_) return;
    out_.buffer() += what + name + " (";
    append_size(out_.buffer(), bytes);
    out_.buffer() += ").\n";
  }

  const StoreDir& store_;
  const VacuumLimits& limits_;
  const std::vector<std::string>& units_;
  bool quiet_;
  uint64_t now_us_;
  OutputStream out_{STDOUT_FILENO};
  uint64_t freed_bytes_ = 0;
  bool damaged_ = false;
};

}  // namespace

Result<ExitStatus> vacuum(const Options& options,
                          std::span<const StoreDir> stores,
                          const Environment& environment) {
  auto worst = ExitStatus::kShown;
  for (const StoreDir& store : stores) {
    const auto status = Vacuum(store, options, environment.now_us).run();
    if (!status) return status;
    if (*status == ExitStatus::kGap) worst = *status;
  }
  return worst;
}

}  // namespace logq
