// The engine's rules as iptables-save prints them, one family at a time. Internal to this folder.
#pragma once

#include <string>

#include "derive/plan.h"
#include "derive/save_text.h"
#include "snapshot/kernel.h"

namespace firebreak::derive {

// The tables of one family, and what the rules are made from.
struct Firewall {
  const Plan& plan;
  bool six = false;
  SaveTable raw{"raw", {"PREROUTING", "OUTPUT"}};
  SaveTable filter{"filter", {"INPUT", "FORWARD", "OUTPUT"}};
  SaveTable nat{"nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}};
};

// Filter rules: of 20.10 to 27, and of 28 and 29.
void add_old_filter(Firewall& firewall);
void add_new_filter(Firewall& firewall);
void add_nat(Firewall& firewall);
void add_raw(Firewall& firewall);  // from 28

// Swarm's rules for ports that the ingress network publishes; IPv4 only, like the engine.
void add_ingress(Firewall& firewall, const Host& host);
// The ports; empty on hosts that have no ingress network or do not know its services.
[[nodiscard]] std::vector<PublishedPort> ingress_ports(const Host& host);

// Bindings of this family of the host that rules are made for, of all tenants in their order.
[[nodiscard]] std::vector<Binding> ruled_bindings(const Plan& plan, bool six);

[[nodiscard]] FilterTexts filter_texts(const Plan& plan, const Host& host);

}  // namespace firebreak::derive
