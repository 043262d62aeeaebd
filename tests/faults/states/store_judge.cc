#include "tests/faults/states/store_judge.h"

#include <algorithm>
#include <chrono>

#include "logd/store/recovery.h"
#include "query/engine/search.h"

namespace logd::faults {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

// The disk of the judge does not fail; to wait for it shows nothing.
class FastDisk : public CallObserver {
 public:
  Verdict before(const Call& call) override {
    return {.pretend = call.kind == CallKind::kReserve ||
                       call.kind == CallKind::kSyncData ||
                       call.kind == CallKind::kSyncAll};
  }
  void after(const Call&, ssize_t) override {}
};

// What testing::TempStore says of each entry but its text.
bool has_right_frame(const logfmt::EntryView& entry) {
  return entry.realtime_us == 1'700'000'000'000'000 && entry.priority == 6 &&
         entry.context.find("_TRANSPORT") == "test";
}

bool tells_damage(EventLog& events) {
  const auto all = events.take();
  return std::any_of(all.begin(), all.end(), [](const Event& event) {
    return event.kind == EventKind::kDamaged;
  });
}

std::string list_of(const Shown& shown) {
  std::string text = "\nshown:";
  for (const auto& [seq, message] : shown.entries) {
    text += " " + std::to_string(seq);
  }
  for (const auto& gap : shown.gaps) text += "\n" + gap.message();
  return text;
}

}  // namespace

bool Shown::owns_up_to(uint64_t seq) const {
  return std::any_of(gaps.begin(), gaps.end(), [&](const logfmt::Gap& gap) {
    return gap.first_seq && seq >= *gap.first_seq &&
           (!gap.last_seq || seq <= *gap.last_seq);
  });
}

Shown show_all(const logfmt::StoreDir& store) {
  Shown shown;
  auto search = logq::Search::open(std::span(&store, 1), {});
  if (!search) {
    shown.error = search.error().message();
    return shown;
  }
  uint64_t last_seq = 0;
  for (logq::Match match; search->next(match);) {
    const auto text = match.entry.payload.find("MESSAGE");
    if (match.entry.seq <= last_seq || !text || !has_right_frame(match.entry)) {
      shown.error = "entry " + std::to_string(match.entry.seq) + " behind " +
                    std::to_string(last_seq) + " is no entry of the store";
      return shown;
    }
    last_seq = match.entry.seq;
    shown.entries[last_seq] = *text;
  }
  shown.gaps = search->take_gaps();
  return shown;
}

AssertionResult StoreJudge::judge_shown(const Shown& shown,
                                        const CrashState& state) const {
  if (!shown.error.empty()) return AssertionFailure() << shown.error;
  for (const auto& [seq, text] : shown.entries) {
    const auto stored = story_.entries.find(seq);
    if (stored == story_.entries.end() || stored->second != text) {
      return AssertionFailure() << "entry " << seq << " was never stored so";
    }
    if (story_.must_miss(seq, state.calls)) {
      return AssertionFailure() << "entry " << seq << " was erased";
    }
  }
  for (const auto& [seq, text] : story_.entries) {
    if (shown.entries.contains(seq) || story_.may_miss(seq, state.calls)) {
      continue;
    }
    if (seq < state.note) {
      return AssertionFailure() << "entry " << seq << " was reported durable "
                                << "and is missing" << list_of(shown);
    }
    const bool within = !shown.entries.empty() &&
                        seq > shown.entries.begin()->first &&
                        seq < shown.entries.rbegin()->first;
    if (within && !damage_told_ && !shown.owns_up_to(seq)) {
      return AssertionFailure()
             << "entry " << seq << " is missing without a word"
             << list_of(shown);
    }
  }
  return AssertionSuccess();
}

AssertionResult StoreJudge::judge(const CrashState& state,
                                  const Directory& files) {
  write_directory(scratch_.path(), files);
  return judge(scratch_.path(), state);
}

AssertionResult StoreJudge::judge(const std::string& path,
                                  const CrashState& state) {
  damage_told_ = false;
  FastDisk disk;
  const Observation observation(disk);
  Shown shown;
  if (const auto store = logfmt::StoreDir::open(path)) {
    shown = show_all(*store);
    if (auto right = judge_shown(shown, state); !right) {
      return right << "\nbefore recovery";
    }
  } else if (state.note > 1) {
    return AssertionFailure() << store.error().message();
  }
  if (auto right = judge_recovery(path, state, shown); !right) {
    return right << "\nby recovery";
  }
  if (auto right = judge_next_life(path, shown, state); !right) {
    return right << "\nin the next daemon's life";
  }
  return AssertionSuccess();
}

AssertionResult StoreJudge::judge_recovery(const std::string& path,
                                           const CrashState& state,
                                           Shown& before) {
  auto store = logfmt::StoreDir::open_or_create(path);
  auto locked = store ? store->lock() : logfmt::fail(store.error());
  if (!locked) return AssertionFailure() << locked.error().message();
  EventLog events;
  const auto found = recover_store(*store, events);
  if (!found) return AssertionFailure() << found.error().message();
  damage_told_ = tells_damage(events);
  Shown after = show_all(*store);
  if (auto right = judge_shown(after, state); !right) return right;
  if (after.entries != before.entries) {
    return AssertionFailure() << "it changed what is shown from"
                              << list_of(before) << "\nto" << list_of(after);
  }
  const uint64_t seen =
      after.entries.empty() ? 0 : after.entries.rbegin()->first;
  if (found->next_seq <= seen || found->next_seq < state.note) {
    return AssertionFailure() << "it would give number " << found->next_seq
                              << " again" << list_of(after);
  }
  return AssertionSuccess();
}

bool StoreJudge::is_whole(const Shown& shown, const CrashState& state) const {
  const auto& entries = story_.entries;
  return std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return shown.entries.contains(entry.first) ||
           story_.may_miss(entry.first, state.calls);
  });
}

AssertionResult StoreJudge::judge_next_life(const std::string& path,
                                            const Shown& before,
                                            const CrashState& state) {
  Shown after;
  uint64_t first_seq = 0;
  {
    testing::TempStore daemon(path);
    first_seq = daemon.writer().next_seq();
    for (const char* text : {"one", "two"}) {
      daemon.add(text);
      if (!daemon.commit()) return AssertionFailure() << "it stores nothing";
    }
    const uint64_t position = daemon.writer().rotate();
    (void)daemon.wal().wait_written(position, std::chrono::seconds(10));
    const auto sealed = daemon.encoder().wait_sealed(daemon.wal().last_seal());
    if (!sealed) return AssertionFailure() << sealed.error().message();
    daemon.stop();
    damage_told_ = tells_damage(daemon.events()) || damage_told_;
    after = show_all(daemon.dir());
  }
  auto wanted = before.entries;
  wanted[first_seq] = "one";
  wanted[first_seq + 1] = "two";
  if (after.entries != wanted) {
    return AssertionFailure() << "there should be two more than"
                              << list_of(before) << list_of(after);
  }
  after.entries.erase(first_seq);
  after.entries.erase(first_seq + 1);
  if (!after.gaps.empty() && is_whole(after, state)) {
    return AssertionFailure()
           << "gaps where nothing is missing" << list_of(after);
  }
  return judge_shown(after, state);
}

}  // namespace logd::faults
