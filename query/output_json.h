// The JSON family: one object an entry, every value a string.
//
// journalctl's rules: a field whose name, "=" and value take 4096 bytes or more
// is null unless -a is given; a value with control characters or with bytes
// that are not UTF-8 is an array of byte numbers; a field that occurs several
// times is an array. On a terminal, characters that deceive are \u escapes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "query/context_cache.h"
#include "query/output.h"

namespace logq {

class JsonPrinter : public Printer {
 public:
  explicit JsonPrinter(const OutputOptions& options);
  void print(const EntryRecord& record, std::string& out) override;

 private:
  struct Layout {
    std::string_view begin;
    std::string_view separator;
    std::string_view colon;
    std::string_view end;
    bool pretty;
  };
  // What stands in front of the values that most entries have, put together
  // once. Numbers and identifiers are short: their keys reach to the quote.
  struct Keys {
    std::string cursor;
    std::string realtime;
    std::string monotonic;
    std::string boot_id;
    std::string priority;
    std::string message;
    std::string pid;
    std::string source_realtime;
  };
  struct Context {
    std::string members;  // each with a separator in front
    uint64_t names = 0;   // bits of the names in it, see name_bit()
    bool repeats = false;
    bool stamped = false;
  };

  static Layout layout_of(OutputFormat format);
  static Keys keys_of(const Layout& layout);
  Context context_of(const logfmt::FieldList& fields) const;
  bool repeats(const logfmt::EntryView& entry, const Context& context) const;
  void append_identity(std::string& out, const EntryRecord& record) const;
  void append_singles(std::string& out, const logfmt::EntryView& entry,
                      const Context& context) const;
  void append_grouped(std::string& out, const logfmt::EntryView& entry);
  void append_group(std::string& out,
                    std::span<const logfmt::Field> group) const;
  void append_member(std::string& out, const logfmt::Field& field) const;
  void append_value(std::string& out, const logfmt::Field& field,
                    size_t depth) const;
  void append_bytes(std::string& out, std::string_view bytes,
                    size_t depth) const;
  void append_key(std::string& out, std::string_view name) const;
  // `plain` bytes at the front are known to need no escape.
  void append_string(std::string& out, std::string_view text,
                     size_t plain) const;
  void append_break(std::string& out, size_t depth) const;

  Layout layout_;
  Keys keys_;
  std::vector<std::string> fields_;
  bool all_;
  bool terminal_;
  ContextCache<Context> contexts_{};
  std::vector<logfmt::Field> sorted_{};
};

}  // namespace logq
