#include "policy/yaml.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "policy/redact.h"

namespace firebreak {
namespace {

struct DestroyParser {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct DestroyDiag {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct FreeEvent {
  fy_parser* parser = nullptr;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};
using Parser = std::unique_ptr<fy_parser, DestroyParser>;
using Diag = std::unique_ptr<fy_diag, DestroyDiag>;
using Event = std::unique_ptr<fy_event, FreeEvent>;

// libfyaml prints on stderr unless somebody takes its words; they are collected anyhow.
void swallow(fy_diag* /*diag*/, void* /*user*/, const char* /*text*/, std::size_t /*length*/) {}

std::string text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = token != nullptr ? fy_token_get_text(token, &length) : nullptr;
  return text != nullptr ? std::string(text, length) : std::string();
}

// Builds the tree from the parser's events, so that depth and aliases are bounded here and not by
// the library.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view source, const YamlLimits& limits,
              std::vector<Diagnostic>& diagnostics)
      : source_(source), limits_(limits), lines_(source), diagnostics_(diagnostics) {}

  // False when the document cannot be used.
  [[nodiscard]] bool take(fy_event* event);
  [[nodiscard]] YamlDocument finish() { return std::move(document_); }
  void report_library_errors(fy_diag* diag);

 private:
  struct Open {
    YamlNode* node = nullptr;
    const YamlNode* key = nullptr;  // of the pair whose value comes next
    std::string anchor;
  };

  bool error(std::size_t at, std::size_t length, std::string message, std::string hint = {});
  bool start_document(fy_event* event);
  bool begin(fy_event* event, YamlNode::Kind kind);
  bool end();
  bool scalar(fy_event* event);
  bool alias(fy_event* event);
  bool add(const YamlNode& node);
  bool check_properties(fy_event* event);
  YamlNode& make(fy_event* event, YamlNode::Kind kind);
  void remember(const std::string& anchor, const YamlNode& node) {
    if (!anchor.empty()) anchors_[anchor] = &node;
  }
  [[nodiscard]] std::size_t offset(const fy_mark* mark) const {
    return mark != nullptr ? std::min(mark->input_pos, source_.size()) : last_;
  }

  std::string_view source_;
  YamlLimits limits_;
  LineTable lines_;
  std::vector<Diagnostic>& diagnostics_;
  YamlDocument document_;
  std::vector<Open> open_;
  std::unordered_map<std::string, const YamlNode*> anchors_;
  std::size_t last_ = 0;  // where the last event with a mark ended
  int documents_ = 0;
};

bool TreeBuilder::error(std::size_t at, std::size_t length, std::string message, std::string hint) {
  const Position position = lines_.at(at);
  Diagnostic& found = diagnostics_.emplace_back();
  found.line = position.line;
  found.column = position.column;
  found.length = static_cast<int>(std::clamp<std::size_t>(length, 1, 200));
  found.message = std::move(message);
  found.hint = std::move(hint);
  return false;
}

bool TreeBuilder::take(fy_event* event) {
  switch (event->type) {
    case FYET_DOCUMENT_START: return start_document(event);
    case FYET_MAPPING_START: return begin(event, YamlNode::Kind::kMapping);
    case FYET_SEQUENCE_START: return begin(event, YamlNode::Kind::kSequence);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END: return end();
    case FYET_SCALAR: return scalar(event);
    case FYET_ALIAS: return alias(event);
    default: return true;
  }
}

bool TreeBuilder::start_document(fy_event* event) {
  if (++documents_ == 1) return true;
  return error(offset(fy_event_start_mark(event)), 3, "a policy is one document, this is a second",
               "remove the line ---");
}

YamlNode& TreeBuilder::make(fy_event* event, YamlNode::Kind kind) {
  YamlNode& node = document_.nodes.emplace_back();
  node.kind = kind;
  node.start = offset(fy_event_start_mark(event));
  node.end = std::max(node.start, offset(fy_event_end_mark(event)));
  last_ = node.end;
  return node;
}

bool TreeBuilder::check_properties(fy_event* event) {
  fy_token* tag = fy_event_get_tag_token(event);
  if (tag == nullptr) return true;
  const fy_mark* start = fy_token_start_mark(tag);
  const fy_mark* end = fy_token_end_mark(tag);
  const std::size_t from = offset(start);
  return error(from, std::max(offset(end), from + 1) - from, "a policy has no tags (`!`)",
               "put the text in quotes if the ! belongs to it");
}

bool TreeBuilder::begin(fy_event* event, YamlNode::Kind kind) {
  if (!check_properties(event)) return false;
  YamlNode& node = make(event, kind);
  node.end = node.start + 1;
  if (open_.size() >= static_cast<std::size_t>(limits_.depth)) {
    return error(node.start, 1, fmt::format("nested deeper than {} levels", limits_.depth));
  }
  open_.push_back({.node = &node, .anchor = text_of(fy_event_get_anchor_token(event))});
  // Until it is complete, an alias to it would be a cycle.
  remember(open_.back().anchor, *open_.back().node);
  return true;
}

bool TreeBuilder::end() {
  const Open done = std::move(open_.back());
  open_.pop_back();
  return add(*done.node);
}

bool TreeBuilder::scalar(fy_event* event) {
  if (!check_properties(event)) return false;
  YamlNode& node = make(event, YamlNode::Kind::kScalar);
  fy_token* value = fy_event_get_token(event);
  node.text = text_of(value);
  node.plain = value == nullptr || fy_token_scalar_style(value) == FYSS_PLAIN;
  remember(text_of(fy_event_get_anchor_token(event)), node);
  return add(node);
}

bool TreeBuilder::alias(fy_event* event) {
  const std::size_t at = offset(fy_event_start_mark(event));
  const std::string name = text_of(fy_event_get_token(event));
  last_ = std::max(at, offset(fy_event_end_mark(event)));
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return error(at, name.size() + 1,
                 fmt::format("alias {} has no anchor before it", quoted("*" + name)));
  }
  if (std::ranges::any_of(open_, [&](const Open& open) { return open.node == found->second; })) {
    return error(at, name.size() + 1, fmt::format("alias {} contains itself", quoted("*" + name)));
  }
  return add(*found->second);
}

bool TreeBuilder::add(const YamlNode& node) {
  if (open_.empty()) {
    document_.root = &node;
    return true;
  }
  Open& parent = open_.back();
  if (parent.node->is_sequence()) {
    parent.node->items.push_back(&node);
  } else if (parent.key == nullptr) {
    parent.key = &node;
  } else {
    parent.node->pairs.emplace_back(std::exchange(parent.key, nullptr), &node);
  }
  parent.node->expanded += node.expanded;
  if (parent.node->expanded > limits_.expanded) {
    return error(
        parent.node->start, 1,
        fmt::format("holds more than {} nodes once its aliases are followed", limits_.expanded));
  }
  return true;
}

void TreeBuilder::report_library_errors(fy_diag* diag) {
  const std::size_t before = diagnostics_.size();
  void* state = nullptr;
  while (const fy_diag_error* found = fy_diag_errors_iterate(diag, &state)) {
    const fy_mark* mark = found->fyt != nullptr ? fy_token_start_mark(found->fyt) : nullptr;
    const std::size_t line = mark != nullptr ? lines_.start_of(lines_.at(offset(mark)).line)
                                             : lines_.start_of(found->line);
    const std::size_t at =
        mark != nullptr ? offset(mark)
                        : std::min(line + static_cast<std::size_t>(std::max(found->column, 1)) - 1,
                                   source_.size());
    std::string_view indent = source_.substr(line);
    indent = indent.substr(0, indent.find_first_not_of(" \t"));
    const std::size_t tab = indent.find('\t');
    if (tab != std::string_view::npos) {
      error(line + tab, 1, "a tab cannot indent in YAML", "use spaces");
    } else {
      error(at, 1,
            fmt::format("not YAML: {}",
                        without_secrets(trim(found->msg != nullptr ? found->msg : ""))));
    }
  }
  if (diagnostics_.size() == before) error(last_, 1, "not YAML");
}

}  // namespace

bool YamlNode::is_null() const {
  return kind == Kind::kScalar && plain &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

LineTable::LineTable(std::string_view source) : starts_{0}, size_(source.size()) {
  for (std::size_t at = source.find('\n'); at != std::string_view::npos;
       at = source.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
}

Position LineTable::at(std::size_t offset) const {
  const auto next = std::ranges::upper_bound(starts_, offset);
  const auto line = next - starts_.begin();
  return {.line = static_cast<int>(line),
          .column = static_cast<int>(offset - starts_[static_cast<std::size_t>(line) - 1]) + 1};
}

std::size_t LineTable::start_of(int line) const {
  if (line < 1) return 0;
  const auto index = static_cast<std::size_t>(line) - 1;
  return index < starts_.size() ? starts_[index] : size_;
}

std::optional<YamlDocument> parse_yaml(std::string_view source, const YamlLimits& limits,
                                       std::vector<Diagnostic>& diagnostics) {
  fy_diag_cfg words{};
  fy_diag_cfg_default(&words);
  words.fp = nullptr;
  words.output_fn = swallow;
  words.colorize = false;
  const Diag diag(fy_diag_create(&words));
  fy_parse_cfg config{};
  // libfyaml's flags are an enum that holds sums of its values.
  constexpr unsigned kFlags = static_cast<unsigned>(FYPCF_QUIET) | FYPCF_COLLECT_DIAG |
                              FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE;
  config.flags = static_cast<fy_parse_cfg_flags>(kFlags);
  config.diag = diag.get();
  const Parser parser(diag != nullptr ? fy_parser_create(&config) : nullptr);
  if (parser == nullptr || fy_parser_set_string(parser.get(), source.data(), source.size()) != 0) {
    diagnostics.emplace_back().message = "the YAML parser could not be started";
    return std::nullopt;
  }
  fy_diag_set_collect_errors(diag.get(), true);
  TreeBuilder builder(source, limits, diagnostics);
  while (const Event event{fy_parser_parse(parser.get()), FreeEvent{parser.get()}}) {
    if (!builder.take(event.get())) return std::nullopt;
  }
  if (fy_parser_get_stream_error(parser.get()) || fy_diag_got_error(diag.get())) {
    builder.report_library_errors(diag.get());
    return std::nullopt;
  }
  return builder.finish();
}

}  // namespace firebreak
