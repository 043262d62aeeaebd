#include "query/engine/search.h"

#include <limits>
#include <optional>
#include <utility>

#include "query/engine/boots.h"

namespace logq {

using logfmt::EntryView;
using logfmt::fail;
using logfmt::Result;

// One store on its way into the merge. Stays where it is made: the scan points
// to the matcher, and the matcher to the units.
struct Search::Lane {
  explicit Lane(const logfmt::StoreDir& store)
      : store_id(store.id()), units(store) {}

  void step(Direction direction) {
    EntryView entry;
    done = !(direction == Direction::kForward ? scan->next(entry)
                                              : scan->previous(entry));
    if (!done) head = entry;
  }
  bool comes_before(const Lane& other, Direction direction) const {
    const std::pair mine(head->realtime_us, head->seq);
    const std::pair theirs(other.head->realtime_us, other.head->seq);
    return direction == Direction::kForward ? mine < theirs : theirs < mine;
  }

  logfmt::Id128 store_id;
  DeclaredUnits units;
  std::optional<Matcher> matcher{};
  std::optional<StoreScan> scan{};
  std::optional<EntryView> head{};  // passed over by the scan, not given yet
  bool done = false;                // no more in this direction
};

Search::Search(Search&&) noexcept = default;
Search& Search::operator=(Search&&) noexcept = default;
Search::~Search() = default;

Search::Search(const Query& query)
    : output_(query.reverse ? Direction::kBackward : Direction::kForward),
      choice_(output_),
      left_(query.limit.value_or(std::numeric_limits<uint64_t>::max())) {
  if (query.limit) {
    choice_ = query.from_oldest ? Direction::kForward : Direction::kBackward;
  }
}

Result<Search> Search::open(std::span<const logfmt::StoreDir> stores,
                            const Query& query) {
  std::optional<logfmt::Id128> boot;
  if (query.boot) {
    const auto resolved = resolve_boot(stores, *query.boot);
    if (!resolved) return fail(resolved.error());
    boot = *resolved;
  }
  Search search(query);
  const size_t passes = search.choice_ == search.output_ ? 1 : 2;
  for (const logfmt::StoreDir& store : stores) {
    auto lane = std::make_unique<Lane>(store);
    auto matcher = Matcher::compile(query, boot, lane->units);
    if (!matcher) return fail(std::move(matcher.error()));
    lane->matcher.emplace(std::move(*matcher));
    // One more pass for end_seqs().
    auto snapshot = Snapshot::take(store, passes + 1);
    if (!snapshot) return fail(std::move(snapshot.error()));
    lane->scan.emplace(std::move(*snapshot), *lane->matcher, search.choice_,
                       query.limit);
    search.lanes_.push_back(std::move(lane));
  }
  return search;
}

bool Search::next(Match& match) {
  if (choice_ != output_) choose();
  if (left_ == 0 || !step(output_, match)) return false;
  --left_;
  return true;
}

// Walks over the chosen matches, so that the walk back gives just them.
void Search::choose() {
  uint64_t chosen = 0;
  for (Match match; chosen < left_ && step(choice_, match);) ++chosen;
  left_ = chosen;
  for (const auto& lane : lanes_) {
    lane->done = false;
    // A match that was looked at but not chosen is passed over once more.
    if (std::exchange(lane->head, std::nullopt)) lane->step(output_);
    lane->head.reset();
  }
  choice_ = output_;
}

bool Search::step(Direction direction, Match& match) {
  Lane* first = nullptr;
  for (const auto& lane : lanes_) {
    if (!lane->head && !lane->done) lane->step(direction);
    if (!lane->head) continue;
    if (first == nullptr || lane->comes_before(*first, direction)) {
      first = lane.get();
    }
  }
  if (first == nullptr) return false;
  match = {.entry = *first->head, .store_id = first->store_id};
  first->head.reset();
  return true;
}

std::vector<logfmt::Gap> Search::take_gaps() {
  std::vector<logfmt::Gap> gaps;
  for (const auto& lane : lanes_) {
    for (auto& gap : lane->scan->take_gaps()) gaps.push_back(std::move(gap));
  }
  return gaps;
}

std::vector<uint64_t> Search::end_seqs() {
  std::vector<uint64_t> end_seqs;
  for (const auto& lane : lanes_) end_seqs.push_back(lane->scan->end_seq());
  return end_seqs;
}

}  // namespace logq
