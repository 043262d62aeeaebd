#include "tests/faults/states/crash_states.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace logd::faults {
namespace {

using Indices = std::vector<size_t>;

Indices unsettled_after(const DiskHistory& history, size_t calls) {
  Indices unsettled;
  for (size_t i = 0; i < history.changes().size(); ++i) {
    const Change& change = history.changes()[i];
    if (change.call < calls && !change.is_settled(calls))
      unsettled.push_back(i);
  }
  return unsettled;
}

Indices spread(const Indices& all, size_t count_max) {
  if (all.size() <= count_max) return all;
  Indices chosen;
  for (size_t i = 0; i < count_max; ++i) {
    chosen.push_back(all[i * (all.size() - 1) / (count_max - 1)]);
  }
  return chosen;
}

// Adds what cannot be there where these are missing.
Indices with_dependents(const DiskHistory& history, const Indices& unsettled,
                        Indices missing) {
  for (size_t at = 0; at < missing.size(); ++at) {
    for (const size_t later : unsettled) {
      const auto& changes = history.changes();
      if (later > missing[at] &&
          changes[later].shares_sector(changes[missing[at]]) &&
          std::find(missing.begin(), missing.end(), later) == missing.end()) {
        missing.push_back(later);
      }
    }
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

template <class Wanted>
Indices those(const Indices& all, Wanted wanted) {
  Indices some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), wanted);
  return some;
}

std::vector<Indices> choose_missing(const DiskHistory& history,
                                    const Indices& unsettled,
                                    const CrashChoice& choice, size_t calls) {
  const auto& changes = history.changes();
  std::vector<Indices> sets{{}, unsettled};
  for (const auto kind : {Change::Kind::kBytes, Change::Kind::kLength}) {
    sets.push_back(
        those(unsettled, [&](size_t i) { return changes[i].kind == kind; }));
  }
  sets.push_back(
      those(unsettled, [&](size_t i) { return changes[i].is_name(); }));
  for (const size_t one : spread(unsettled, choice.changes_max)) {
    sets.push_back({one});
    sets.push_back(those(unsettled, [=](size_t i) { return i != one; }));
    sets.push_back(those(unsettled, [=](size_t i) { return i >= one; }));
    sets.push_back(those(unsettled, [=](size_t i) { return i < one; }));
  }
  std::mt19937_64 random(choice.seed * 1'000'003 + calls);
  for (size_t i = 0; i < choice.random_subsets && !unsettled.empty(); ++i) {
    const uint64_t one_in = 2 + random() % 6;
    sets.push_back(
        those(unsettled, [&](size_t) { return random() % one_in == 0; }));
  }
  return sets;
}

size_t hash_of(const Directory& files) {
  size_t hash = 0;
  for (const auto& [name, bytes] : files) {
    const std::hash<std::string> hash_text;
    hash = hash * 31 + hash_text(name);
    hash = hash * 31 + hash_text(bytes);
  }
  return hash;
}

const char* kind_of(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kBytes:
      return "bytes at ";
    case Change::Kind::kLength:
      return "length ";
    case Change::Kind::kLink:
      return "name ";
    case Change::Kind::kMove:
      return "renaming of ";
    case Change::Kind::kUnlink:
      return "removal of ";
  }
  return "";
}

}  // namespace

std::string CrashState::describe(const DiskHistory& history) const {
  std::string text = "after " + std::to_string(calls) + " of " +
                     std::to_string(history.calls()) +
                     " calls, entries below " + std::to_string(note) +
                     " reported durable, missing:";
  size_t told = 0;
  for (const size_t i : missing) {
    if (++told > 20) return text + " ...";
    const Change& change = history.changes()[i];
    text += "\n  call " + std::to_string(change.call) + ": " + kind_of(change) +
            (change.is_name() ? change.name + " " + change.new_name
                              : std::to_string(change.at) + " of file " +
                                    std::to_string(change.file));
  }
  return text;
}

size_t for_each_crash_state(
    const DiskHistory& history, const CrashChoice& choice,
    const std::function<bool(const CrashState&, const Directory&)>& check) {
  std::set<std::pair<size_t, uint64_t>> seen;
  for (size_t calls = choice.first_call; calls <= history.calls(); ++calls) {
    const Indices unsettled = unsettled_after(history, calls);
    for (Indices& set : choose_missing(history, unsettled, choice, calls)) {
      const CrashState state{
          .calls = calls,
          .missing = with_dependents(history, unsettled, std::move(set)),
          .note = history.note_of(calls)};
      const Directory files = history.state(calls, state.missing);
      if (!seen.emplace(hash_of(files), state.note).second) continue;
      if (!check(state, files)) return seen.size();
    }
  }
  return seen.size();
}

}  // namespace logd::faults
