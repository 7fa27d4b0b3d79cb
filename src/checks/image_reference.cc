// The grammar of distribution/reference, by hand: a name is split at its separators and each part
// is checked once, so the cost is linear. https://github.com/distribution/reference documents it:
//
//   reference = [domain "/"] path ["/" path]* [":" tag] ["@" digest]
//   path      = [a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*
//
// The first part is a domain only if it holds "." or ":", an upper-case letter, or is "localhost".
#include "checks/image_reference.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::string_view kHub = "docker.io";
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxTag = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '_'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// Whether all that stands between separators is `valid`.
template <class Valid>
bool all_parts(std::string_view text, char separator, Valid valid) {
  while (true) {
    const std::size_t at = text.find(separator);
    if (!valid(text.substr(0, at))) return false;
    if (at == std::string_view::npos) return true;
    text.remove_prefix(at + 1);
  }
}

bool valid_path(std::string_view path) {
  if (path.empty()) return false;
  std::size_t i = 0;
  while (true) {
    const std::size_t start = i;
    while (i < path.size() && (is_lower(path[i]) || is_digit(path[i]))) ++i;
    if (i == start) return false;
    if (i == path.size()) return true;
    const char separator = path[i];
    const std::size_t first = i;
    while (i < path.size() && path[i] == separator) ++i;
    const std::size_t longest = separator == '.' ? 1 : separator == '_' ? 2 : kMaxName;
    if ((separator != '.' && separator != '_' && separator != '-') || i - first > longest)
      return false;
  }
}

bool valid_domain(std::string_view domain) {
  if (domain.starts_with('[')) {  // IPv6, with or without a port
    const std::size_t end = domain.find(']');
    if (end == std::string_view::npos || !IpAddress::parse(domain.substr(1, end - 1))) return false;
    const std::string_view rest = domain.substr(end + 1);
    return rest.empty() || (rest.starts_with(':') && Port::parse(rest.substr(1)));
  }
  const std::size_t colon = domain.find(':');
  if (colon != std::string_view::npos) {
    if (!Port::parse(domain.substr(colon + 1))) return false;
    domain = domain.substr(0, colon);
  }
  return all_parts(domain, '.', [](std::string_view part) {
    return !part.empty() && part.front() != '-' && part.back() != '-' &&
           std::ranges::all_of(part, [](char c) { return c == '-' || (is_word(c) && c != '_'); });
  });
}

bool valid_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxTag && is_word(tag.front()) &&
         std::ranges::all_of(tag, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool valid_digest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view algorithm = digest.substr(0, colon);
  const std::string_view hex = digest.substr(colon + 1);
  return hex.size() >= 32 && std::ranges::all_of(hex, is_hex) &&
         std::ranges::all_of(algorithm,
                             [](char c) { return is_word(c) || c == '+' || c == '.' || c == '-'; });
}

bool is_image_id(std::string_view text) {
  if (text.starts_with("sha256:")) return true;
  return text.size() == 64 && std::ranges::all_of(text, is_hex);
}

bool is_domain(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::ranges::any_of(first, is_upper);
}

}  // namespace

std::optional<ImageReference> ImageReference::parse(std::string_view text) {
  if (is_image_id(text)) return std::nullopt;
  ImageReference result;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    result.digest = text.substr(at + 1);
    if (!valid_digest(result.digest)) return std::nullopt;
    text = text.substr(0, at);
  }
  const std::size_t last_slash = text.rfind('/');
  const std::size_t after = last_slash == std::string_view::npos ? 0 : last_slash + 1;
  if (const std::size_t colon = text.find(':', after); colon != std::string_view::npos) {
    result.tag = text.substr(colon + 1);
    if (!valid_tag(result.tag)) return std::nullopt;
    text = text.substr(0, colon);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && is_domain(text.substr(0, slash))) {
    if (!valid_domain(text.substr(0, slash))) return std::nullopt;
    result.registry = lower(text.substr(0, slash));
    text = text.substr(slash + 1);
    if (result.registry == "index.docker.io" || result.registry == "registry-1.docker.io")
      result.registry = kHub;
  } else {
    result.registry = kHub;
  }
  if (!all_parts(text, '/', valid_path)) return std::nullopt;
  if (result.registry == kHub && text.find('/') == std::string_view::npos)
    result.repository = "library/";
  result.repository += text;
  if (result.registry.size() + 1 + result.repository.size() > kMaxName) return std::nullopt;
  return result;
}

std::string_view ImageReference::name_space() const {
  const std::size_t slash = repository.rfind('/');
  return std::string_view(repository).substr(0, slash == std::string::npos ? 0 : slash);
}

std::string ImageReference::name() const {
  if (registry != kHub) return registry + "/" + repository;
  return repository.starts_with("library/") ? repository.substr(8) : repository;
}

std::string ImageReference::text() const {
  std::string result = name();
  if (!tag.empty())
    result += ":" + tag;
  else if (digest.empty())
    result += ":latest";
  if (!digest.empty()) result += "@" + digest;
  return result;
}

RegistryKind registry_kind(std::string_view registry) {
  // Anyone may push into the hosters among these, so one registry for two environments says
  // nothing; and whether a repository on them is somebody's own cannot be told from its name. The
  // cloud providers' per-account registries (*.dkr.ecr.*.amazonaws.com, *.azurecr.io, *.pkg.dev)
  // are private unless opened, so they are not here.
  static constexpr std::array<std::string_view, 32> kPublicRegistries = {
      "cgr.dev",
      "codeberg.org",
      "container-registry.oracle.com",
      "cr.fluentbit.io",
      "cr.jaegertracing.io",
      "cr.l5d.io",
      "cr.weaviate.io",
      "dhi.io",
      "docker.elastic.co",
      "docker.getoutline.com",
      "docker.io",
      "docker.n8n.io",
      "docker.redpanda.com",
      "docker.umami.is",
      "gcr.io",
      "ghcr.io",
      "icr.io",
      "k8s.gcr.io",
      "lscr.io",
      "mcr.microsoft.com",
      "mirror.gcr.io",
      "nvcr.io",
      "public.ecr.aws",
      "quay.io",
      "registry.access.redhat.com",
      "registry.fedoraproject.org",
      "registry.gitlab.com",
      "registry.hub.docker.com",
      "registry.k8s.io",
      "registry.opensuse.org",
      "registry.redhat.io",
      "registry.suse.com",
  };
  static_assert(std::ranges::is_sorted(kPublicRegistries));
  if (std::ranges::binary_search(kPublicRegistries, registry)) return RegistryKind::kPublic;
  if (registry.ends_with(".gcr.io") || registry.ends_with(".icr.io")) return RegistryKind::kPublic;
  if (registry == "localhost") return RegistryKind::kNowhere;

  std::string_view host = registry;
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  const std::optional<IpAddress> address = IpAddress::parse(host);
  if (host == "localhost" || (address && address->is_loopback())) return RegistryKind::kOnHost;
  return RegistryKind::kPrivate;
}

}  // namespace firebreak
