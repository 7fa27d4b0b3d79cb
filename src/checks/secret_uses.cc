#include "checks/secret_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>

#include "base/text.h"
#include "checks/support.h"

namespace firebreak {
namespace {

constexpr std::string_view kLabel = "label ";
constexpr std::string_view kCommand = "command ";

bool is_variable(const SecretPlace& place) {
  return !place.name.starts_with(kLabel) && !place.name.starts_with(kCommand);
}

}  // namespace

std::string_view noun_of(SecretKind kind) {
  switch (kind) {
    case SecretKind::kPassword: return "password";
    case SecretKind::kToken: return "token";
    case SecretKind::kApiKey: return "API key";
    case SecretKind::kPrivateKey: return "private key";
    case SecretKind::kAccessKeyId: return "access key";
  }
  return "secret";
}

std::string describe(const Secret& secret) {
  std::string text = secret.weak ? "guessable " : "";
  if (!secret.provider.empty()) text += printable(secret.provider) + " ";
  text += noun_of(secret.kind);
  if (!secret.account.empty()) text += fmt::format(" (account {})", printable(secret.account));
  return text;
}

Subject subject_of(const Estate& estate, const SecretPlace& place) {
  Subject subject = subject_of(estate, place.workload);
  std::string_view name = place.name;
  subject.kind = "variable";
  for (const std::string_view kind : {kLabel, kCommand}) {
    if (!name.starts_with(kind)) continue;
    subject.kind = trim(kind);
    name.remove_prefix(kind.size());
  }
  subject.name += " " + printable(name);
  return subject;
}

std::vector<Remedy> removals(const Estate& estate, const std::vector<SecretPlace>& places) {
  std::vector<Remedy> result;
  for (auto begin = places.begin(); begin != places.end();) {
    const auto end = std::find_if(begin, places.end(), [&](const SecretPlace& place) {
      return place.workload != begin->workload;
    });
    Removal removal;
    std::vector<std::string> compose;
    std::vector<std::string> options;
    for (const SecretPlace& place : std::ranges::subrange(begin, end)) {
      compose.push_back(printable(place.name));
      options.push_back((is_variable(place) ? "-e " : "") + printable(place.name));
      if (!is_variable(place)) continue;
      removal.service_update.emplace_back("--env-rm");
      removal.service_update.push_back(place.name);
    }
    removal.compose = "the value of " + listed(compose, compose.size());
    removal.option = "the value of " + listed(options, options.size());
    result.push_back(recreate_without(estate, begin->workload, removal));
    begin = end;
  }
  return result;
}

std::string display_name(const Estate& estate, const SecretPlace& place) {
  return display_name(estate, place.workload) + " " + printable(place.name);
}

std::string stable_name(const Estate& estate, const SecretPlace& place) {
  return stable_name(estate, place.workload) + " " + place.name;
}

std::string listed_names(const std::vector<SecretPlace>& places) {
  std::set<std::string> names;
  for (const SecretPlace& place : places) names.insert(printable(place.name));
  return listed(std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace firebreak
