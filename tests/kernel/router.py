"""A router between a sender and a receiver, each a network namespace, and what the simple evaluator says of a
packet that the sender sends: hook by hook, with this router's routing between them."""
import json
import os
import re
import subprocess
import tempfile
import time

import engines

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("FIREBREAK_BUILD", "build/dev")
NEW = 8  # OnState::kNew


class Router:
    """in0 leads to the sender, out0 and out1 to the receiver. One family."""

    def __init__(self, family):
        self.family = family
        self.own = {net: self.address(net, 1) for net in (1, 2, 3)}
        self.interfaces = {1: "in0", 2: "out0", 3: "out1"}
        self.senders = [self.address(1, host) for host in (2, 3, 9)]
        self.receivers = [self.address(net, host) for net in (2, 3) for host in (2, 3, 9)]
        self.folder = tempfile.mkdtemp(prefix="firebreak-router-")
        self.processes = []
        self.sender, self.router, self.receiver = (engines.Namespace(name) for name in ("s", "r", "d"))
        self._wire()
        self._serve(self.receiver, "D", self.receivers)
        self._serve(self.router, "R", list(self.own.values()))
        self.prober = self._python(self.sender, "connect")

    def address(self, net, host):
        return f"10.77.{net}.{host}" if self.family == 4 else f"fd00:77:{net}::{host}"

    def net_of(self, address):
        return int(address.split("." if self.family == 4 else ":")[2])

    def network(self, net):
        return f"10.77.{net}.0/24" if self.family == 4 else f"fd00:77:{net}::/64"

    def _wire(self):
        ip = lambda namespace, *words: engines.run("ip", "-n", namespace.name, *words)
        bits = "24" if self.family == 4 else "64"
        for net, name in self.interfaces.items():
            other = self.sender if net == 1 else self.receiver
            ip(self.router, "link", "add", name, "type", "veth", "peer", "name", name, "netns", other.name)
            hosts = [a for a in self.senders + self.receivers if self.net_of(a) == net]
            for namespace, addresses in ((self.router, [self.own[net]]), (other, hosts)):
                for address in addresses:
                    ip(namespace, "address", "add", f"{address}/{bits}", "dev", name, *(["nodad"] if self.family == 6 else []))
                ip(namespace, "link", "set", name, "up")
        ip(self.sender, "route", "add", "default", "via", self.own[1])
        ip(self.receiver, "route", "add", "default", "via", self.own[2])
        settings = ["net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.icmp_ratelimit=0",
                    "net.ipv4.icmp_msgs_per_sec=1000000", "net.ipv4.icmp_msgs_burst=1000000",
                    "net.ipv6.conf.all.forwarding=1", "net.ipv6.icmp.ratelimit=0"]
        settings += [f"net.ipv4.conf.{name}.rp_filter=0" for name in self.interfaces.values()]
        for setting in settings:
            self.router.run("sysctl", "-qw", setting, check=False)

    def _python(self, namespace, *words):
        process = subprocess.Popen(["nsenter", f"--net=/run/netns/{namespace.name}", "python3", f"{HERE}/probe.py", *words],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def _serve(self, namespace, name, addresses):
        assert self._python(namespace, "serve", name, *addresses).stdout.readline() == "ready\n"

    def probe(self, probes, patience):
        """What came of each probe (see probe.py)."""
        self.prober.stdin.write(json.dumps({"probes": probes, "patience": patience}) + "\n")
        self.prober.stdin.flush()
        return json.loads(self.prober.stdout.readline())

    def load(self, backend, rules, sets):
        """Loads a rule set and its ipsets, and keeps what the tools print of them for `predict`."""
        tables = "iptables" if self.family == 4 else "ip6tables"
        self.router.run("ipset", "restore", stdin=sets)
        code, _, error = self.router.run(f"{tables}-{backend}-restore", stdin=rules, check=False)
        if code:
            numbered = "\n".join(f"{i:4} {line}" for i, line in enumerate(rules.splitlines(), 1))
            raise AssertionError(f"{error}\n{numbered}")
        for name, words in (("rules", [f"{tables}-{backend}-save"]), ("sets", ["ipset", "save"])):
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(self.router.run(*words)[1])

    def load_nft(self, rules, all_lines=False):
        """The same for a rule set of nft. Unless all lines must be right, those that nft refuses are left out: not all
        that can be written makes sense to it ("conflicting protocols specified")."""
        lines = ["flush ruleset"] + rules.splitlines()
        for _ in range(40):
            code, _, error = self.router.run("nft", "-f", "-", stdin="\n".join(lines) + "\n", check=False)
            if code == 0:
                break
            wrong = re.search(r"^/dev/stdin:(\d+):", error, re.MULTILINE)
            if all_lines or not wrong or lines[int(wrong[1]) - 1].startswith(("table", "set", "map", "chain", "type", "}")):
                break
            lines[int(wrong[1]) - 1] = ""
        if code:
            raise AssertionError(f"{error}\n" + "\n".join(f"{i:4} {line}" for i, line in enumerate(lines, 1)))
        for name, text in (("rules", self.router.run("nft", "-j", "-s", "list", "ruleset")[1]), ("sets", "")):
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)

    def unload(self, backend, empty):
        tables = "iptables" if self.family == 4 else "ip6tables"
        self.router.run(f"{tables}-{backend}-restore", stdin=empty)
        self.router.run("ipset", "flush")  # lists let go of their members
        for _ in range(100):  # the kernel lets go of a rule's sets a little later
            if self.router.run("ipset", "destroy", check=False)[0] == 0:
                return
            time.sleep(0.05)
        raise AssertionError("the sets stay in use")

    def _evaluate(self, hook, packets):
        if not packets:
            return []
        local = [f"{self.own[net]}/{24 if self.family == 4 else 64}@{name}" for net, name in self.interfaces.items()]
        lines = "".join(f"hook={hook} {packet}\n" for packet in packets)
        out = engines.run(f"{BUILD}/tests/evaluate_packets", str(self.family), f"{self.folder}/rules",
                          f"{self.folder}/sets", *local, stdin=lines)[1]
        return out.splitlines()

    def predict(self, probes):
        """For each probe the set of what may come of it; with "unknown" in it anything may."""
        possible = [set() for _ in probes]
        why = [[] for _ in probes]

        def stage(hook, flows):  # [(probe's number, packet)] -> those that go on
            after = []
            for (number, _), line in zip(flows, self._evaluate(hook, [packet for _, packet in flows])):
                result, _, rules = line.partition(" # ")
                why[number].append(f"{hook}: {result} # {rules}")
                kind, _, packets = result.partition(" ")
                if kind == "accepted":
                    after += [(number, packet.strip()) for packet in packets.split(" | ")]
                else:
                    possible[number].add({"dropped": "silent", "rejected": "refused", "unknown": "unknown"}[kind])
            return after

        flows = stage("prerouting", [(number, packet_of(probe)) for number, probe in enumerate(probes)])
        local = [flow for flow in flows if field(flow[1], "dst") in self.own.values()]
        routed = [(number, packet.replace("out= ", f"out={self.interfaces[self.net_of(field(packet, 'dst'))]} "))
                  for number, packet in flows if (number, packet) not in local]
        for number, packet in stage("input", local):
            possible[number].add("open R " + seen(packet))
        for number, packet in stage("postrouting", stage("forward", routed)):
            possible[number].add("open D " + seen(packet))
        return possible, why

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        for namespace in (self.sender, self.router, self.receiver):
            namespace.close()


def packet_of(probe):
    return (f"in=in0 out= proto={probe['proto']} src={probe['src']} dst={probe['dst']} sport={probe['sport']} "
            f"dport={probe['dport']} mark=0 cmark=0 state={NEW} odst=? oport=?")


def field(packet, name):
    return dict(word.split("=", 1) for word in packet.split())[name]


def seen(packet):
    """What the listener sees, in the words of probe.py."""
    return " ".join(field(packet, name) for name in ("dst", "dport", "src", "sport"))


def agrees(possible, answer):
    """Whether what came is one of what may come; "?" stands for anything, and "open" alone for any opening."""
    for one in possible:
        if one in (answer, "unknown") or (answer == "open" and one.startswith("open ")):
            return True
        mine, theirs = one.split(), answer.split()
        if len(mine) == len(theirs) and all(a in (b, "?") for a, b in zip(mine, theirs)):
            return True
    return False
