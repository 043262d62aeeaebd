// What limits cost a message.
//
//   BM_Admit_KnownPlace    an owner whose place the caller has kept, in turns
//                          of so many owners
//   BM_Admit_KnownOwner    the same, searched by its name
//   BM_Admit_NewOwner      a name invented for each message: one group goes
//   BM_DropTable_Add       a message that is dropped, the table full
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "logd/identity/rate_limiter.h"
#include "logd/store/drop_table.h"

namespace logd {
namespace {

using logfmt::Owner;

std::vector<Owner> owners(size_t count) {
  std::vector<Owner> owners;
  for (size_t i = 0; i < count; ++i) {
    owners.push_back({logfmt::OwnerKind::kUnit,
                      "application-server@" + std::to_string(i) + ".service"});
  }
  return owners;
}

// Ten microseconds apart: some messages pass, most do not.
class Traffic {
 public:
  explicit Traffic(benchmark::State& state)
      : owners_(owners(static_cast<size_t>(state.range(0)))),
        places_(owners_.size()) {
    for (int i = 0; i < 20'000; ++i) {
      const bool passes = limiter_.admit(owners_[0], arrival(), places_[0]);
      if (passes != (i < 10'000)) {
        state.SkipWithError("the rate is not what it should be");
      }
    }
  }

  bool admit(bool keeps_place) {
    if (++turn_ == owners_.size()) turn_ = 0;
    now_us_ += 10;
    RateLimiter::Place none;
    return limiter_.admit(owners_[turn_], arrival(),
                          keeps_place ? places_[turn_] : none);
  }

 private:
  RateArrival arrival() const { return {6, 110, now_us_}; }

  std::vector<Owner> owners_;
  std::vector<RateLimiter::Place> places_;
  RateLimiter limiter_{LimitsConfig{}};
  size_t turn_ = 0;
  uint64_t now_us_ = 1'000'000'000;
};

void BM_Admit_KnownPlace(benchmark::State& state) {
  Traffic traffic(state);
  for (auto _ : state) benchmark::DoNotOptimize(traffic.admit(true));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Admit_KnownPlace)->Arg(1)->Arg(16)->Arg(1024);

void BM_Admit_KnownOwner(benchmark::State& state) {
  Traffic traffic(state);
  for (auto _ : state) benchmark::DoNotOptimize(traffic.admit(false));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Admit_KnownOwner)->Arg(1)->Arg(16)->Arg(1024);

void BM_Admit_NewOwner(benchmark::State& state) {
  Traffic traffic(state);
  for (auto _ : state) benchmark::DoNotOptimize(traffic.admit(false));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Admit_NewOwner)->Arg(2 * kRateGroupsMax);

void BM_DropTable_Add(benchmark::State& state) {
  const auto units = owners(static_cast<size_t>(state.range(0)));
  DropTable table;
  uint64_t dropped = 0;
  for (auto _ : state) {
    table.add(DropCause::kRateLimit, units[dropped % units.size()], {1, 110},
              1'000'000'000 + dropped);
    ++dropped;
  }
  if (table.total() != dropped) state.SkipWithError("the count is wrong");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DropTable_Add)->Arg(1)->Arg(64)->Arg(1000);

}  // namespace
}  // namespace logd

BENCHMARK_MAIN();
