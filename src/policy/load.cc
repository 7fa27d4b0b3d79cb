// Order of work: bytes (size, UTF-8, control characters), YAML, then the sections. Each step runs
// only if the one before had no errors, because what it would say otherwise is guesswork.
#include "policy/load.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

#include "base/check.h"
#include "base/text.h"
#include "policy/redact.h"
#include "policy/sections.h"
#include "policy/yaml.h"

namespace firebreak {
namespace {

std::string digest_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr) == 1);
  std::string out = "sha256:";
  for (unsigned int i = 0; i < size; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

// Without the byte order mark, and with '\n' alone at line ends: positions count from here.
std::string normalised(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
    out += bytes[i];
  }
  return out;
}

// Bytes that no policy needs and that YAML forbids or reads in surprising ways. One error a line.
void check_bytes(std::string_view source, std::vector<Diagnostic>& diagnostics) {
  constexpr std::size_t kMost = 50;
  int line = 0;
  for (const std::string_view text : split(source, '\n')) {
    ++line;
    if (diagnostics.size() >= kMost) return;
    const auto bad = std::ranges::find_if(text, [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && byte != '\t') || byte == 0x7F;
    });
    const std::size_t broken = first_invalid_utf8(text);
    std::size_t at = static_cast<std::size_t>(bad - text.begin());
    std::string message;
    if (broken < at) {
      at = broken;
      message = "not UTF-8";
    } else if (bad != text.end()) {
      message = fmt::format("control character 0x{:02x}", static_cast<unsigned char>(*bad));
    } else {
      continue;
    }
    Diagnostic& found = diagnostics.emplace_back();
    found.line = line;
    found.column = static_cast<int>(at) + 1;
    found.message = message;
  }
}

// libfyaml reads far ahead in flow collections: a third of a kilobyte of memory for each of these.
void check_flow(std::string_view source, std::vector<Diagnostic>& diagnostics) {
  constexpr std::ptrdiff_t kMost = 500'000;
  const auto found =
      std::ranges::count_if(source, [](char c) { return c == '[' || c == '{' || c == ','; });
  if (found <= kMost) return;
  diagnostics.emplace_back().message =
      fmt::format("a policy has at most {} brackets and commas", kMost);
}

void check_version(Reader& reader, const Fields& fields) {
  const YamlNode* version = fields.need("version", "add version: 1");
  if (version == nullptr) return;
  const auto written = reader.text(*version, "'version'");
  if (written && *written != "1") {
    reader.error(*version,
                 fmt::format("version {} is not one that this firebreak reads", quoted(*written)),
                 "write version: 1");
  }
}

void read_sections(Reader& reader, const YamlNode& root, Draft& draft) {
  const Fields fields(reader, root, root, "a policy",
                      {"version", "hosts", "environments", "shared", "require", "zones", "systems",
                       "waivers", "audit", "databases", "masks"});
  if (!root.is_mapping()) return;
  check_version(reader, fields);
  struct Section {
    std::string_view key;
    void (*read)(Reader&, const YamlNode&, Draft&);
  };
  constexpr std::array kSections = {Section{"hosts", read_hosts},
                                    Section{"masks", read_masks},
                                    Section{"environments", read_environments},
                                    Section{"shared", read_shared},
                                    Section{"require", read_require},
                                    Section{"zones", read_zones},
                                    Section{"systems", read_systems},
                                    Section{"databases", read_databases},
                                    Section{"waivers", read_waivers},
                                    Section{"audit", read_audit}};
  for (const Section& section : kSections) {
    if (const YamlNode* node = fields.find(section.key)) section.read(reader, *node, draft);
  }
}

// The source for people to see. Secrets are hidden as they are written and, since YAML has
// escapes, as they are meant.
std::string shown_source(const std::string& source, const std::optional<YamlDocument>& document) {
  std::string shown = without_secrets(source);
  if (!document) return shown;
  for (const YamlNode& node : document->nodes) {
    for (const auto& [key, value] : node.pairs) {
      const bool both = key->is_scalar() && value->is_scalar();
      if (both && names_secret(key->text)) overwrite(shown, value->start, value->end);
    }
    if (!node.is_scalar() || secret_ranges(node.text).empty()) continue;
    // Written as meant: then the textual search has found it, and the rest may be seen.
    if (source.compare(node.start, node.text.size(), node.text) == 0) continue;
    overwrite(shown, node.start, node.end);
  }
  return shown;
}

void finish(std::vector<Diagnostic>& diagnostics, std::string_view file) {
  for (Diagnostic& diagnostic : diagnostics) diagnostic.file = file;
  const auto key = [](const Diagnostic& d) { return std::tie(d.line, d.column, d.message); };
  std::ranges::stable_sort(diagnostics, {}, key);
  // An alias brings the same node, and its mistakes, to several places.
  const auto rest = std::ranges::unique(diagnostics, {}, key);
  diagnostics.erase(rest.begin(), rest.end());
}

}  // namespace

bool LoadedPolicy::ok() const {
  return std::ranges::none_of(
      diagnostics, [](const Diagnostic& d) { return d.level == Diagnostic::Level::kError; });
}

LoadedPolicy load_policy(std::string_view yaml, std::string_view file) {
  const YamlLimits limits;
  LoadedPolicy loaded;
  Draft draft;
  if (yaml.size() > limits.bytes) {
    loaded.diagnostics.emplace_back().message =
        fmt::format("a policy has at most {} bytes", limits.bytes);
    finish(loaded.diagnostics, file);
    return loaded;
  }
  const std::string source = normalised(yaml);
  check_bytes(source, loaded.diagnostics);
  check_flow(source, loaded.diagnostics);
  std::optional<YamlDocument> document;
  if (loaded.diagnostics.empty()) document = parse_yaml(source, limits, loaded.diagnostics);
  if (document && document->root != nullptr) {
    Reader reader(source, loaded.diagnostics);
    read_sections(reader, *document->root, draft);
  } else if (document) {
    Diagnostic& empty = loaded.diagnostics.emplace_back();
    empty.message = "the policy is empty";
    empty.hint = "add version: 1";
  }
  loaded.source = shown_source(source, document);
  loaded.policy = std::move(draft.policy);
  loaded.policy.file = file;
  loaded.policy.digest = digest_of(yaml);
  finish(loaded.diagnostics, file);
  return loaded;
}

}  // namespace firebreak
