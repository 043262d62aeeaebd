// Who sent it: the trusted facts of the processes that log, cached.
//
// The kernel's credentials are certain; the rest comes from /proc and is read
// when a process is first heard of, before its datagrams are taken apart, so
// that a short-lived sender is still there as often as possible. Facts older
// than a second are read again; those of a process that has gone meanwhile are
// kept for a minute. A sender also caches the contexts made from it: one per
// transport, identifier, facility and stream. Bounded whatever senders do: the
// contexts, then the facts are forgotten. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "format/wal_frame.h"
#include "logd/identity/host_facts.h"
#include "logd/identity/proc_facts.h"
#include "logd/identity/rate_limiter.h"
#include "logd/identity/supervised.h"

namespace logd {

inline constexpr uid_t kNobody = 65534;
// For entries that no process sent: the kernel's own.
inline constexpr uid_t kNoUser = static_cast<uid_t>(-1);

struct Credentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  bool operator==(const Credentials&) const = default;
};

// How an entry's unit is known; the value of _UNIT_FROM.
enum class UnitSource : uint8_t { kNone, kStream, kCgroup, kSession };

// A unit that a stream's header declared, for entries of that stream.
struct StreamUnit {
  std::string name{};
  bool by_root = false;  // _SYSTEMD_UNIT, otherwise _SYSTEMD_USER_UNIT
};

// What distinguishes the contexts of one sender. Views are only read.
struct ContextKey {
  std::string_view transport{};
  std::optional<std::string_view> identifier{};
  int facility = -1;
  std::string_view stream_id{};
  std::string_view stream_kind{};  // "stdout", "stderr" or nothing
  const StreamUnit* stream_unit = nullptr;
};

// A context, and what its entries are counted against.
struct SenderContext : logfmt::WalContext {
  logfmt::Owner owner{};
  RateLimiter::Place place{};
  bool limited = true;  // the kernel's entries are not, nor the daemon's own
};

class Sender {
 public:
  const Credentials& credentials() const { return credentials_; }

 private:
  friend class SenderCache;
  SenderContext& context(const ContextKey& key, const HostFacts& host);
  void update(const Credentials& credentials,
              const std::optional<ProcFacts>& facts,
              const SupervisedSessions& sessions);
  void append_unit(std::string& fields, const ContextKey& key) const;
  void forget_contexts();

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };

  Credentials credentials_{};
  std::optional<ProcFacts> facts_{};
  std::string session_unit_{};
  bool session_by_root_ = false;
  std::string fields_{};  // encoded; the same in all of its contexts
  using Contexts =
      std::unordered_map<std::string, std::unique_ptr<SenderContext>, Hash,
                         std::equal_to<>>;
  Contexts contexts_;
  Contexts::value_type* last_context_ = nullptr;  // asked for
  std::string key_;                               // scratch
  uint64_t refreshed_us_ = 0;
  uint64_t sessions_version_ = 0;
  uint64_t alive_us_ = 0;  // when the facts were last read
  uint64_t used_us_ = 0;
};

class SenderCache {
 public:
  SenderCache(const HostFacts& host, const SupervisedSessions& sessions)
      : host_(host), sessions_(sessions) {}

  // Facts of that process, at most a second old where it still lives. Valid
  // until the next call.
  Sender& find(const Credentials& credentials, uint64_t now_us);
  // The context for entries of that kind; valid until the next find().
  SenderContext& context(Sender& sender, const ContextKey& key);
  size_t size() const { return senders_.size(); }
  size_t cached_bytes() const { return context_bytes_; }

 private:
  void refresh(Sender& sender, const Credentials& credentials, uint64_t now_us);
  void forget_contexts();
  void make_room(uint64_t now_us);

  HostFacts host_;
  const SupervisedSessions& sessions_;
  std::unordered_map<pid_t, Sender> senders_;
  std::pair<const pid_t, Sender>* last_ = nullptr;  // found; they come in runs
  size_t context_bytes_ = 0;  // of all contexts made, at most
};

}  // namespace logd
