// Collects what a value holds while the readers of its forms go through it.
#pragma once

#include <string_view>
#include <vector>

#include "secret/canonical.h"
#include "secret/key.h"
#include "snapshot/secret.h"

namespace firebreak {

class Harvest {
 public:
  explicit Harvest(const FingerprintKeys& keys) : keys_(keys) {}

  // Adds the secret unless it cannot be one (canonical.h) or stands there already. Says whether.
  bool secret(std::string_view plain, SecretKind kind, std::string_view provider = {});
  // What stands at a place for a password, token or key, named by `name`.
  bool named_secret(std::string_view name, std::string_view plain);
  void target(Target target);
  // Sets the account of the secrets found so far that have none.
  void account(std::string_view name);

  void adopt(const std::vector<Secret>& found);

  // An empty one under the same keys.
  [[nodiscard]] Harvest fresh() const { return Harvest(keys_); }
  [[nodiscard]] bool empty() const { return secrets.empty() && targets.empty(); }

  std::vector<Secret> secrets;
  std::vector<Target> targets;
  bool keep_hostless = false;  // targets without a host count too: a program's own default

 private:
  const FingerprintKeys& keys_;
};

}  // namespace firebreak
