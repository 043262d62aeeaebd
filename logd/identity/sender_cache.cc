#include "logd/identity/sender_cache.h"

#include "format/entry.h"
#include "format/field_list.h"
#include "logd/identity/cgroup_unit.h"

namespace logd {
namespace {

using logfmt::append_field;

constexpr uint64_t kFreshUs = 1'000'000;
constexpr uint64_t kForgottenUs = 60'000'000;
constexpr size_t kSendersMax = 4096;
// Clients that invent an identifier per message must not fill the memory.
constexpr size_t kCachedContextBytesMax = 64 << 20;

void append_unless_empty(std::string& fields, std::string_view name,
                         std::string_view value) {
  if (!value.empty()) append_field(fields, name, value);
}

std::string_view source_name(UnitSource source) {
  switch (source) {
    case UnitSource::kStream:
      return "stream";
    case UnitSource::kCgroup:
      return "cgroup";
    case UnitSource::kSession:
      return "session";
    case UnitSource::kNone:
      break;
  }
  return {};
}

// Facts without the unit, which depends on the stream as well.
std::string encode_facts(const Credentials& credentials,
                         const std::optional<ProcFacts>& facts) {
  std::string fields;
  if (credentials.uid == kNoUser) return fields;
  append_field(fields, "_UID", std::to_string(credentials.uid));
  append_field(fields, "_GID", std::to_string(credentials.gid));
  if (!facts) return fields;
  append_unless_empty(fields, "_COMM", facts->comm);
  append_unless_empty(fields, "_EXE", facts->exe);
  append_unless_empty(fields, "_CMDLINE", facts->command_line);
  append_unless_empty(fields, "_CAP_EFFECTIVE", facts->effective_caps);
  append_unless_empty(fields, "_AUDIT_LOGINUID", facts->login_uid);
  append_unless_empty(fields, "_AUDIT_SESSION", facts->audit_session);
  if (facts->cgroup != "/") {
    append_unless_empty(fields, "_SYSTEMD_CGROUP", facts->cgroup);
  }
  return fields;
}

void append_host(std::string& fields, const HostFacts& host) {
  append_unless_empty(fields, "_HOSTNAME", host.hostname);
  if (!host.machine_id.is_zero()) {
    append_field(fields, "_MACHINE_ID", host.machine_id.hex());
  }
  append_field(fields, "_RUNTIME_SCOPE", "system");
}

void encode_key(const ContextKey& key, std::string& out) {
  out.assign(key.transport);
  out += '\0';
  out += static_cast<char>(key.facility);
  out += key.identifier ? '\1' : '\0';
  out.append(key.identifier.value_or(std::string_view()));
  out += '\0';
  out.append(key.stream_id);
}

}  // namespace

SenderContext& Sender::context(const ContextKey& key, const HostFacts& host) {
  encode_key(key, key_);
  if (last_context_ != nullptr && last_context_->first == key_) {
    return *last_context_->second;
  }
  if (const auto found = contexts_.find(std::string_view(key_));
      found != contexts_.end()) {
    last_context_ = &*found;
    return *found->second;
  }
  auto context = std::make_unique<SenderContext>();
  std::string& fields = context->fields;
  append_field(fields, "_TRANSPORT", key.transport);
  append_unless_empty(fields, "_STREAM_ID", key.stream_id);
  append_unless_empty(fields, "_STREAM", key.stream_kind);
  if (key.identifier)
    append_field(fields, "SYSLOG_IDENTIFIER", *key.identifier);
  if (key.facility >= 0) {
    append_field(fields, "SYSLOG_FACILITY", std::to_string(key.facility));
  }
  append_unit(fields, key);
  fields.append(fields_);
  append_host(fields, host);
  context->owner = rate_owner_of(logfmt::FieldList(fields));
  context->limited =
      key.transport != "kernel" && key.transport != logfmt::kOwnTransport;
  last_context_ = &*contexts_.emplace(key_, std::move(context)).first;
  return *last_context_->second;
}

void Sender::forget_contexts() {
  contexts_.clear();
  last_context_ = nullptr;
}

// The order of trust: the stream's own unit, the cgroup, the session. A login
// session's scope says less than a declared unit, so it comes last.
void Sender::append_unit(std::string& fields, const ContextKey& key) const {
  const CgroupUnits cgroup =
      parse_cgroup(facts_ ? std::string_view(facts_->cgroup) : "");
  UnitSource source = UnitSource::kNone;
  if (key.stream_unit != nullptr) {
    source = UnitSource::kStream;
    append_field(fields,
                 key.stream_unit->by_root ? logfmt::field::kUnit
                                          : logfmt::field::kUserUnit,
                 key.stream_unit->name);
  } else if (!session_unit_.empty() &&
             (cgroup.unit.empty() || cgroup.is_session())) {
    source = UnitSource::kSession;
    append_field(
        fields,
        session_by_root_ ? logfmt::field::kUnit : logfmt::field::kUserUnit,
        session_unit_);
  } else if (!cgroup.unit.empty()) {
    source = UnitSource::kCgroup;
    append_field(fields, logfmt::field::kUnit, cgroup.unit);
    append_unless_empty(fields, logfmt::field::kUserUnit, cgroup.user_unit);
  }
  append_unless_empty(fields, "_SYSTEMD_SLICE", cgroup.slice);
  append_unless_empty(fields, "_UNIT_FROM", source_name(source));
}

void Sender::update(const Credentials& credentials,
                    const std::optional<ProcFacts>& facts,
                    const SupervisedSessions& sessions) {
  const bool same_process =
      credentials == credentials_ &&
      (!facts || !facts_ ||
       facts->stat.start_ticks == facts_->stat.start_ticks);
  if (!same_process) facts_.reset();
  credentials_ = credentials;
  if (facts) facts_ = facts;  // otherwise keep what is known
  sessions_version_ = sessions.version();
  const DeclaredUnit* declared = sessions.find(
      credentials.pid, facts_ ? facts_->stat.session : 0, credentials.uid);
  std::string session_unit = declared == nullptr ? "" : declared->unit;
  std::string fields = encode_facts(credentials_, facts_);
  if (fields == fields_ && session_unit == session_unit_) return;
  fields_ = std::move(fields);
  session_unit_ = std::move(session_unit);
  session_by_root_ = credentials.uid == 0;
  forget_contexts();
}

SenderContext& SenderCache::context(Sender& sender, const ContextKey& key) {
  const size_t before = sender.contexts_.size();
  SenderContext& context = sender.context(key, host_);
  if (sender.contexts_.size() > before) {
    context_bytes_ += context.fields.size() + sizeof context;
  }
  return context;
}

Sender& SenderCache::find(const Credentials& credentials, uint64_t now_us) {
  if (context_bytes_ > kCachedContextBytesMax) forget_contexts();
  if (last_ == nullptr || last_->first != credentials.pid) {
    const auto found = senders_.find(credentials.pid);
    last_ = found == senders_.end() ? nullptr : &*found;
  }
  if (last_ != nullptr) {
    Sender& sender = last_->second;
    sender.used_us_ = now_us;
    if (sender.credentials_ != credentials ||
        now_us - sender.refreshed_us_ > kFreshUs) {
      refresh(sender, credentials, now_us);
    } else if (sender.sessions_version_ != sessions_.version()) {
      sender.update(credentials, std::nullopt, sessions_);
    }
    return sender;
  }
  if (senders_.size() >= kSendersMax) make_room(now_us);
  Sender& sender = senders_[credentials.pid];
  sender.used_us_ = now_us;
  refresh(sender, credentials, now_us);
  return sender;
}

void SenderCache::refresh(Sender& sender, const Credentials& credentials,
                          uint64_t now_us) {
  // pid 0: a sender in another pid namespace. There is nothing to look up.
  const auto facts =
      credentials.pid > 0 ? read_proc_facts(credentials.pid) : std::nullopt;
  if (facts) {
    sender.alive_us_ = now_us;
  } else if (now_us - sender.alive_us_ > kForgottenUs) {
    sender.facts_.reset();  // the number may stand for another by now
  }
  sender.update(credentials, facts, sessions_);
  sender.refreshed_us_ = now_us;
  if (std::string hostname = read_hostname(); hostname != host_.hostname) {
    host_.hostname = std::move(hostname);
    forget_contexts();
  }
}

void SenderCache::forget_contexts() {
  for (auto& [pid, sender] : senders_) sender.forget_contexts();
  context_bytes_ = 0;
}

void SenderCache::make_room(uint64_t now_us) {
  const size_t erased = std::erase_if(senders_, [&](const auto& item) {
    return now_us - item.second.used_us_ > kForgottenUs;
  });
  if (erased == 0) senders_.clear();
  last_ = nullptr;
}

}  // namespace logd
