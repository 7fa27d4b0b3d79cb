// Names of images, as Docker reads them: "api", "shop/api:1.4",
// "registry.example.com:5000/shop/api@sha256:…".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// A reference in full: what the short forms leave out is filled in ("postgres" is
// docker.io/library/postgres).
struct ImageReference {
  std::string registry;    // "docker.io", "registry.example.com:5000"; lower case
  std::string repository;  // "library/postgres", "shop/api"
  std::string tag;         // empty if none was written
  std::string digest;      // "sha256:…"; empty if none was written

  // nullopt for what Docker refuses, and for an image's id ("sha256:…", 64 hex digits), which names
  // no repository. A short id cannot be told from a name.
  [[nodiscard]] static std::optional<ImageReference> parse(std::string_view text);

  // A tag can be moved to another image; a digest cannot.
  [[nodiscard]] bool pinned() const { return !digest.empty(); }
  // What stands before the last part of the repository: "shop" of shop/api, "" of api.
  [[nodiscard]] std::string_view name_space() const;
  // "registry.example.com/shop/api", as a person writes it ("postgres" for
  // docker.io/library/postgres).
  [[nodiscard]] std::string name() const;
  // name() with its tag ("latest" if there is neither tag nor digest) and digest.
  [[nodiscard]] std::string text() const;
};

// Where the image comes from, as far as its registry's name tells.
enum class RegistryKind {
  kPublic,   // a registry that anyone pulls from, or a hoster that many share: says nothing of its
             // users
  kOnHost,   // localhost and loopback addresses with a port: another registry on every host
  kNowhere,  // "localhost" without a port: Podman's name for what was built on the spot
  kPrivate,  // everything else: run by or for somebody
};
[[nodiscard]] RegistryKind registry_kind(std::string_view registry);

}  // namespace firebreak
