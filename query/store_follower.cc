#include "query/store_follower.h"

#include <algorithm>

namespace logq {

using logfmt::EntryView;
using logfmt::fail;
using logfmt::Result;

void StoreFollower::start_after(const logfmt::Id128& store_id, uint64_t seq) {
  store_id_ = store_id;
  query_.after_seq = seq;
}

Result<bool> StoreFollower::open() {
  auto store = logfmt::StoreDir::open(directory_);
  if (!store) {
    if (store.error().code == logfmt::ErrorCode::kNotFound) return false;
    return fail(std::move(store.error()));
  }
  if (store_id_ && *store_id_ != store->id()) query_.after_seq = 0;
  store_id_ = store->id();
  store_.emplace(std::move(*store));
  units_ = std::make_unique<DeclaredUnits>(*store_);
  return true;
}

void StoreFollower::close() {
  tail_.reset();
  matcher_.reset();
  units_.reset();
  store_.reset();
}

Result<Flow> StoreFollower::catch_up(FollowSink& sink) {
  tail_.reset();
  auto matcher = Matcher::compile(
      query_, query_.boot ? query_.boot->id : std::nullopt, *units_);
  if (!matcher) return fail(std::move(matcher.error()));
  matcher_.emplace(std::move(*matcher));
  auto snapshot = Snapshot::take(*store_);
  if (!snapshot) return fail(std::move(snapshot.error()));
  StoreScan scan(std::move(*snapshot), *matcher_, Direction::kForward);
  for (EntryView entry; scan.next(entry);) {
    units_->note(entry.context);
    auto flow = sink.show({entry, store_->id()});
    if (!flow || *flow != Flow::kContinue) return flow;
  }
  for (const auto& gap : scan.take_gaps()) sink.report(gap);
  tail_ = scan.take_tail();
  const uint64_t end_seq = scan.end_seq();
  if (end_seq > 0) query_.after_seq = std::max(query_.after_seq, end_seq - 1);
  return sink.flush();
}

Result<Flow> StoreFollower::drain(FollowSink& sink) {
  if (!tail_) return Flow::kContinue;
  if (auto status = tail_->refresh(); !status) {
    return fail(std::move(status.error()));
  }
  for (EntryView entry; tail_->next(*matcher_, entry);) {
    units_->note(entry.context);
    auto flow = sink.show({entry, store_->id()});
    if (!flow || *flow != Flow::kContinue) return flow;
  }
  if (tail_->next_seq() > 0) {
    query_.after_seq = std::max(query_.after_seq, tail_->next_seq() - 1);
  }
  for (const auto& gap : tail_->wal().take_gaps()) sink.report(gap);
  return sink.flush();
}

}  // namespace logq
