#include "query/care/erase.h"

#include <unistd.h>

#include <iostream>

#include "format/segment_reader.h"
#include "format/segment_rewrite.h"
#include "query/care/daemon_client.h"
#include "query/care/rights.h"
#include "query/care/seq_set.h"
#include "query/engine/search.h"
#include "query/output_stream.h"
#include "query/remarks.h"
#include "query/stamp.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;
using logfmt::Status;
using logfmt::StoreDir;
using logfmt::StoreFile;
using logfmt::StoreFileKind;

// A daemon that merges or recompresses is through with a store long before.
constexpr int kTriesMax = 100;

// The entries of one store that are to go.
struct Chosen {
  StoreDir* store = nullptr;
  SeqSet seqs{};
};

struct Choice {
  std::vector<Chosen> stores{};
  uint64_t entries = 0;
  uint64_t first_us = UINT64_MAX;
  uint64_t last_us = 0;
  bool damaged = false;
};

Result<Choice> choose(const Query& query, std::span<StoreDir> stores) {
  Choice choice;
  for (StoreDir& store : stores) {
    auto search = Search::open(std::span(&store, 1), query);
    if (!search) return fail(std::move(search.error()));
    Chosen& chosen = choice.stores.emplace_back(Chosen{.store = &store});
    for (Match match; search->next(match);) {
      chosen.seqs.add(match.entry.seq);
      choice.first_us = std::min(choice.first_us, match.entry.realtime_us);
      choice.last_us = std::max(choice.last_us, match.entry.realtime_us);
    }
    choice.entries += chosen.seqs.size();
    choice.damaged = report(search->take_gaps()) || choice.damaged;
  }
  return choice;
}

std::string counted(uint64_t entries) {
  return std::to_string(entries) + (entries == 1 ? " entry" : " entries");
}

Status print(std::string text) {
  OutputStream out(STDOUT_FILENO);
  out.buffer() = std::move(text);
  if (auto flow = out.flush(); !flow) return fail(std::move(flow.error()));
  return {};
}

// Whether the user means it.
Result<bool> confirm(const Choice& choice, const Options& options) {
  Stamp stamp(StampStyle::kFull, options.listing.output.utc);
  std::string text = counted(choice.entries) + " from ";
  stamp.append(text, choice.first_us);
  text += " to ";
  stamp.append(text, choice.last_us);
  text += "\n";
  if (options.care.yes) {
    if (!options.listing.quiet) LOGD_RETURN_IF_ERROR(print(std::move(text)));
    return true;
  }
  if (isatty(STDIN_FILENO) == 0) {
    return fail(ErrorCode::kInvalidArgument,
                "--delete asks before it removes " + counted(choice.entries) +
                    ", and standard input is no terminal; --yes answers it");
  }
  text += "Delete " + counted(choice.entries) + "? [y/N] ";
  LOGD_RETURN_IF_ERROR(print(std::move(text)));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// Nothing may be in a file that is being written.
Status settle(StoreDir& store, const DaemonClient& daemon) {
  if (!store.has_writer()) {
    LOGD_RETURN_IF_ERROR(store.lock());
    return logfmt::finish_rewrites(store);
  }
  LOGD_RETURN_IF_ERROR(daemon.check_serves(store));
  return daemon.command("rotate");
}

class Eraser {
 public:
  Eraser(Chosen& chosen, uint64_t now_us)
      : store_(*chosen.store), seqs_(chosen.seqs), now_us_(now_us) {}

  // Whether nothing that was chosen is left.
  Result<bool> run() {
    for (int tries = 0; tries < kTriesMax && !seqs_.empty(); ++tries) {
      const auto whole = pass();
      if (!whole) return fail(whole.error());
      if (*whole) break;
    }
    return seqs_.empty();
  }
  uint64_t erased() const { return erased_; }

 private:
  // False where a file was replaced meanwhile: list again.
  Result<bool> pass() {
    const auto files = store_.list();
    if (!files) return fail(files.error());
    for (const StoreFile& file : *files) {
      if (!concerns(file)) continue;
      const auto status = rewrite_one(file);
      if (status) continue;
      if (status.error().code == ErrorCode::kChanged) return false;
      if (status.error().code != ErrorCode::kCorrupt) {
        return fail(status.error());
      }
      remark("logq: " + status.error().message());
    }
    return true;
  }

  // A WAL becomes a segment, the oldest first, so all before the last one
  // that holds a match do.
  bool concerns(const StoreFile& file) const {
    uint64_t end = UINT64_MAX;
    if (file.kind == StoreFileKind::kSegment) {
      const auto segment =
          logfmt::SegmentReader::open(store_.fd(), file.name, store_.id());
      if (segment) end = segment->next_seq();
    } else if (!store_.is_writer()) {
      return false;  // what a live writer has begun since
    }
    return seqs_.any_in(file.first_seq, end);
  }

  Status rewrite_one(const StoreFile& file) {
    std::vector<uint64_t> dropped;
    const logfmt::RewritePolicy policy{.keep =
                                           [&](const logfmt::EntryView& entry) {
                                             if (!seqs_.contains(entry.seq))
                                               return true;
                                             dropped.push_back(entry.seq);
                                             return false;
                                           },
                                       .now_us = now_us_};
    const auto outcome = logfmt::rewrite(store_, std::span(&file, 1), policy);
    if (!outcome) return fail(outcome.error());
    for (const uint64_t seq : dropped) seqs_.remove(seq);
    erased_ += dropped.size();
    return {};
  }

  StoreDir& store_;
  SeqSet& seqs_;
  uint64_t now_us_;
  uint64_t erased_ = 0;
};

// Copies that repair or recovery has kept are no part of the store, but they
// are there.
void warn_of_copies(const StoreDir& store) {
  const auto kept = store.list_set_aside();
  if (!kept) return;
  for (const StoreFile& file : *kept) {
    remark("note: " + store.path() + "/" + file.name +
           " was set aside because of damage and may still hold some of them");
  }
}

}  // namespace

Result<ExitStatus> delete_entries(const Options& options,
                                  std::span<StoreDir> stores,
                                  const Environment& environment) {
  for (const StoreDir& store : stores) LOGD_RETURN_IF_ERROR(check_owner(store));
  auto choice = choose(options.query, stores);
  if (!choice) return fail(std::move(choice.error()));
  if (choice->entries == 0) {
    if (!options.listing.quiet) remark("logq: no entries match");
    return choice->damaged ? ExitStatus::kGap : ExitStatus::kNothing;
  }
  const auto meant = confirm(*choice, options);
  if (!meant) return fail(meant.error());
  if (!*meant) {
    remark("logq: nothing was deleted");
    return ExitStatus::kNothing;
  }
  const DaemonClient daemon(options.runtime_dir);
  uint64_t erased = 0;
  bool all = !choice->damaged;
  for (Chosen& chosen : choice->stores) {
    if (chosen.seqs.empty()) continue;
    LOGD_RETURN_IF_ERROR(settle(*chosen.store, daemon));
    Eraser eraser(chosen, environment.now_us);
    const auto whole = eraser.run();
    if (!whole) return fail(whole.error());
    erased += eraser.erased();
    all = all && *whole;
    warn_of_copies(*chosen.store);
  }
  LOGD_RETURN_IF_ERROR(print("Deleted " + counted(erased) + ".\n"));
  return all ? ExitStatus::kShown : ExitStatus::kGap;
}

}  // namespace logq
