#include "query/output_short.h"

#include "query/digits.h"

namespace logq {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;
constexpr size_t kMonotonicSecondDigits = 5;
constexpr std::string_view kNoDelta = "                ";

StampStyle stamp_style(OutputFormat format) {
  switch (format) {
    case OutputFormat::kShortPrecise:
      return StampStyle::kShortPrecise;
    case OutputFormat::kShortIso:
      return StampStyle::kIso;
    case OutputFormat::kShortIsoPrecise:
      return StampStyle::kIsoPrecise;
    case OutputFormat::kShortUnix:
      return StampStyle::kUnix;
    case OutputFormat::kShortFull:
    case OutputFormat::kWithUnit:
      return StampStyle::kFull;
    default:
      return StampStyle::kShort;
  }
}

void append_seconds(std::string& out, uint64_t us) {
  append_aligned(out, us / kSecondUs, kMonotonicSecondDigits);
  out += '.';
  append_padded(out, us % kSecondUs, 6);
}

}  // namespace

ShortPrinter::ShortPrinter(const OutputOptions& options)
    : format_(options.format),
      hostname_(options.hostname),
      text_(options.text),
      stamp_(stamp_style(options.format), options.utc) {}

void ShortPrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  const Claims claims = claims_of(entry.payload);
  if (claims.message) {
    const size_t begin = out.size();
    append_time(out, entry);
    append_head(out, entry, claims);
    text_.append_message(
        out, *claims.message,
        {.indent_bytes = out.size() - begin, .priority = entry.priority});
  }
  previous_ = Moment{entry.boot_id, entry.monotonic_us, entry.realtime_us};
}

ShortPrinter::Claims ShortPrinter::claims_of(const logfmt::FieldList& payload) {
  Claims claims;
  for (const logfmt::Field& field : payload) {
    if (field.name == logfmt::field::kMessage) {
      claims.message = field.value;
    } else if (field.name == logfmt::field::kIdentifier) {
      claims.identifier = field.value;
    } else if (field.name == "SYSLOG_PID") {
      claims.pid = field.value;
    }
  }
  return claims;
}

ShortPrinter::Head ShortPrinter::head_of(
    const logfmt::FieldList& context) const {
  Head head;
  const auto host = context.find(logfmt::field::kHostname);
  if (hostname_ && host) {
    head.host = ' ';
    if (!text_.append_name(head.host, *host)) head.host.clear();
  }
  head.name_is_final =
      format_ == OutputFormat::kWithUnit && append_unit(head.name, context);
  if (head.name_is_final) return head;
  head.name = ' ';
  const auto identifier = context.find(logfmt::field::kIdentifier);
  if (identifier && text_.append_name(head.name, *identifier)) {
    head.name_is_final = true;
    return head;
  }
  const auto comm = context.find(logfmt::field::kComm);
  if (!comm || !text_.append_name(head.name, *comm)) head.name = " unknown";
  return head;
}

bool ShortPrinter::append_unit(std::string& name,
                               const logfmt::FieldList& context) const {
  const auto unit = context.find(logfmt::field::kUnit);
  const auto user_unit = context.find(logfmt::field::kUserUnit);
  if (unit) {
    name += ' ';
    if (!text_.append_name(name, *unit)) name.clear();
  }
  if (user_unit) {
    const size_t before = name.size();
    name += name.empty() ? ' ' : '/';
    if (!text_.append_name(name, *user_unit)) name.resize(before);
  }
  return !name.empty();
}

void ShortPrinter::append_time(std::string& out,
                               const logfmt::EntryView& entry) {
  if (format_ != OutputFormat::kShortMonotonic &&
      format_ != OutputFormat::kShortDelta) {
    stamp_.append(out, entry.realtime_us);
    return;
  }
  out += '[';
  append_seconds(out, entry.monotonic_us);
  if (format_ == OutputFormat::kShortDelta) append_delta(out, entry);
  out += ']';
}

// Since the entry before: by the monotonic clock within a boot, else by the
// wall clocks of the two, which "*" marks as not to be relied on.
void ShortPrinter::append_delta(std::string& out,
                                const logfmt::EntryView& entry) {
  if (!previous_) {
    out += kNoDelta;
    return;
  }
  const bool same_boot = previous_->boot_id == entry.boot_id;
  const uint64_t now = same_boot ? entry.monotonic_us : entry.realtime_us;
  const uint64_t before =
      same_boot ? previous_->monotonic_us : previous_->realtime_us;
  out += " <";
  append_seconds(out, now > before ? now - before : before - now);
  out += same_boot ? " >" : "*>";
}

void ShortPrinter::append_head(std::string& out, const logfmt::EntryView& entry,
                               const Claims& claims) {
  Head& head = heads_.get(
      entry.context,
      [this](const logfmt::FieldList& context) { return head_of(context); });
  const bool claimed = (claims.identifier && !head.name_is_final) ||
                       (claims.pid && entry.pid == 0);
  if (claimed) {
    append_source(out, head, entry.pid, claims);
    return;
  }
  if (head.whole.empty() || head.whole_pid != entry.pid) {
    head.whole.clear();
    append_source(head.whole, head, entry.pid, claims);
    head.whole_pid = entry.pid;
  }
  out += head.whole;
}

void ShortPrinter::append_source(std::string& out, const Head& head,
                                 uint32_t pid, const Claims& claims) const {
  append_name(out, head, claims);
  append_pid(out, pid, claims);
  out += ": ";
}

void ShortPrinter::append_name(std::string& out, const Head& head,
                               const Claims& claims) const {
  out += head.host;
  if (claims.identifier && !head.name_is_final) {
    const size_t before = out.size();
    out += ' ';
    if (text_.append_name(out, *claims.identifier)) return;
    out.resize(before);
  }
  out += head.name;
}

void ShortPrinter::append_pid(std::string& out, uint32_t pid,
                              const Claims& claims) const {
  if (pid == 0 && !claims.pid) return;
  const size_t before = out.size();
  out += '[';
  if (pid != 0) {
    append_number(out, pid);
  } else if (!text_.append_name(out, *claims.pid)) {
    out.resize(before);
    return;
  }
  out += ']';
}

}  // namespace logq
