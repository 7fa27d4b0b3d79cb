"""Derived kernel state on real engines: from the API alone, the same rules as iptables-save prints, in the same
order, the same addresses, routes, proxies and published ports as the kernel has."""
import json
import os
import re
import unittest

from engines import Engine, Firebreak, require, run

BUILD = os.environ.get("FIREBREAK_BUILD", "build/dev")
BRIDGE = "com.docker.network.bridge."

# In the order of their names, in which derived rules stand.
NETWORKS = [
    ("a-plain",),
    ("b-internal", "--internal"),
    ("c-icc-off", "-o", BRIDGE + "enable_icc=false"),
    ("d-internal-icc-off", "--internal", "-o", BRIDGE + "enable_icc=false"),
    ("e-no-masquerade", "-o", BRIDGE + "enable_ip_masquerade=false"),
    ("f-loopback-only", "-o", BRIDGE + "host_binding_ipv4=127.0.0.1"),
    ("g-named", "--subnet", "10.90.1.0/24", "-o", BRIDGE + "name=fbnamed"),
    ("h-six", "--ipv6", "--subnet", "fd00:90::/64", "--subnet", "10.90.2.0/24"),
    ("i-six-internal", "--internal", "--ipv6", "--subnet", "fd00:91::/64", "--subnet", "10.90.3.0/24"),
    ("j-six-icc-off", "--ipv6", "--subnet", "fd00:92::/64", "-o", BRIDGE + "enable_icc=false"),
    ("k-ranged", "--subnet", "10.93.0.0/16", "--ip-range", "10.93.5.0/24"),
    ("l-source-nat", "-o", "com.docker.network.host_ipv4=10.90.1.1"),
    ("m-nat", "-o", BRIDGE + "gateway_mode_ipv4=nat"),
    ("n-own-gateway", "--subnet", "10.94.0.0/24", "--gateway", "10.94.0.200"),
]
MACVLAN = ("-d", "macvlan", "--subnet", "10.95.0.0/24", "-o", "parent=wire0", "-o", "macvlan_mode=private")
NEWER_NETWORKS = [
    ("o-unprotected", "-o", BRIDGE + "gateway_mode_ipv4=nat-unprotected"),
    ("p-isolated", "--internal", "-o", BRIDGE + "gateway_mode_ipv4=isolated"),
    ("q-trusting", "-o", BRIDGE + "trusted_host_interfaces=docker0:fbnamed"),
    ("r-routed", "-o", BRIDGE + "gateway_mode_ipv4=routed"),
    ("s-six-routed", "--ipv6", "-o", BRIDGE + "gateway_mode_ipv6=routed"),
]
CONTAINERS = [
    ("ca", "bridge", "-p", "8001:80"),
    ("cb", "a-plain", "-p", "8002:80", "-p", "8003:53/udp", "-p", "127.0.0.1:8004:80", "-p", "8005-8007:8005-8007"),
    ("cc", "a-plain"),
    ("cd", "b-internal", "-p", "8010:80"),
    ("ce", "c-icc-off", "-p", "8011:80"),
    ("cf", "e-no-masquerade", "-p", "8012:80"),
    ("cg", "f-loopback-only", "-p", "8013:80"),
    ("ch", "g-named", "-p", "8014:80"),
    ("ci", "h-six", "-p", "8015:80", "-p", "[::1]:8016:81", "-p", "127.0.0.1:8017:82"),
    ("cj", "i-six-internal"),
    ("ck", "j-six-icc-off", "-p", "8018:80"),
    ("cl", "k-ranged", "-p", "8019:80"),
    ("cm", "l-source-nat", "-p", "8020:80", "-p", "10.90.1.1:8021:81"),
    ("cn", "m-nat", "-p", "8022:80"),
    ("co", "n-own-gateway"),
]
NEWER_CONTAINERS = [
    ("cp", "o-unprotected", "-p", "8030:80", "-p", "127.0.0.1:8031:81"),
    ("cq", "p-isolated"),
    ("cr", "q-trusting", "-p", "8032:80"),
    ("cs", "r-routed", "-p", "8033:80", "-p", "127.0.0.1:8034:81"),
    ("ct", "s-six-routed", "-p", "8035:80", "-p", "127.0.0.1:8036:81"),
]


def owned(text):
    """{(table, chain): rules} of what Docker writes: its own chains, and the rules with its marks in the base
    chains. Consecutive rules that differ only in ports are sorted: in which order an engine adds the ports of one
    container is not to be seen in its API."""
    chains, table = {}, None
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":DOCKER"):
            chains.setdefault((table, line[1:].split()[0]), [])
        elif line.startswith("-A "):
            chains.setdefault((table, line.split()[1]), []).append(line)
    return {place: by_port(rules) for place, rules in chains.items()}


def by_port(rules):
    runs = []
    for rule in rules:
        shape = re.sub(r"--dport \d+|\]?:\d+$|-[pm] (tcp|udp)|-d (127.0.0.1/32|::1/128|10.90.1.1/32)", "", rule).split()
        if runs and runs[-1][0] == shape and "--dport" in rule:
            runs[-1][1].append(rule)
        else:
            runs.append((shape, [rule]))
    return [rule for _, same in runs for rule in sorted(same)]


class OnAnEngine:
    maxDiff = None
    extra = ""
    options = []

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine("derive", extra=cls.extra)
        cls.furnish()
        cls.firebreak = Firebreak()
        code, out, err = cls.firebreak.run("snapshot", "--host", f"h={cls.engine.url}")
        assert code == 0, err
        cls.snapshot = cls.firebreak.write("snapshot.json", out)
        cls.host = json.loads(out)["hosts"][0]
        cls.read = cls.host["kernel"]
        cls.names = {c["id"]: c["name"] for c in cls.host["containers"]}
        cls.derived = cls.derive(*cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    @classmethod
    def furnish(cls):
        docker = cls.engine.docker
        cls.version = int(docker("version", "-f", "{{.Server.Version}}").split(".")[0])
        newer = cls.version >= 28
        for name, *options in NETWORKS + (NEWER_NETWORKS if newer else []):
            docker("network", "create", *options, name)
        for name, network, *options in CONTAINERS + (NEWER_CONTAINERS if newer else []):
            cls.engine.start(name, "--network", network, *options)
            if name == "ch":  # its ports stay with g-named, but h-six has gateways of both families
                docker("network", "connect", "a-plain", name)
            if name == "cl":
                docker("network", "connect", "h-six", name)
        cls.engine.start("stopped", "--network", "a-plain", "-p", "8090:80")
        docker("stop", "-t", "0", "stopped")
        for words in (("add", "wire0", "type", "veth", "peer", "name", "wire1"), ("set", "wire0", "up"), ("set", "wire1", "up")):
            cls.engine.namespace.run("ip", "link", *words)
        docker("network", "create", *MACVLAN, "z-mac")
        cls.engine.start("mac", "--network", "z-mac")
        cls.engine.start("without", "--network", "none")
        cls.engine.start("beside", "--network", "container:ca")
        cls.engine.start("hosted", "--network", "host")

    @classmethod
    def derive(cls, *words):
        out = run(f"{BUILD}/tests/derive_rules", cls.snapshot, *words)[1]
        return json.loads(out)["hosts"][0]["kernel"]

    def assert_rules(self, tool):
        wanted = owned(self.read["host"]["filters"].get(tool, ""))
        found = owned(self.derived["host"]["filters"].get(tool, ""))
        self.assertEqual(sorted(wanted), sorted(found))
        for place in wanted:
            self.assertEqual("\n".join(wanted[place]), "\n".join(found[place]), place)
        return wanted

    def test_rules_of_ipv4(self):
        wanted = self.assert_rules("iptables_nft")
        self.assertGreater(len(wanted[("filter", "DOCKER")]), 12)

    def test_rules_of_ipv6(self):
        wanted = self.assert_rules("ip6tables_nft")
        self.assertEqual(bool(wanted), self.version >= 28 or "--ip6tables" in self.extra)

    def test_options_are_guessed_from_what_was_read(self):
        self.assertEqual(self.derive(*self.options, *self.policy()), self.derive())

    def policy(self):
        dropped = ":FORWARD DROP" in self.read["host"]["filters"]["iptables_nft"]
        six = "on" if self.version >= 28 or "--ip6tables" in self.extra else "off"
        return [f"forward-drop={'on' if dropped else 'off'}", f"ip6tables={six}"]

    def test_bridges(self):
        def bridges(state):
            return {link["name"]: sorted(a for a in link["addresses"] if not a.startswith("fe80"))
                    for link in state["links"] if link.get("kind") == "bridge" and "addresses" in link}
        real = bridges(self.read["host"])
        # A bridge without an address of its own has link-local ones.
        self.assertEqual({n: a for n, a in real.items() if a}, bridges(self.derived["host"]))

    @staticmethod
    def routes_of(state, names):
        return sorted((r["destination"], r.get("gateway", ""), names[r["link"]], r.get("metric", 0), r.get("source", ""))
                      for r in state.get("routes", []) if not r["destination"].startswith("fe80"))

    def test_routes_of_the_host(self):
        def routes(state):
            names = {link["index"]: link["name"] for link in state["links"]}
            return [r for r in self.routes_of(state, names) if not r[0].endswith("/0")]
        self.assertEqual(routes(self.read["host"]), routes(self.derived["host"]))

    def namespaces(self, kernel):
        return {self.names[c["container"]]: c["state"] for c in kernel["containers"]}

    def test_containers(self):
        """Each interface is told by its addresses: their numbers depend on the order of connecting."""
        def seen(state):
            addresses = {link["index"]: tuple(sorted(a for a in link.get("addresses", []) if not a.startswith("fe80")))
                         for link in state["links"]}
            return sorted(set(addresses.values()) - {("127.0.0.1/8", "::1/128"), ("127.0.0.1/8",)}), \
                self.routes_of(state, addresses)
        read, derived = self.namespaces(self.read), self.namespaces(self.derived)
        self.assertEqual(sorted(read), sorted(derived))
        self.assertNotIn("stopped", derived)
        for name, state in read.items():
            self.assertEqual(seen(state), seen(derived[name]), name)
            self.assertEqual(["sockets"], [gap["what"] for gap in derived[name]["unread"]])

    def test_both_ends_of_a_veth_name_each_other(self):
        at_host = {link["index"]: link for link in self.derived["host"]["links"]}
        masters = {}
        for name, state in self.namespaces(self.derived).items():
            for link in state["links"]:
                if link.get("kind") == "veth":
                    self.assertEqual(link["index"], at_host[link["peer"]]["peer"])
                    masters.setdefault(name, []).append(at_host[at_host[link["peer"]]["master"]]["name"])
        self.assertEqual(["docker0"], masters["ca"])
        self.assertEqual(2, len(masters["ch"]))

    def test_a_macvlan_stands_on_its_parent(self):
        def seen(kernel):
            link = next(link for link in self.namespaces(kernel)["mac"]["links"] if link.get("kind") == "macvlan")
            parent = next(p for p in kernel["host"]["links"] if p["index"] == link["peer"])
            return link["mode"], parent["name"]
        self.assertEqual(("private", "wire0"), seen(self.read))
        self.assertEqual(("private", "wire0"), seen(self.derived))

    def test_proxies(self):
        self.assertEqual(self.read["proxies"] if "proxies" in self.read else [], self.derived.get("proxies", []))
        self.assertEqual("--userland-proxy=false" in self.extra, "proxies" not in self.derived)

    def test_listeners_of_published_ports(self):
        def published(state):
            return sorted((s.get("protocol", "tcp"), s["address"], s["port"], s.get("v6_only", False))
                          for s in state["host"].get("listeners", []) if 8000 <= s["port"] < 8100)
        self.assertEqual(published(self.read), published(self.derived))

    def test_sysctls_of_bridges(self):
        read = {s["name"]: s["value"] for s in self.read["host"]["sysctls"]}
        derived = {s["name"]: s["value"] for s in self.derived["host"]["sysctls"]}
        compared = [name for name in derived if name.endswith((".route_localnet", "ip_forward", "call-iptables"))
                    or (".forwarding" in name and ".ipv4." in name)]
        self.assertGreater(len(compared), 20)
        for name in compared:
            if ".eth0." not in name:
                self.assertEqual(read[name], derived[name], name)


class WithDefaults(OnAnEngine, unittest.TestCase):
    pass


class WithoutTheProxy(OnAnEngine, unittest.TestCase):
    extra = "--userland-proxy=false"
    options = ["userland-proxy=off"]


class WithRulesOfIPv6(OnAnEngine, unittest.TestCase):
    extra = "--ip6tables --experimental"
    options = ["ip6tables=on"]


class OtherEngines(unittest.TestCase):
    def test_podman_and_unknown_versions_are_refused(self):
        require("true")
        firebreak = Firebreak()
        path = firebreak.write("s.json", json.dumps(
            {"schema": "firebreak/snapshot/1", "taken": "2026-11-23T10:00:00Z", "gaps": [], "hosts": [
                {"name": "h", "engine": {"product": "podman", "version": "4.3.1"}, "containers": [], "networks": [],
                 "volumes": [], "images": []}]}))
        for words, said in (((), "podman"), (("19.03.5",), "19.03.5"), (("latest",), "latest"), (("31.0",), "31.0")):
            code, _, error = run(f"{BUILD}/tests/derive_rules", path, *words, check=False)
            self.assertEqual(2, code)
            self.assertIn(said, error)
