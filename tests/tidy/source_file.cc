#include "tests/tidy/source_file.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace tidy {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Walks over the text and blanks each comment and literal that it meets.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), code_(text) {}

  std::string blanked() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const auto rest = text_.substr(at_);
      if (rest.starts_with("//"))
        blank(at_, end_of("\n", at_), 0);
      else if (rest.starts_with("/*"))
        blank(at_, std::min(end_of("*/", at_ + 2) + 2, text_.size()), 0);
      else if (rest.starts_with("R\"") && !follows_word())
        skip_raw_string();
      else if (c == '"' || (c == '\'' && !follows_word()))
        skip_quoted(c);
      else
        ++at_;
    }
    return std::move(code_);
  }

 private:
  // Of a digit separator, as in 1'000, the quote follows a word.
  bool follows_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }

  size_t end_of(std::string_view mark, size_t from) const {
    return std::min(text_.find(mark, from), text_.size());
  }

  // Goes on behind the closing mark, which stays.
  void blank(size_t begin, size_t end, size_t mark_bytes) {
    for (size_t i = begin; i < end; ++i)
      if (code_[i] != '\n') code_[i] = ' ';
    at_ = std::min(end + mark_bytes, text_.size());
  }

  void skip_raw_string() {
    const size_t name = at_ + 2;
    const size_t open = end_of("(", name);
    const auto mark = ")" + std::string(text_.substr(name, open - name)) + "\"";
    blank(name, end_of(mark, open), mark.size());
  }

  void skip_quoted(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
      end += text_[end] == '\\' ? 2 : 1;
    blank(at_ + 1, std::min(end, text_.size()), 1);
  }

  std::string_view text_;
  std::string code_;
  size_t at_ = 0;
};

std::string without_directives(std::string_view code) {
  std::string result(code);
  bool continued = false;
  size_t offset = 0;
  for (const auto line : lines_of(code)) {
    const auto first = line.find_first_not_of(" \t");
    const bool directive =
        continued || (first != line.npos && line[first] == '#');
    continued = directive && line.ends_with('\\');
    if (directive) std::fill_n(result.begin() + long(offset), line.size(), ' ');
    offset += line.size() + 1;
  }
  return result;
}

// The place behind the brace or parenthesis that closes the one at `open`.
size_t behind_match(std::string_view code, size_t open) {
  int depth = 0;
  for (size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{' || code[i] == '(') ++depth;
    if ((code[i] == '}' || code[i] == ')') && --depth == 0) return i + 1;
  }
  return code.size();
}

std::string_view without_template(std::string_view head) {
  while (head.starts_with("template")) {
    int depth = 0;
    size_t i = head.find('<');
    if (i == head.npos) return head;
    do {
      depth += head[i] == '<' ? 1 : head[i] == '>' ? -1 : 0;
      ++i;
    } while (depth > 0 && i < head.size());
    head.remove_prefix(std::min(head.find_first_not_of(" \n", i), head.size()));
  }
  return head;
}

bool opens_scope(std::string_view head) {
  constexpr std::string_view kScopes[] = {"namespace", "class", "struct",
                                          "union",     "enum",  "extern"};
  head = without_template(head);
  return std::ranges::any_of(kScopes, [head](std::string_view word) {
    return head == word ||
           (head.starts_with(word) && !is_word(head[word.size()]));
  });
}

}  // namespace

std::string blank_out(std::string_view text) { return Scanner(text).blanked(); }

std::vector<Function> find_functions(std::string_view blanked) {
  const auto code = without_directives(blanked);
  const auto line_of = [&code](size_t at) {
    return 1 + std::count(code.begin(), code.begin() + long(at), '\n');
  };
  std::vector<Function> functions;
  size_t head = 0;  // where the current declaration starts
  for (size_t i = 0; i < code.size();) {
    while (head < code.size() && is_space(code[head])) ++head;
    i = std::max(i, head);
    if (i >= code.size()) break;
    if (code[i] == '(' ||
        (code[i] == '{' && i > head && is_word(code[i - 1]))) {
      i = behind_match(code, i);
    } else if (code[i] == '{') {
      const auto words = std::string_view(code).substr(head, i - head);
      const size_t end = opens_scope(words) ? i + 1 : behind_match(code, i);
      if (!opens_scope(words) && words.find('(') != words.npos)
        functions.push_back(
            {.head = std::string(words),
             .first_line = size_t(line_of(head)),
             .line_count = size_t(line_of(end - 1) - line_of(head) + 1)});
      i = head = end;
    } else if (code[i] == ';' || code[i] == '}') {
      head = ++i;
    } else {
      ++i;
    }
  }
  return functions;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

SourceFile::SourceFile(std::string file_path, std::string file_text)
    : path(std::move(file_path)), text(std::move(file_text)) {
  if (is_cpp()) code = blank_out(text);
}

bool SourceFile::has_extension(std::string_view extension) const {
  return path.ends_with(extension);
}

bool SourceFile::is_below(std::string_view folder) const {
  return path.starts_with(folder) && path.size() > folder.size() &&
         path[folder.size()] == '/';
}

bool SourceFile::is_cpp() const {
  return has_extension(".cc") || has_extension(".h");
}

}  // namespace tidy
