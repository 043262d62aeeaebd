// Reads what TextEncoder wrote: templates at once, lines on demand.
//
// open() needs the strings part alone; with it a search can tell which
// templates and which dictionary entries hold a text, and so which lines may.
// load_numbers() is needed to give lines. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/columns/column_reader.h"
#include "format/result.h"

namespace logfmt {

// The texts of the templates of a strings part; nothing where there are none.
std::vector<std::string_view> read_template_texts(std::string_view strings);

class TextReader {
 public:
  struct Template {
    std::string_view text{};  // with a kSlot for each of its columns
    uint32_t lines = 0;
    uint32_t first_line = 0;    // in lines_by_template()
    uint32_t head_columns = 0;  // the first so many slots are the head's
    uint32_t first_head_column = 0;
    uint32_t first_column = 0;  // its own, one after the other
    uint32_t columns = 0;
    // The text between the slots, once a line has been asked for.
    std::vector<std::string_view> pieces{};
  };

  // `templates`: of each line, the number of its template.
  static Result<TextReader> open(std::string strings,
                                 std::vector<uint32_t> templates);
  TextReader(TextReader&&) noexcept = default;
  TextReader& operator=(TextReader&&) noexcept = default;

  Status load_numbers(std::string numbers);
  bool numbers_loaded() const { return numbers_loaded_; }

  size_t lines() const { return template_of_line_.size(); }
  const std::vector<Template>& templates() const { return templates_; }
  // The lines of a template, in order.
  std::span<const uint32_t> lines_of(const Template& of) const {
    return std::span(lines_by_template_).subspan(of.first_line, of.lines);
  }
  // The column of a template's slot, and which of its values a line has.
  ColumnReader& column(const Template& of, size_t slot) {
    return columns_[slot < of.head_columns
                        ? of.first_head_column + slot
                        : of.first_column + slot - of.head_columns];
  }
  size_t value_index(const Template& of, size_t slot, size_t line) const {
    return slot < of.head_columns ? head_ordinals_[line] : ordinals_[line];
  }

  // Makes the column ready for append() and entry_of(). False where it makes
  // no sense. Needs the numbers.
  bool decode(size_t template_id, size_t slot);

  // Appends the line's text (columns/line_text.h). False where its columns
  // make no sense. Needs the numbers.
  bool append_text(size_t line, TextBuffer& out);

 private:
  TextReader(std::string strings, std::vector<uint32_t> templates)
      : strings_(std::make_unique<std::string>(std::move(strings))),
        template_of_line_(std::move(templates)) {}

  struct Head {
    uint32_t columns = 0;
    uint32_t first_column = 0;
    uint32_t lines = 0;
  };

  bool read_templates(Decoder& in);
  bool count_lines();
  bool read_columns(Decoder& in);
  void list_lines();
  bool prepare(uint32_t template_id);
  bool read_columns_of(Decoder& in, size_t columns, size_t lines);

  // On the heap: views point into them, and the reader is moved.
  std::unique_ptr<std::string> strings_;
  std::unique_ptr<std::string> numbers_;
  bool numbers_loaded_ = false;
  std::vector<uint32_t> template_of_line_;
  std::vector<uint32_t> ordinals_;       // of a line among its template's
  std::vector<uint32_t> head_ordinals_;  // of a line among its head's
  std::vector<uint32_t> lines_by_template_;
  std::vector<Head> heads_;
  std::vector<uint32_t> head_of_template_;
  std::vector<Template> templates_;
  std::vector<ColumnReader> columns_;
};

}  // namespace logfmt
