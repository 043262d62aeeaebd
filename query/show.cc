#include "query/show.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "query/engine/boots.h"
#include "query/engine/search.h"
#include "query/follow.h"
#include "query/remarks.h"
#include "query/store_list.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::Result;
using logfmt::Status;
using logfmt::StoreDir;

using Stores = std::span<const StoreDir>;

// The query, beginning at the cursor that was given or saved.
Result<Query> query_from_cursor(const Options& options, Stores stores) {
  Query query = options.query;
  std::optional<Cursor> cursor = options.cursor;
  bool after = options.after_cursor;
  if (!options.cursor_file.empty()) {
    auto saved = load_cursor(options.cursor_file);
    if (!saved) return fail(std::move(saved.error()));
    cursor = *saved;
    after = true;
  }
  if (!cursor) return query;
  if (options.directories.size() == 1 && !stores.empty() &&
      stores.front().id() == cursor->store_id) {
    query.after_seq = after || cursor->seq == 0 ? cursor->seq : cursor->seq - 1;
  } else {
    // Another store's numbers mean nothing here; its time does.
    query.since_us = cursor->realtime_us + (after ? 1 : 0);
  }
  return query;
}

Result<Flow> list_all(Search& search, Listing& listing) {
  for (Match match; search.next(match);) {
    auto flow = listing.show({match.entry, match.store_id});
    if (!flow || *flow != Flow::kContinue) return flow;
  }
  return Flow::kContinue;
}

Status save_last_cursor(const Options& options, const Listing& listing) {
  if (options.cursor_file.empty() || !listing.written_cursor()) return {};
  return save_cursor(options.cursor_file, *listing.written_cursor());
}

void give_hints(const Options& options, Stores stores, bool found) {
  if (options.listing.quiet) return;
  if (!found) {
    if (const auto hint = unit_hint(stores, options.query)) remark(*hint);
  }
  const auto range =
      range_hint(stores, options.query, options.listing.output.utc);
  if (range) remark(*range);
}

class ListingSink : public FollowSink {
 public:
  ListingSink(Listing& listing, bool quiet)
      : listing_(listing), quiet_(quiet) {}

  Result<Flow> show(const EntryRecord& record) override {
    return listing_.show(record);
  }
  Result<Flow> flush() override { return listing_.flush(); }
  void report(const logfmt::Gap& gap) override {
    remark(gap.message());
    gap_met_ = true;
  }
  void note(const std::string& line) override {
    if (!quiet_) remark(line);
  }

  bool gap_met() const { return gap_met_; }

 private:
  Listing& listing_;
  bool quiet_;
  bool gap_met_ = false;
};

// SIGINT and SIGTERM become readable in place of ending the process.
Result<logfmt::Fd> stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  logfmt::Fd fd(signalfd(-1, &stops, SFD_CLOEXEC));
  if (!fd.valid() || sigprocmask(SIG_BLOCK, &stops, nullptr) != 0) {
    return logfmt::fail_errno("cannot wait for signals");
  }
  return fd;
}

struct Beginning {
  std::vector<StoreFollower> followers{};
  Flow flow = Flow::kContinue;
};

// Shows what is there, and makes a follower for each directory that goes on
// from there.
Result<Beginning> begin(const Options& options, Listing& listing,
                        FollowSink& sink) {
  std::vector<StoreDir> stores;
  for (const std::string& directory : options.directories) {
    auto store = StoreDir::open(directory);
    if (store) {
      stores.push_back(std::move(*store));
    } else if (store.error().code != logfmt::ErrorCode::kNotFound) {
      return fail(explain_store_error(std::move(store.error()), directory));
    }
  }
  auto query = query_from_cursor(options, stores);
  if (!query) return fail(std::move(query.error()));
  if (query->boot) {
    // Later boots come by themselves where there is none to count from yet.
    const auto boot = resolve_boot(stores, *query->boot);
    if (!boot && !stores.empty()) return fail(boot.error());
    query->boot.reset();
    if (boot) query->boot = BootSelector{.id = *boot};
  }
  auto search = Search::open(stores, *query);
  if (!search) return fail(std::move(search.error()));
  Beginning beginning;
  auto flow = list_all(*search, listing);
  if (!flow) return fail(std::move(flow.error()));
  beginning.flow = *flow;
  for (const auto& gap : search->take_gaps()) sink.report(gap);
  query->limit.reset();
  query->after_seq = 0;  // of one store; the followers have their own
  for (const std::string& directory : options.directories) {
    beginning.followers.emplace_back(directory, *query);
  }
  const std::vector<uint64_t> end_seqs = search->end_seqs();
  for (size_t i = 0; i < stores.size(); ++i) {
    for (StoreFollower& follower : beginning.followers) {
      if (follower.directory() != stores[i].path() || end_seqs[i] == 0)
        continue;
      follower.start_after(stores[i].id(), end_seqs[i] - 1);
    }
  }
  return beginning;
}

}  // namespace

Result<ExitStatus> show(const Options& options, Stores stores,
                        const Environment& environment) {
  const auto query = query_from_cursor(options, stores);
  if (!query) return fail(query.error());
  auto search = Search::open(stores, *query);
  if (!search) return fail(std::move(search.error()));

  std::optional<Pager> pager;
  if (const auto choice = choose_pager(options.pager, environment)) {
    auto started = Pager::start(*choice);
    if (!started) return fail(std::move(started.error()));
    pager.emplace(std::move(*started));
  }
  OutputStream stream(pager ? pager->fd() : STDOUT_FILENO);
  Listing listing(options.listing, stream);
  auto flow = list_all(*search, listing);
  if (flow && *flow == Flow::kContinue) flow = listing.finish();
  if (pager) pager->wait();
  if (!flow) return fail(std::move(flow.error()));
  LOGD_RETURN_IF_ERROR(save_last_cursor(options, listing));

  const bool gap = report(search->take_gaps());
  if (*flow == Flow::kReaderGone) return ExitStatus::kShown;
  const bool found = listing.shown() > 0 || query->limit == 0;
  give_hints(options, stores, found);
  if (gap) return ExitStatus::kGap;
  return found ? ExitStatus::kShown : ExitStatus::kNothing;
}

Result<ExitStatus> show_and_follow(const Options& options) {
  OutputStream stream(STDOUT_FILENO);
  Listing listing(options.listing, stream);
  ListingSink sink(listing, options.listing.quiet);
  auto beginning = begin(options, listing, sink);
  if (!beginning) return fail(std::move(beginning.error()));
  if (beginning->flow == Flow::kContinue) {
    const auto stop = stop_signals();
    if (!stop) return fail(stop.error());
    auto follow =
        Follow::open(beginning->followers, sink,
                     {.stop_fd = stop->get(), .output_fd = STDOUT_FILENO});
    if (!follow) return fail(std::move(follow.error()));
    LOGD_RETURN_IF_ERROR(follow->run());
  }
  LOGD_RETURN_IF_ERROR(save_last_cursor(options, listing));
  return sink.gap_met() ? ExitStatus::kGap : ExitStatus::kShown;
}

}  // namespace logq
