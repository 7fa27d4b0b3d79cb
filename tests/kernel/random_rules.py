"""Random rule sets over the addresses of a Router, as iptables-restore and ipset restore read them."""
from probe import PORTS

BASE = {"raw": ("PREROUTING",), "mangle": ("PREROUTING", "INPUT", "FORWARD", "POSTROUTING"),
        "nat": ("PREROUTING", "INPUT", "POSTROUTING"), "filter": ("INPUT", "FORWARD"), "security": ("INPUT", "FORWARD")}
ALL = {"raw": ("PREROUTING", "OUTPUT"), "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
       "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), "filter": ("INPUT", "FORWARD", "OUTPUT"),
       "security": ("INPUT", "FORWARD", "OUTPUT")}


def empty():
    return "".join(f"*{table}\n" + "".join(f":{chain} ACCEPT [0:0]\n" for chain in chains) + "COMMIT\n"
                   for table, chains in ALL.items())


class Generator:
    def __init__(self, random, router):
        self.random = random
        self.router = router
        self.features = set()

    def sets(self):
        """One set of each kind."""
        family = "inet" if self.router.family == 4 else "inet6"
        some = lambda pool: self.random.sample(pool, 2)
        lines = [f"create hosts hash:ip family {family}", f"create nets hash:net family {family}",
                 f"create services hash:ip,port family {family}", "create ports bitmap:port range 0-65535",
                 f"create links hash:net,iface family {family}",
                 "create all list:set size 8", "add all hosts", "add all services"]
        lines += [f"add hosts {address}" for address in some(self.router.senders) + some(self.router.receivers)]
        lines += [f"add nets {self.router.network(self.random.choice((1, 2, 3)))}"]
        lines += [f"add services {address},{self.random.choice(('tcp', 'udp'))}:{port}"
                  for address in self.router.receivers for port in some(PORTS)]
        lines += [f"add ports {port}" for port in some(PORTS)]
        lines += [f"add links {self.router.network(1)},{self.random.choice(('in0', 'out0'))}"]
        return "\n".join(lines) + "\n"

    def rules(self):
        return "".join(self._table(table, chains) for table, chains in ALL.items())

    def probes(self, number, ports):
        """`ports` gives source ports, each once: no connection is mistaken for an older one."""
        out = []
        for _ in range(number):
            to = self.router.receivers if self.random.random() < 0.7 else list(self.router.own.values())
            out.append({"proto": self.random.choice((6, 6, 6, 17)), "src": self.random.choice(self.router.senders),
                        "sport": next(ports), "dst": self.random.choice(to), "dport": self.random.choice(PORTS)})
        return out

    def _table(self, table, chains):
        lines = [f"*{table}"]
        mine = [f"{table.upper()[0]}{i}" for i in range(self.random.randint(0, 3))]
        for chain in chains:
            lines.append(f":{chain} {self._policy(table, chain)} [0:0]")
        lines += [f":{chain} - [0:0]" for chain in mine]
        for chain in chains:
            lines += [f"-A {chain} {rule}" for rule in self._prologue(table, chain)]
        for chain in BASE[table]:
            if self.random.random() < 0.6:
                # The chains of nat rewrite destinations, which the kernel does in PREROUTING only.
                lines += self._chain(table, chain, mine if table != "nat" or chain == "PREROUTING" else [])
        for place, chain in enumerate(mine):  # chains jump to later ones only: no loops
            lines += self._chain(table, chain, mine[place + 1:])
        return "\n".join(lines + ["COMMIT\n"])

    def _policy(self, table, chain):
        return "DROP" if table != "nat" and chain != "OUTPUT" and self.random.random() < 0.04 else "ACCEPT"

    def _prologue(self, table, chain):
        """What lets replies, errors and neighbour discovery through: only the way in is under test."""
        way_back = {"PREROUTING": "! -i in0", "FORWARD": "-o in0", "POSTROUTING": "-o in0", "INPUT": "! -i in0"}
        rules = [way_back[chain] + " -j ACCEPT"] if chain in way_back else []
        return rules + (["-p ipv6-icmp -j ACCEPT"] if self.router.family == 6 and table != "nat" else [])

    def _chain(self, table, chain, jumps):
        return [f"-A {chain} " + " ".join(self._rule(table, chain, jumps)) for _ in range(self.random.randint(0, 6))]

    def _rule(self, table, chain, jumps):
        protocol = self.random.choice(("", "", "tcp", "tcp", "tcp", "udp"))
        own = []
        for match in self.random.sample((self._source, self._destination, self._in, self._out), self.random.choice((0, 1, 2, 2))):
            own += match(chain)
        if protocol:
            own += self._maybe_not() + ["-p", protocol]
        with_ports = protocol and "!" not in own[-3:-2]
        matches = []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            match = self._match(table, chain, protocol if with_ports else "")
            if match[:2] != matches[:2]:  # iptables-nft-save misprints a rule with one match twice
                matches += match
        return own + matches + self._target(table, chain, jumps, protocol if with_ports else "")

    def _not(self, words):
        return self._maybe_not() + words

    def _maybe_not(self):
        return ["!"] if self.random.random() < 0.25 else []

    def _any_address(self, pool):
        pick = self.random.choice(pool)
        one, net = (32, 24) if self.router.family == 4 else (128, 64)
        return f"{pick}/{self.random.choice((one, one, one - 1, one - 2, net))}"

    def _source(self, _chain):
        return self._not(["-s", self._any_address(self.router.senders)])

    def _destination(self, _chain):
        return self._not(["-d", self._any_address(self.router.receivers + list(self.router.own.values()))])

    def _in(self, chain):
        if chain in ("POSTROUTING", "OUTPUT"):
            return []
        return self._not(["-i", self.random.choice(("in0", "in+", "in", "out+", "eth0"))])

    def _out(self, chain):
        if chain in ("PREROUTING", "INPUT"):
            return []
        return self._not(["-o", self.random.choice(("out0", "out1", "out+", "in0"))])

    def _match(self, table, chain, protocol):
        kinds = [self._state, self._mark, self._mark, self._set, self._range, self._type, self._original, self._idle, self._hops]
        if protocol:
            kinds += [self._port, self._port, self._multiport]
        if protocol == "tcp":
            kinds += [self._flags]
        kind = self.random.choice(kinds)
        self.features.add(kind.__name__[1:])
        return kind(chain, protocol)

    def _port(self, _chain, protocol):
        port = self.random.choice(PORTS)
        words = self.random.choice((["--dport", f"{port}"], ["--dport", f"{port}:{port + 1000}"], ["--dport", f":{port}"],
                                    ["--sport", "20000:40000"], ["--sport", "30000:"]))
        return ["-m", protocol] + self._not(words)

    def _multiport(self, _chain, _protocol):
        ports = ",".join(str(port) for port in self.random.sample(PORTS, 2))
        words = self.random.choice((["--dports", ports], ["--ports", ports + ",20000:25000"], ["--sports", "20000:30000,40000:50000"]))
        return ["-m", "multiport"] + self._not(words)

    def _flags(self, _chain, _protocol):
        words = self.random.choice((["--syn"], ["--tcp-flags", "SYN,ACK", "ACK"], ["--tcp-flags", "ALL", "SYN"],
                                    ["--tcp-flags", "RST,ACK", "NONE"]))
        return ["-m", "tcp"] + self._not(words)

    def _state(self, _chain, _protocol):
        states = self.random.sample(("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "DNAT", "SNAT"), self.random.choice((1, 2)))
        if self.random.random() < 0.2 and not {"DNAT", "SNAT"} & set(states):
            return ["-m", "state"] + self._not(["--state", ",".join(states)])
        return ["-m", "conntrack"] + self._not(["--ctstate", ",".join(states)])

    def _original(self, _chain, _protocol):
        words = self.random.choice((["--ctorigdst", self._any_address(self.router.receivers)],
                                    ["--ctorigdstport", str(self.random.choice(PORTS))]))
        return ["-m", "conntrack"] + self._not(words)

    def _mark(self, _chain, _protocol):
        match = self.random.choice(("mark", "mark", "connmark"))
        value = self.random.choice(("0x0", "0x1", "0x1/0x1", "0x0/0x1", "0x2/0x3", "0x0/0x4", "0x4/0x4"))
        return ["-m", match] + self._not(["--mark", value])

    def _set(self, _chain, _protocol):
        name, dimensions = self.random.choice((("hosts", 1), ("nets", 1), ("services", 2), ("ports", 1), ("links", 2),
                                               ("all", 1), ("all", 2), ("services", 1)))
        flags = ",".join(self.random.choice(("src", "dst")) for _ in range(dimensions))
        return ["-m", "set"] + self._not(["--match-set", name, flags])

    def _range(self, _chain, _protocol):
        side = self.random.choice(("src", "dst"))
        low, high = sorted(self.random.sample((2, 3, 5, 9), 2))
        net = 1 if side == "src" else self.random.choice((2, 3))
        return ["-m", "iprange"] + self._not([f"--{side}-range", f"{self.router.address(net, low)}-{self.router.address(net, high)}"])

    def _type(self, chain, _protocol):
        some = "LOCAL,BROADCAST" if self.router.family == 4 else "LOCAL,UNICAST"
        words = self._not(["--dst-type", self.random.choice(("LOCAL", "UNICAST", some, "MULTICAST"))])
        if chain in ("PREROUTING", "INPUT") and self.random.random() < 0.3:
            words += ["--limit-iface-in"]
        if self.random.random() < 0.2:
            words = self._not(["--src-type", "LOCAL"])
        return ["-m", "addrtype"] + words

    def _idle(self, _chain, _protocol):
        """Bounds that hold from the first packet on, or never do."""
        return self.random.choice((["-m", "connlimit", "--connlimit-above", "1000"], ["-m", "connlimit", "--connlimit-above", "0"],
                                   ["-m", "limit", "--limit", "10000/sec", "--limit-burst", "10000"]))

    def _hops(self, _chain, _protocol):
        """Not understood: its answer must not matter, or be unknown."""
        return (["-m", "ttl", "--ttl-gt", "3"] if self.router.family == 4 else ["-m", "hl", "--hl-gt", "3"]) \
            if self.random.random() < 0.15 else []

    def _target(self, table, chain, jumps, protocol):
        if jumps and self.random.random() < 0.4:
            self.features.add("jump")
            return [self.random.choice(("-j", "-g")), self.random.choice(jumps)]
        if self.random.random() < 0.12:
            return self.random.choice((["-j", "RETURN"], ["-j", "LOG"], [], ["-j", "NFLOG"]))
        kind = {"nat": self._rewrite, "mangle": self._change, "raw": self._raw, "filter": self._verdict}.get(table, self._plain)
        return kind(chain, protocol)

    def _verdict(self, chain, protocol):
        if self.random.random() < 0.2:
            self.features.add("reject")
            return ["-j", "REJECT"] + (["--reject-with", "tcp-reset"] if protocol == "tcp" else [])
        return self._plain(chain, protocol)

    def _plain(self, _chain, _protocol):
        return ["-j", self.random.choice(("ACCEPT", "ACCEPT", "ACCEPT", "DROP"))]

    def _raw(self, _chain, _protocol):
        target = self.random.choice(("ACCEPT", "ACCEPT", "DROP", "CT --notrack", "NOTRACK", "MARK --set-mark 1"))
        self.features.add(target.split()[0])
        return ["-j", *target.split()]

    def _change(self, _chain, _protocol):
        target = self.random.choice(("ACCEPT", "DROP", "MARK --set-mark 0x1", "MARK --xor-mark 0x5", "MARK --set-xmark 0x2/0x3",
                                     "MARK --or-mark 0x4", "MARK --and-mark 0x1", "MARK --xor-mark 0x1", "CONNMARK --set-mark 0x1",
                                     "CONNMARK --save-mark", "CONNMARK --restore-mark", "CONNMARK --or-mark 0x2"))
        self.features.add(target.split()[0])
        return ["-j", *target.split()]

    def _rewrite(self, chain, protocol):
        if not protocol:
            target = self._rewrite_addresses(chain)
        elif chain in ("INPUT", "POSTROUTING"):
            target = self._rewrite_addresses(chain)
        else:
            target = self.random.choice((self._rewrite_addresses(chain), f"REDIRECT --to-ports {self.random.choice(PORTS)}",
                                         "DNAT --to-destination " + self._with_port(self.random.choice(self.router.receivers))))
        self.features.add(target.split()[0])
        return ["-j", *target.split()]

    def _rewrite_addresses(self, chain):
        own = list(self.router.own.values())
        if chain == "POSTROUTING":
            return self.random.choice(("MASQUERADE", f"SNAT --to-source {self.random.choice(own[1:])}", "ACCEPT"))
        if chain == "INPUT":
            return self.random.choice((f"SNAT --to-source {self.random.choice(self.router.senders)}", "ACCEPT"))
        low, high = self.router.address(2, 2), self.router.address(2, 3)
        return self.random.choice((f"DNAT --to-destination {self.random.choice(self.router.receivers + own)}", "REDIRECT",
                                   f"DNAT --to-destination {low}-{high}", "ACCEPT"))

    def _with_port(self, address):
        port = self.random.choice(PORTS)
        return f"{address}:{port}" if self.router.family == 4 else f"[{address}]:{port}"
