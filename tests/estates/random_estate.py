"""Random estates, from a seed, for a real engine: networks and containers in all their options, published ports,
services, and an administrator's own rules.

An estate is plain data, so that one that fails can be made smaller (shrink.py):
  engine      which of ENGINES it runs on
  host        {"rp_filter", "bridge_nf", "forward"}: settings of the host
  networks    [{"name", "subnet", "subnet6", "internal", "icc", "masquerade", "bridge", "binding"}]
  containers  [{"name", "mode", "more": [networks], "publish": [words for -p]}]
  services    [{"at", "protocol", "port", "address"}]: what listens before anything is measured
  rules       [{"tool", "table", "chain", "how", "rule"}]
  tables      [{"family", "name", "text"}]: for nft, beside Docker's own
Rules and tables name what is only known once it is there as {bridge NET}, {subnet NET}, {ip CONTAINER},
{gateway NET}; one whose name is gone is left out."""
import random
import re

ENGINES = {"proxy": "", "no-proxy": "--userland-proxy=false", "no-icc": "--icc=false",
           "six": "--experimental --ip6tables"}
UPLINK, UPLINK6 = "198.51.100.1", "fd00:99::1"
CONTAINER_PORTS = [53, 80, 443, 5000, 5432]
PORTS = sorted({*CONTAINER_PORTS, 8001, 8002, 9100})


class Generator:
    def __init__(self, seed, nft=True):
        self.chance = random.Random(seed)
        self.nft = nft
        self.host_ports = iter(self.chance.sample(range(8000, 8040), 30))
        self.features = set()

    def maybe(self, percent, feature=None):
        yes = self.chance.random() * 100 < percent
        if yes and feature:
            self.features.add(feature)
        return yes

    def pick(self, choices, prefix=""):
        """One of [(weight, value)]; notes it as a feature if there is a prefix."""
        value = self.chance.choices([v for _, v in choices], [w for w, _ in choices])[0]
        if prefix:
            self.features.add(f"{prefix}{value}")
        return value

    def estate(self):
        engine = self.pick([(40, "proxy"), (25, "no-proxy"), (15, "no-icc"), (20, "six")], "engine:")
        self.networks = [self.network(i) for i in range(self.chance.randint(1, 4))]
        self.containers = []
        for i in range(self.chance.randint(2, 6)):
            self.containers.append(self.container(i))
        self.names = ["docker0", *(network["name"] for network in self.networks)]
        return {
            "engine": engine,
            "host": {"rp_filter": self.pick([(70, 0), (20, 1), (10, 2)], "rp_filter="),
                     "bridge_nf": self.pick([(85, 1), (15, 0)], "bridge-nf="),
                     "forward": self.pick([(60, "DROP"), (40, "ACCEPT")], "FORWARD policy ")},
            "networks": self.networks, "containers": self.containers,
            "services": [self.service() for _ in range(self.chance.randint(0, 4))],
            "rules": [self.rule() for _ in range(self.pick([(3, 0), (3, 1), (2, 3), (2, 6)]))],
            "tables": [self.table(i) for i in range(self.pick([(60, 0), (30, 1), (10, 2)]) if self.nft else 0)]}

    def network(self, i):
        return {"name": f"net{i}",
                "subnet": f"10.{60 + i}.0.0/24" if self.maybe(60, "fixed subnet") else None,
                "subnet6": f"fd00:{60 + i}::/64" if self.maybe(30, "IPv6 network") else None,
                "internal": self.maybe(20, "internal network"),
                "icc": not self.maybe(25, "icc=false network"),
                "masquerade": not self.maybe(15, "no masquerade"),
                "bridge": f"fbr{i}" if self.maybe(40, "bridge name") else None,
                "binding": self.pick([(85, None), (8, "127.0.0.1"), (7, UPLINK)], "host_binding=")}

    def container(self, i):
        names = [network["name"] for network in self.networks]
        owners = [c["name"] for c in self.containers if c["mode"] not in ("host", "none") and ":" not in c["mode"]]
        kind = self.pick([(15, "bridge"), (60, "network"), (8, "host"), (5, "none"), (12, "container")], "mode ")
        if kind == "container" and not owners:
            kind = "bridge"
        mode = {"network": lambda: self.chance.choice(names),
                "container": lambda: "container:" + self.chance.choice(owners)}.get(kind, lambda: kind)()
        bridged = kind in ("bridge", "network")
        more = []
        if bridged and self.maybe(35, "multi-homed"):
            more = [name for name in self.chance.sample(names, 1) if name != mode]
        publish = [self.publish() for _ in range(self.chance.randint(0, 2))] if bridged else []
        return {"name": f"box{i}", "mode": mode, "more": more, "publish": publish}

    def publish(self):
        host, port = next(self.host_ports), self.chance.choice(CONTAINER_PORTS)
        protocol = self.pick([(70, "tcp"), (30, "udp")], "publish ")
        where = self.pick([(50, "any"), (15, "loopback"), (15, "uplink"), (20, "gateway")], "publish on ")
        address = {"any": "", "loopback": "127.0.0.1:", "uplink": f"{UPLINK}:", "gateway": "172.17.0.1:"}[where]
        if self.maybe(15, "publish a range"):
            return f"{address}{host + 100}-{host + 101}:{port}-{port + 1}/{protocol}"
        return f"{address}{host}:{port}/{protocol}"

    def service(self):
        at = self.chance.choice(["@host", *(c["name"] for c in self.containers if c["mode"] != "host" and ":" not in c["mode"])])
        port = self.chance.choice([9100, 7000, 7001]) if at == "@host" else self.chance.choice([*CONTAINER_PORTS, 7000])
        return {"at": at, "protocol": self.pick([(70, "tcp"), (30, "udp")], "service "), "port": port,
                "address": self.pick([(60, None), (20, "127.0.0.1"), (20, "first")], "service on ")}

    def end(self, flag, kind):
        """An address match: -s or -d."""
        bridged = [c["name"] for c in self.containers if c["mode"] not in ("host", "none") and ":" not in c["mode"]]
        value = self.pick([(40, "{subnet %s}" % self.chance.choice(self.names)),
                           (40, "{ip %s}" % self.chance.choice(bridged)) if bridged else (0, UPLINK),
                           (10, "{gateway %s}" % self.chance.choice(self.names)), (10, "10.0.0.0/8")])
        self.features.add(f"{kind} {flag}")
        return f"{self.bang(kind, 15)}{flag} {value} "

    def bang(self, kind, percent):
        return "! " if self.maybe(percent, f"{kind} negation") else ""

    def ports(self, kind):
        one = self.chance.choice(PORTS)
        form = self.pick([(60, "--dport"), (20, "range"), (20, "multiport")], f"{kind} ")
        if form == "range":
            return f"--dport {one}:{one + self.chance.choice([1, 20, 1000])} "
        if form == "multiport":
            return f"-m multiport {self.bang(kind, 20)}--dports {one},{self.chance.choice(PORTS)} "
        return f"{self.bang(kind, 15)}--dport {one} "

    def rule(self):
        chain = self.pick([(50, "DOCKER-USER"), (22, "INPUT"), (13, "FORWARD"), (6, "OUTPUT"), (5, "PREROUTING raw"),
                           (4, "PREROUTING nat")], "rule in ")
        chain, _, table = chain.partition(" ")
        six = chain in ("INPUT", "FORWARD") and self.maybe(20, "ip6tables rule")
        kind, spec = "rule", ""
        if self.maybe(40, "rule -i") and chain != "OUTPUT":
            spec += f"{self.bang(kind, 15)}-i {{bridge {self.chance.choice(self.names)}}} "
        if self.maybe(35, "rule -o") and chain not in ("INPUT", "PREROUTING"):
            spec += f"{self.bang(kind, 15)}-o {{bridge {self.chance.choice(self.names)}}} "
        if not six:
            spec += self.end("-s", kind) if self.maybe(30) else ""
            spec += self.end("-d", kind) if self.maybe(30) else ""
        protocol = self.pick([(40, ""), (35, "tcp"), (20, "udp"), (5, "icmp")], "rule -p ")
        if table == "nat":
            protocol = "tcp"
        if protocol and not (six and protocol == "icmp"):
            spec += f"-p {protocol} " + (self.ports(kind) if protocol != "icmp" and self.maybe(75) else "")
        if table != "raw" and self.maybe(20, "rule conntrack"):
            states = self.chance.choice(["NEW", "RELATED,ESTABLISHED", "INVALID", "NEW,RELATED", "DNAT"])
            spec += f"-m conntrack {self.bang(kind, 20)}--ctstate {states} "
        if table == "nat":
            target = self.pick([(50, "REDIRECT --to-ports 7000"), (50, "RETURN")], "nat ")
        elif table == "raw":
            target = self.pick([(70, "DROP"), (30, "ACCEPT")], "raw ")
        else:
            target = self.pick([(45, "DROP"), (15, "REJECT"), (25, "ACCEPT"), (15, "RETURN")], "rule -j ")
        return {"tool": "ip6tables" if six else "iptables", "table": table or "filter", "chain": chain,
                "how": self.pick([(75, "-I"), (25, "-A")]), "rule": f"{spec}-j {target}"}

    def table(self, i):
        hook = self.pick([(50, "forward"), (35, "input"), (10, "prerouting"), (5, "output")], "nft hook ")
        family = self.pick([(60, "ip"), (40, "inet")], "nft family ")
        rules = [self.nft_rule(hook, family) for _ in range(self.chance.randint(1, 3))]
        policy = self.pick([(90, "accept"), (10, "drop")], "nft policy ") if hook == "forward" else "accept"
        declared = "  set senders { type ipv4_addr; flags interval; elements = { {subnet %s}, 192.0.2.0/24 } }\n" % \
            self.chance.choice(self.names)
        declared += "  map doors { type inet_service : verdict; elements = { 80 : drop, 443 : accept, 5000 : drop } }\n"
        text = (f"table {family} extra{i} {{\n{declared}  chain {hook} {{\n    type filter hook {hook} priority "
                f"{self.chance.choice([-10, 5, 20])}; policy {policy};\n" + "".join(f"    {rule}\n" for rule in rules) + "  }\n}\n")
        return {"family": family, "name": f"extra{i}", "text": text}

    def nft_rule(self, hook, family):
        bridge = "\"{bridge %s}\"" % self.chance.choice(self.names)
        verdict = self.pick([(60, "drop"), (25, "accept"), (15, "reject")], "nft ")
        if hook == "prerouting":
            verdict = "drop" if verdict == "reject" else verdict
        towards = "oifname" if hook in ("forward", "output") else "iifname"
        form = self.pick([(20, "set"), (20, "vmap"), (20, "names"), (20, "ports"), (20, "state")], "nft ")
        if form == "set":
            return f"ip saddr {self.chance.choice(['', '!= '])}@senders tcp dport {{ 80, 8000-8040 }} {verdict}"
        if form == "vmap":
            return "tcp dport vmap @doors"
        if form == "names":
            return f"{towards} {{ {bridge}, \"lo\" }} udp dport {self.chance.choice(PORTS)} {verdict}"
        if form == "ports":
            return f"{towards} {bridge} tcp dport != {{ 80, 443 }} ct state new {verdict}"
        return f"ct state established,related accept\n    {towards} {bridge} meta l4proto tcp {verdict}"


def ports_of_rules(estate):
    """The ports that rules name, and one beyond: from these, answers may get through where others do not."""
    named = re.findall(r"dports? ([\d:,]+)", " ".join(rule["rule"] for rule in estate["rules"]))
    named += re.findall(r"dport (?:!= )?\{? ?([\d, -]+)", " ".join(table["text"] for table in estate["tables"]))
    return sorted({int(port) for words in named for port in re.findall(r"\d+", words)})


def ports_of(estate, chance):
    """Every port that an estate names anywhere, their neighbours, and two that nobody names."""
    text = " ".join([*(word for c in estate["containers"] for word in c["publish"]), *(rule["rule"] for rule in estate["rules"]),
                     *(table["text"].split("type filter", 1)[1] for table in estate["tables"])])
    text = re.sub(r"\d+\.\d+\.\d+\.\d+(/\d+)?|priority \S+|net\d|box\d", " ", text)
    named = {int(number) for number in re.findall(r"\b\d{2,5}\b", text)}
    named |= {service["port"] for service in estate["services"]} | {80, 443}
    around = {port + step for port in named for step in (-1, 0, 1)}
    return sorted({port for port in around if 0 < port < 65536} | {chance.randint(20000, 30000), chance.randint(1, 1023)})
