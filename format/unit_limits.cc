#include "format/unit_limits.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <memory>

#include "format/segment_reader.h"

namespace logfmt {
namespace {

constexpr std::string_view kServiceSuffix = ".service";
constexpr uint64_t kSlackParts = 16;
constexpr uint64_t kAgeSlackUsMin = uint64_t{3600} * 1'000'000;

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

bool fits(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

// Of the `whole` that stands for `all` bytes, what stands for `part` of them.
uint64_t share_of(uint64_t whole, uint64_t part, uint64_t all) {
  if (all == 0) return 0;
  return static_cast<uint64_t>(static_cast<double>(whole) *
                               static_cast<double>(part) /
                               static_cast<double>(all));
}

class Planner {
 public:
  Planner(std::span<const SegmentUses> segments,
          std::span<const UnitLimit> limits, Cutting cutting)
      : segments_(segments), cutting_(cutting), cuts_(segments.size()) {
    for (size_t i = 0; i < segments.size(); ++i) {
      for (const auto& [owner, use] : segments[i].uses) {
        const UnitLimit* const limit = find_limit(limits, owner);
        if (limit != nullptr) owners_[owner].limit = limit;
        if (limit != nullptr) owners_[owner].places.push_back({i, &use});
      }
    }
  }

  std::vector<SegmentCut> plan(uint64_t now_us) {
    for (const auto& [owner, found] : owners_) {
      cut_by_age(owner, found, now_us);
      cut_by_size(owner, found);
    }
    std::vector<SegmentCut> plan;
    for (size_t i = 0; i < segments_.size(); ++i) {
      if (cuts_[i].empty()) continue;
      SegmentCut cut{.file = segments_[i].file};
      for (auto& [owner, owners_cut] : cuts_[i]) {
        owners_cut.owner = owner;
        cut.cuts.push_back(std::move(owners_cut));
      }
      plan.push_back(std::move(cut));
    }
    return plan;
  }

 private:
  struct Place {
    size_t segment;
    const UnitUse* use;
  };
  struct Found {
    const UnitLimit* limit = nullptr;
    std::vector<Place> places{};
  };

  void cut_by_age(const Owner& owner, const Found& found, uint64_t now_us) {
    const uint64_t max_age_us = found.limit->max_age_us;
    if (max_age_us == 0 || max_age_us >= now_us) return;
    const uint64_t before_us = now_us - max_age_us;
    const uint64_t slack_us =
        cutting_ == Cutting::kExact
            ? 0
            : std::min(before_us,
                       std::max(max_age_us / kSlackParts, kAgeSlackUsMin));
    for (const Place& place : found.places) {
      if (place.use->max_realtime_us < before_us ||
          place.use->min_realtime_us < before_us - slack_us) {
        cuts_[place.segment][owner].before_us = before_us;
      }
    }
  }

  uint64_t stored_bytes(const Place& place) const {
    const SegmentUses& segment = segments_[place.segment];
    return share_of(segment.file.identity.bytes, place.use->payload_bytes,
                    total_of(segment.uses).payload_bytes);
  }

  void cut_by_size(const Owner& owner, const Found& found) {
    const uint64_t max_bytes = found.limit->max_use_bytes;
    uint64_t stored = 0;
    for (const Place& place : found.places) stored += stored_bytes(place);
    if (max_bytes == 0 || stored <= max_bytes) return;
    uint64_t excess = stored - max_bytes;
    if (cutting_ == Cutting::kWhenWorthIt) excess += max_bytes / kSlackParts;
    for (const Place& place : found.places) {
      if (excess == 0) break;
      const uint64_t here = stored_bytes(place);
      const uint64_t goes = std::min(excess, here);
      cuts_[place.segment][owner].payload_bytes =
          goes == here ? place.use->payload_bytes
                       : share_of(place.use->payload_bytes, goes, here) + 1;
      excess -= goes;
    }
  }

  std::span<const SegmentUses> segments_;
  Cutting cutting_;
  std::map<Owner, Found> owners_;
  std::vector<std::map<Owner, UnitCut>> cuts_;  // of each segment
};

}  // namespace

bool more_specific(const std::string& pattern, const std::string& other) {
  if (is_glob(pattern) != is_glob(other)) return !is_glob(pattern);
  return pattern.size() > other.size();
}

bool fits_owner(const std::string& pattern, const Owner& owner) {
  if (owner.kind == OwnerKind::kNobody) return false;
  const std::string other =
      owner.name.ends_with(kServiceSuffix)
          ? owner.name.substr(0, owner.name.size() - kServiceSuffix.size())
          : owner.name + std::string(kServiceSuffix);
  return fits(pattern, owner.name) || fits(pattern, other);
}

const UnitLimit* find_limit(std::span<const UnitLimit> limits,
                            const Owner& owner) {
  const auto limit = std::find_if(
      limits.begin(), limits.end(),
      [&](const UnitLimit& row) { return fits_owner(row.pattern, owner); });
  return limit == limits.end() ? nullptr : &*limit;
}

std::vector<SegmentUses> read_uses(const StoreDir& store,
                                   std::span<const StoreFile> files) {
  std::vector<SegmentUses> segments;
  for (const StoreFile& file : files) {
    if (file.kind != StoreFileKind::kSegment) continue;
    const auto segment = SegmentReader::open(store.fd(), file.name, store.id());
    if (!segment || !segment->sealed()) continue;
    auto uses = segment->unit_uses();
    if (uses) segments.push_back({file, std::move(*uses)});
  }
  return segments;
}

std::vector<SegmentCut> plan_cuts(std::span<const SegmentUses> segments,
                                  std::span<const UnitLimit> limits,
                                  uint64_t now_us, Cutting cutting) {
  if (limits.empty()) return {};
  return Planner(segments, limits, cutting).plan(now_us);
}

std::function<bool(const EntryView&)> keep_after(std::vector<UnitCut> cuts) {
  struct State {
    std::vector<UnitCut> cuts;
    std::string context{};   // of the entry before
    UnitCut* cut = nullptr;  // for entries of that context
  };
  // Copies of the function have to go on counting together.
  const auto state = std::make_shared<State>(State{std::move(cuts)});
  return [state](const EntryView& entry) {
    if (entry.context.encoded() != state->context || state->context.empty()) {
      state->context = entry.context.encoded();
      const Owner owner = owner_of(entry.context);
      const auto found =
          std::find_if(state->cuts.begin(), state->cuts.end(),
                       [&](const UnitCut& cut) { return cut.owner == owner; });
      state->cut = found == state->cuts.end() ? nullptr : &*found;
    }
    UnitCut* const cut = state->cut;
    if (cut == nullptr) return true;
    if (entry.realtime_us >= cut->before_us && cut->payload_bytes == 0) {
      return true;
    }
    cut->payload_bytes -=
        std::min<uint64_t>(cut->payload_bytes, entry.payload.encoded().size());
    return false;
  };
}

}  // namespace logfmt
