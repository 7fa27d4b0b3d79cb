"""Random rule sets of nft over the addresses of a Router, as nft -f reads them."""
import re

from probe import PORTS

HOOKS = {"prerouting": ((-300, "filter"), (-150, "filter"), (-100, "nat")),
         "input": ((-150, "filter"), (0, "filter"), (100, "nat")),
         "forward": ((-150, "filter"), (0, "filter"), (0, "filter"), (10, "filter")),
         "postrouting": ((-150, "filter"), (100, "nat"))}
# What lets replies, errors and neighbour discovery through: only the way in is under test, and of a connection its
# first packet.
WAY_BACK = {"prerouting": 'iifname != "in0" accept', "input": 'iifname != "in0" accept',
            "forward": 'oifname "in0" accept', "postrouting": 'oifname "in0" accept'}


class Generator:
    def __init__(self, random, router):
        self.random = random
        self.router = router
        self.features = set()
        self.ip = "ip" if router.family == 4 else "ip6"

    def rules(self):
        """Two tables, one of them for both families."""
        return "".join(self._table(*kind) for kind in ((self.ip, "one"), ("inet", "two")))

    def _pick(self, *choices):
        return self.random.choice(choices)

    def _table(self, family, name):
        self.chains = {f"{name[0]}{kind}{i}": kind for kind in ("filter", "nat") for i in range(3)}
        lines = [f"table {family} {name} {{"] + self._sets()
        blocks = []
        for hook, kinds in HOOKS.items():
            for priority, kind in kinds:
                if self.random.random() < 0.4:
                    blocks += self._base(hook, priority, kind)
        for place, (chain, kind) in enumerate(self.chains.items()):  # to later ones only: no loops
            later = [c for c, k in list(self.chains.items())[place + 1:] if k == kind]
            blocks += [f"chain {chain} {{"] + self._some(None, kind, later) + ["}"]
        # Verdict maps name chains, which must be there first.
        declared = [f"chain {chain} {{ }}" for chain in self.chains]
        return "\n".join(lines + declared + self._vmap_sets(name) + blocks + ["}\n"])

    def _base(self, hook, priority, kind):
        policy = "drop" if kind == "filter" and self.random.random() < 0.04 else "accept"
        if kind == "filter" and priority != -300:
            priority += self._pick(0, 0, 5, -7)
        head = [f"chain {hook}{self.random.randrange(10**9)} {{", f"type {kind} hook {hook} priority {priority}; policy {policy};"]
        prologue = [WAY_BACK[hook], "ct state established accept"] + (["meta l4proto ipv6-icmp accept"] if self.router.family == 6 and kind != "nat" else [])
        jumps = [chain for chain, its in self.chains.items() if its == kind and (kind != "nat" or hook == "prerouting")]
        return head + prologue + self._some(hook, kind, jumps) + ["}"]

    def _sets(self):
        pick = lambda pool, number=2: self.random.sample(pool, number)
        addr = f"ipv{self.router.family}_addr"
        senders, receivers = self.router.senders, self.router.receivers
        join = lambda values: ", ".join(str(value) for value in values)
        pairs = [f"{address} . {port}" for address in receivers for port in pick(PORTS)]
        return [
            f"set hosts {{ type {addr}; elements = {{ {join(pick(senders) + pick(receivers))} }} }}",
            f"set nets {{ type {addr}; flags interval; elements = {{ {self.router.network(self._pick(1, 2, 3))} }} }}",
            f"set services {{ type {addr} . inet_service; elements = {{ {join(pairs)} }} }}",
            f"set spans {{ type inet_proto . {addr} . inet_service; flags interval; elements = {{ tcp . {self.router.network(2)} . 80-500, "
            f"udp . {self.router.network(3)} . 5000-5001 }} }}",
            f"set ports {{ type inet_service; flags interval; elements = {{ {join(sorted(pick(PORTS[:3])))}, 5000-5001 }} }}",
            "set links { type ifname; elements = { in0, out1 } }",
            f"set marks {{ type mark; elements = {{ {join(pick(range(4)))} }} }}",
            f"set empty {{ type {addr}; }}",
            f"map goals {{ type inet_service : {addr}; elements = {{ 80 : {self._pick(*receivers)}, 5000 : {self._pick(*receivers)} }} }}",
            f"map exact {{ type {addr} . inet_service : {addr} . inet_service; elements = {{ {receivers[0]} . 80 : {receivers[4]} . 8080 }} }}",
            f"map paint {{ type {addr} : mark; elements = {{ {senders[0]} : 1, {senders[1]} : 2 }} }}",
        ]

    def _vmap_sets(self, name):
        go = lambda kind: self._pick("accept", "accept", "accept", "drop", "return", "continue", f"jump {name[0]}{kind}2", f"goto {name[0]}{kind}2")
        out = []
        for kind in ("filter",):
            out += [f"map by_link_{kind} {{ type ifname : verdict; elements = {{ in0 : {go(kind)}, out0 : {go(kind)}, out1 : {go(kind)} }} }}",
                    f"map by_port_{kind} {{ type inet_service : verdict; flags interval; elements = {{ 80-81 : {go(kind)}, 443 : {go(kind)}, "
                    f"5000-5001 : {go(kind)} }} }}"]
        return out

    def _some(self, hook, kind, jumps):
        rules = [f"{self._rule(hook, kind, jumps)}" for _ in range(self.random.randint(1, 4))]
        return [rule for rule in rules if rule.strip()]

    def _rule(self, hook, kind, jumps):
        proto = self._pick("", "", "tcp", "udp", "th")
        parts = {"": [], "th": ["meta l4proto { tcp, udp }"]}.get(proto, [f"meta l4proto {proto}"] if self.random.random() < 0.2 else [])
        for _ in range(self._pick(0, 1, 1, 2)):
            parts.append(self._match(hook, proto))
        ordered = [part for part in parts if re.search(" [<>]=? ", part)]
        parts = [part for part in parts if part not in ordered[1:]]  # nft prints "< a" and "> b" as one "!= a-b" of the last
        if self.random.random() < 0.2:
            parts.append(self._pick("counter", "log", "limit rate 10000/second burst 10000 packets"))
        has_ports = proto != "" and any(part.startswith((proto + " ", "meta l4proto")) for part in parts)
        return " ".join(parts + [self._end(hook, kind, jumps, proto if has_ports else "")])

    # ---- matches ----

    def _match(self, hook, proto):
        kinds = [self._address, self._address, self._state, self._mark, self._mark, self._set, self._type, self._original, self._link,
                 self._concat, self._protocol, self._odd]
        if proto:
            kinds += [self._port] * 4
        if proto == "tcp":
            kinds.append(self._flags)
        kind = self.random.choice(kinds)
        self.features.add(kind.__name__[1:])
        return kind(hook, proto)

    def _not(self):
        return "!= " if self.random.random() < 0.25 else ""

    def _some_address(self, pool):
        pick = self.random.choice(pool)
        one, net = (32, 24) if self.router.family == 4 else (128, 64)
        bits = self._pick(one, one, one - 1, one - 2, net)
        return f"{pick}/{bits}"

    def _address(self, _hook, _proto):
        side, pool = self._pick(("saddr", self.router.senders), ("daddr", self.router.receivers + list(self.router.own.values())))
        net = 1 if side == "saddr" else self._pick(2, 3)
        span = f"{self.router.address(net, 2)}-{self.router.address(net, self._pick(3, 5, 9))}"
        some = ", ".join(self.random.sample(pool, 2))
        value = self._pick(self._some_address(pool), self._some_address(pool), span, f"{{ {some} }}")
        if self.router.family == 4 and self.random.random() < 0.1:
            return f"ip {side} & 0.0.0.255 {self._pick('==', '!=')} 0.0.0.{self._pick(2, 3)}"
        return f"{self.ip} {side} {self._not()}{value}"

    def _port(self, _hook, proto):
        port = self.random.choice(PORTS)
        some = ", ".join(str(port) for port in self.random.sample(PORTS, 2))
        return f"{proto} " + self._pick(f"dport {self._not()}{port}", f"dport {self._not()}{port}-{port + 1000}", f"dport {self._not()}{{ {some} }}",
                                        f"dport {self._not()}@ports", f"dport < {port + 1}", f"dport >= {port}", "sport 20000-40000",
                                        f"sport {self._pick('<=', '>')} 30000", f"dport != {{ {some}, 20000-25000 }}")

    def _flags(self, _hook, _proto):
        return "tcp flags " + self._pick("syn", "syn,ack", "& (syn|ack) == ack", "& (syn|ack) == syn", "& (fin|syn|rst|ack) != syn", "! ack", "== syn",
                                         "!= syn", "{ syn, ack }", "& (rst|ack) == 0")

    def _state(self, _hook, _proto):
        states = ", ".join(self.random.sample(("new", "established", "related", "invalid", "untracked"), 2))
        status = self._pick("dnat", "snat", "dnat,snat", "& dnat == dnat", "! dnat", "& snat == 0")
        return self._pick("ct state new", f"ct state {states.replace(', ', ',')}", f"ct state {{ {states} }}", f"ct state != {{ {states} }}",
                          "ct state ! new", "ct state != established", "ct state & (new|established) == new", f"ct status {status}")

    def _original(self, hook, _proto):
        if self.random.random() < 0.3:
            return f"meta l4proto {{ tcp, udp }} ct original proto-dst {self._not()}{self._pick(*PORTS)}"
        return f"ct original {self.ip} daddr {self._not()}{self._some_address(self.router.receivers)}"

    def _mark(self, _hook, _proto):
        which = self._pick("meta", "meta", "ct")
        value = self._pick("0", "1", "2", "{ 0, 1, 5 }", "1-5", "{ 1-3, 6 }", "@marks")
        masked = self._pick("& 0x1 == 0x1", "& 0x3 == 0x2", "& 0x4 != 0", "& 0x1 == 0", "> 1", "<= 2")
        return f"{which} mark " + self._pick(f"{self._not()}{value}", masked)

    def _set(self, _hook, _proto):
        side = self._pick("saddr", "daddr", "daddr")
        return f"{self.ip} {side} {self._not()}@{self._pick('hosts', 'nets', 'hosts', 'empty')}"

    def _link(self, hook, _proto):
        ways = {"prerouting": ("iifname", "iif"), "input": ("iifname", "iif"), "postrouting": ("oifname", "oif"), None: ("iifname", "oifname")}
        key = self._pick(*ways.get(hook, ("iifname", "oifname", "iif", "oif")))
        value = self._pick("in0", "out0", "out1")
        if key.endswith("name"):
            value = self._pick(value, '"in*"', '"out*"', "{ out0, in0 }", '{ "out*", in0 }', "@links", '"eth0"')
        return f"{key} {self._not()}{value}"

    def _concat(self, hook, proto):
        port = f"{proto or 'tcp'} dport"
        if proto == "th":
            port = "th dport"
        a, b = self.random.sample(self.router.receivers, 2)
        p, q = self.random.sample(PORTS, 2)
        return self._pick(f"{self.ip} daddr . {port} {self._not()}@services", f"meta l4proto . {self.ip} daddr . th dport {self._not()}@spans",
                          f"{self.ip} saddr . {self.ip} daddr {self._not()}{{ {self.router.network(1)} . {a}, {self.router.senders[0]} . {b} }}"
                          if self.router.family == 4 else f"{self.ip} saddr . {self.ip} daddr {{ {self.router.senders[0]} . {b} }}",
                          f"meta iifname . {port} {self._not()}{{ in0 . {p}, out0 . {q} }}",
                          f"meta mark . {port} {{ 1 . {p}, 0 . {q} }}")

    def _protocol(self, _hook, _proto):
        name = {4: "ip protocol", 6: "ip6 nexthdr"}[self.router.family]
        return self._pick(f"{self._pick('meta l4proto', name)} {self._not()}{self._pick('tcp', 'udp', '{ tcp, sctp }', 'tcp-udp')}",
                          f"meta nfproto {self._not()}ipv{self._pick(4, 6)}",
                          f"meta protocol {self.ip}")  # nft does not print one that contradicts what follows

    def _type(self, hook, _proto):
        end = self._pick("daddr", "daddr", "saddr")
        limit = " . iif" if hook in ("prerouting", "input") and end == "daddr" and self.random.random() < 0.3 else ""
        return f"fib {end}{limit} type {self._not()}{self._pick('local', 'unicast', '{ local, multicast }')}"

    def _odd(self, _hook, _proto):
        """Not understood: its answer must not matter, or be unknown."""
        if self.random.random() < 0.7:
            return f"{self.ip} saddr {self.router.network(1)}"
        return "ip ttl > 3" if self.router.family == 4 else "ip6 hoplimit > 3"

    # ---- what becomes of it ----

    def _end(self, hook, kind, jumps, proto):
        if jumps and self.random.random() < 0.3:
            self.features.add("jump")
            return f"{self._pick('jump', 'goto')} {self._pick(*jumps)}"
        if kind == "filter" and self.random.random() < 0.3:
            return self._vmap(hook, jumps, proto)
        if self.random.random() < 0.1:
            return self._pick("return", "counter", "continue")
        if kind == "nat":
            return self._rewrite(hook, proto)
        if self.random.random() < 0.4:
            return self._change(hook)
        if hook in ("input", "forward") and self.random.random() < 0.3:
            self.features.add("reject")
            return "reject with tcp reset" if proto == "tcp" else "reject"
        return self._pick(*["accept"] * 6, "drop")

    def _vmap(self, hook, jumps, proto):
        self.features.add("vmap")
        go = lambda: self._pick("accept", "accept", "accept", "drop", "return", "continue", *[f"{self._pick('jump', 'goto')} {chain}" for chain in jumps])
        port = f"{proto} dport" if proto else "tcp dport"
        p, q, r = self.random.sample(PORTS, 3)
        a, b = self.random.sample(self.router.receivers, 2)
        catch_all = self._pick("", f", * : {go()}")
        choices = [f"{port} vmap {{ {p} : {go()}, {q} : {go()}, {r} : {go()}{catch_all} }}",
                   f"ct state vmap {{ new : {go()}, invalid : {go()}, untracked : {go()} }}",
                   f"meta mark vmap {{ 0 : {go()}, 1 : {go()}, 2-5 : {go()} }}",
                   f"{self.ip} daddr . {port} vmap {{ {a} . {p} : {go()}, {b} . {q} : {go()}{catch_all} }}",
                   f"{self.ip} saddr vmap {{ {self.router.senders[0]} : {go()}, {self.router.senders[1]} : {go()}{catch_all} }}",
                   f"meta l4proto vmap {{ tcp : {go()}, udp : {go()} }}"]
        if "by_link" and jumps and hook:  # a base chain may go anywhere
            choices += ["iifname vmap @by_link_filter", f"{port} vmap @by_port_filter"]
        after = self._pick("", "", " accept", " accept", " meta mark set 3")
        return self.random.choice(choices) + after

    def _change(self, hook):
        value = self._pick("1", "2", "meta mark | 4", "meta mark & 1", "meta mark ^ 5", "ct mark", "meta mark & 0xfffffffe | 2", "ct mark & 1 | 4",
                           f"{self.ip} saddr map @paint", f"{self.ip} saddr map {{ {self.router.senders[0]} : 5 }}")
        target = self._pick(f"meta mark set {value}", f"meta mark set {value}", "ct mark set 1", "ct mark set meta mark", "ct mark set ct mark | 2",
                            *(["notrack"] if hook == "prerouting" else []))
        self.features.add(" ".join(target.split()[:2]))
        if target == "notrack":
            return target
        return target + self._pick("", "", " accept", " accept", " return", f" ct mark set {self._pick(1, 4)}", " meta mark 1 drop",
                                   f" {self.ip} saddr {self.router.senders[0]} accept")

    def _rewrite(self, hook, proto):
        own, receivers = list(self.router.own.values()), self.router.receivers
        low, high = self.router.address(2, 2), self.router.address(2, 3)
        to = lambda address, port: f"{address}:{port}" if self.router.family == 4 else f"[{address}]:{port}"
        port, other = self._pick(*PORTS), self._pick(*PORTS)
        verb = {"postrouting": "snat", "input": "snat"}.get(hook, "dnat") + " " + self.ip
        if hook == "postrouting":
            target = self._pick("masquerade", f"{verb} to {self._pick(*own[1:])}", "accept",
                                f"{verb} to {self.ip} saddr map {{ {self.router.senders[0]} : {own[1]} }}")
        elif hook == "input":
            target = self._pick(f"{verb} to {self._pick(*self.router.senders)}", "accept")
        else:
            choices = [f"{verb} to {self._pick(*receivers + own)}", f"{verb} to {low}-{high}", "redirect", "accept",
                       f"{verb} to {self.ip} daddr map {{ {receivers[0]} : {receivers[1]}, {receivers[3]} : {own[0]} }}"]
            if proto:
                choices += [f"{verb} to {to(self._pick(*receivers), port)}", f"redirect to :{port}",
                            f"{verb} to {proto} dport map @goals", f"{verb} to {proto} dport map {{ {port} : {self._pick(*receivers)} }}",
                            f"{verb} to {self.ip} daddr . {proto} dport map @exact",
                            f"{verb} to {to(self._pick(*receivers), f'{port}-{port + 1}')}"]
            target = self.random.choice(choices)
        self.features.add(" ".join(target.split()[:1]))
        return target
