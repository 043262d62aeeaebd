// The file system calls of the code under test, seen and steered from outside.
//
// A program that is linked with states_calls sends the calls of its own code
// (not those of shared libraries) through an observer, if there is one. The
// observer is asked before each call and may let it fail, shorten it or only
// pretend that it was made; afterwards it is told what came of it. Calls are
// made one at a time, whatever thread makes them, so the order that an observer
// sees is the order in which they happened.
//
// What an observer calls itself is not observed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace logd::faults {

enum class CallKind : uint8_t {
  kOpen,
  kCreate,  // an open that may make the file
  kRead,
  kWrite,
  kCut,
  kReserve,
  kSyncData,
  kSyncAll,
  kRename,
  kRemove,
  kStat,
  kList,
  kLock,
};

struct Call {
  CallKind kind = CallKind::kOpen;
  int fd = -1;  // the file's; that of the directory where a name is given
  std::string_view name{};
  std::string_view new_name{};
  std::string_view bytes{};  // that are to be written
  uint64_t offset = 0;       // where to; of kCut the length that is left
};

struct Verdict {
  int error = 0;         // not 0: the call fails with it and is not made
  bool pretend = false;  // succeeds without being made
  size_t bytes_max = std::numeric_limits<size_t>::max();  // of kWrite
};

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual Verdict before(const Call& call) = 0;
  // `result` is what the caller gets: -1, or of kWrite how much was written.
  virtual void after(const Call& call, ssize_t result) = 0;
};

// Whether the calling thread is in an observer now.
bool is_within_observer();

// Observes all calls as long as it lives, in place of the one before it.
class Observation {
 public:
  explicit Observation(CallObserver& observer);
  ~Observation();
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;

 private:
  CallObserver* before_;
};

}  // namespace logd::faults
