// The short family: time, host, name[pid]: message, one entry a line.
//
// Of several MESSAGE fields the last is shown; an entry without one is left
// out. The name is SYSLOG_IDENTIFIER, else _COMM, else "unknown"; with-unit
// shows the unit in its place. The pid is _PID, else SYSLOG_PID.
#pragma once

#include <optional>
#include <string>

#include "query/context_cache.h"
#include "query/output.h"
#include "query/stamp.h"

namespace logq {

class ShortPrinter : public Printer {
 public:
  explicit ShortPrinter(const OutputOptions& options);
  void print(const EntryRecord& record, std::string& out) override;

 private:
  struct Claims {  // what the payload says
    std::optional<std::string_view> message{};
    std::optional<std::string_view> identifier{};
    std::optional<std::string_view> pid{};
  };
  struct Head {        // what the context says, each with a blank in front
    std::string host;  // or empty
    std::string name;
    bool name_is_final = false;  // an identifier of the payload is ignored
    // All from the host to the blank in front of the message, of the last
    // entry whose payload had no say in it.
    std::string whole;
    uint32_t whole_pid = 0;
  };

  struct Moment {
    logfmt::Id128 boot_id{};
    uint64_t monotonic_us = 0;
    uint64_t realtime_us = 0;
  };

  static Claims claims_of(const logfmt::FieldList& payload);
  Head head_of(const logfmt::FieldList& context) const;
  bool append_unit(std::string& name, const logfmt::FieldList& context) const;
  void append_time(std::string& out, const logfmt::EntryView& entry);
  void append_delta(std::string& out, const logfmt::EntryView& entry);
  void append_head(std::string& out, const logfmt::EntryView& entry,
                   const Claims& claims);
  void append_source(std::string& out, const Head& head, uint32_t pid,
                     const Claims& claims) const;
  void append_name(std::string& out, const Head& head,
                   const Claims& claims) const;
  void append_pid(std::string& out, uint32_t pid, const Claims& claims) const;

  OutputFormat format_;
  bool hostname_;
  MessageText text_;
  Stamp stamp_;
  ContextCache<Head> heads_{};
  std::optional<Moment> previous_{};
};

}  // namespace logq
