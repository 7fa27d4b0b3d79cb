"""Kernel state in snapshots, on real engines: what it says equals what ip, ss, iptables-save, nft and ipset
say in the same network namespace."""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from engines import Engine, Firebreak, require, run

SECRET = "hunter2-never-shown"


# Sockets of all kinds, until the process is killed.
SOCKETS = """
import signal
from socket import *
kept = []
def bound(family, kind, address, *options):
    kept.append(socket(family, kind))
    for option in options:
        kept[-1].setsockopt(*option)
    kept[-1].bind(address)
    if kind == SOCK_STREAM:
        kept[-1].listen()
bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 81))
bound(AF_INET6, SOCK_STREAM, ("::", 82), (IPPROTO_IPV6, IPV6_V6ONLY, 1))
bound(AF_INET6, SOCK_STREAM, ("::", 83), (IPPROTO_IPV6, IPV6_V6ONLY, 0))
bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 55))
kept[-1].connect(("127.0.0.1", 9))
bound(AF_INET, SOCK_DGRAM, ("0.0.0.0", 53))
bound(AF_INET, SOCK_DGRAM, ("0.0.0.0", 54), (SOL_SOCKET, SO_BINDTODEVICE, b"eth0"))
signal.pause()
"""


def inside(pid, *argv):
    """What a program prints in the network namespace of a process."""
    return run("nsenter", "-t", str(pid), "-n", *argv)[1]


def json_inside(pid, *argv):
    return json.loads(inside(pid, *argv) or "[]")


def inode_of(pid):
    return os.stat(f"/proc/{pid}/ns/net").st_ino


def without_free_text(rules):
    """iptables-save's text as firebreak keeps it, by another method: one regular expression a form."""
    quoted = r'(?:"(?:\\.|[^"\\])*"|[^\s"]+)'
    rules = re.sub(r" -m comment --comment " + quoted, "", rules, flags=re.S)
    rules = re.sub(r"(--log-prefix|--string) " + quoted, r'\1 "***"', rules, flags=re.S)
    rules = re.sub(r"^(:\S+ \S+) \[\d+:\d+\]$", r"\1 [0:0]", rules, flags=re.M)
    return re.sub(r"^#.*\n", "", rules, flags=re.M)


def wait_until(condition):
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


class OnAnEngine(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        require("nft", "ipset", "ss", "iptables-legacy")
        cls.engine = Engine("kernel")
        cls.pid = cls.engine.process.pid
        cls.furnish()
        cls.firebreak = Firebreak()
        cls.code, out, cls.err = cls.firebreak.run("snapshot", "--host", f"h={cls.engine.url}")
        cls.text = out
        cls.host = json.loads(out)["hosts"][0]
        cls.kernel = cls.host.get("kernel", {})

    @classmethod
    def tearDownClass(cls):
        cls.sockets.kill()
        cls.sockets.wait()
        cls.engine.close()

    @classmethod
    def furnish(cls):
        """Networks with options, containers in all modes, and rules of an administrator's own."""
        docker, start = cls.engine.docker, cls.engine.start
        root = cls.engine.namespace.run
        docker("network", "create", "plain-net")
        docker("network", "create", "--internal", "inner-net")
        docker("network", "create", "--subnet", "10.90.1.0/24", "--opt", "com.docker.network.bridge.name=fbnamed",
               "--opt", "com.docker.network.bridge.enable_icc=false", "named-net")
        docker("network", "create", "--ipv6", "--subnet", "fd00:90::/64", "six-net")
        root("ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1")
        root("ip", "link", "set", "wire0", "up")
        docker("network", "create", "-d", "macvlan", "--subnet", "10.91.0.0/24", "-o", "parent=wire0",
               "-o", "macvlan_mode=private", "mac-net")
        listens = ("nc", "-ll", "-p", "80", "-e", "cat")
        start("web", "--network", "plain-net", "-p", "8080:80", "-p", "127.0.0.1:8053:53/udp", command=listens)
        docker("network", "connect", "named-net", "web")
        start("beside", "--network", "container:web")
        start("hosted", "--network", "host", command=("nc", "-ll", "-p", "9100", "-e", "cat"))
        start("six", "--network", "six-net", "-p", "8086:80")
        start("mac", "--network", "mac-net")
        start("alone", "--network", "none")
        start("ended", "--network", "plain-net")
        docker("stop", "-t", "0", "ended")
        root("iptables", "-I", "DOCKER-USER", "-s", "10.0.0.0/8", "-m", "comment", "--comment",
             f"token \"{SECRET}\"\n-A INPUT -j ACCEPT", "-j", "DROP")
        root("iptables", "-A", "DOCKER-USER", "-p", "tcp", "-j", "LOG", "--log-prefix", f"{SECRET[:20]} ")
        root("ip6tables", "-A", "INPUT", "-p", "tcp", "--dport", "22", "-m", "comment", "--comment", SECRET, "-j", "DROP")
        root("iptables-legacy", "-A", "INPUT", "-p", "tcp", "--dport", "23", "-j", "DROP")
        root("ipset", "create", "blocked", "hash:ip", "comment")
        root("ipset", "add", "blocked", "192.0.2.1", "comment", SECRET)
        root("iptables", "-A", "INPUT", "-m", "set", "--match-set", "blocked", "src", "-j", "DROP")
        root("nft", "add table inet guard { comment \"" + SECRET + "\"; }")
        root("nft", "add chain inet guard input { type filter hook input priority 10; }")
        root("nft", "add rule inet guard input tcp dport 25 counter log prefix \"" + SECRET + "\" drop comment \"" + SECRET + "\"")
        root("ip", "route", "add", "10.98.0.0/16", "dev", "wire0", "table", "100", "metric", "7")
        root("ip", "route", "add", "blackhole", "10.97.0.0/16")
        root("ip", "rule", "add", "fwmark", "0x10/0xf0", "iif", "wire0", "table", "100", "priority", "500")
        root("ip", "rule", "add", "ipproto", "tcp", "table", "100", "priority", "501")
        cls.pids = {name: int(docker("inspect", "-f", "{{.State.Pid}}", name))
                    for name in ("web", "beside", "hosted", "six", "mac", "alone")}
        cls.ids = {docker("inspect", "-f", "{{.Id}}", name): name for name in cls.pids}
        cls.sockets = subprocess.Popen(["nsenter", "-t", str(cls.pids["web"]), "-n", sys.executable, "-c", SOCKETS])
        wait_until(lambda: ":80 " in inside(cls.pids["web"], "ss", "-Hlnt")
                   and ":54 " in inside(cls.pids["web"], "ss", "-Hlnu")
                   and ":9100 " in inside(cls.pid, "ss", "-Hlnt"))
        # Addresses of IPv6 are not there until they are known to be nobody else's.
        wait_until(lambda: "tentative" not in inside(cls.pid, "ip", "addr") + inside(cls.pids["six"], "ip", "addr"))

    def namespaces(self):
        """Every namespace of the snapshot, with a process in it."""
        yield self.pid, self.kernel["host"]
        for container in self.kernel["containers"]:
            yield self.pids[self.ids[container["container"]]], container["state"]

    def test_it_is_there_and_whole(self):
        self.assertEqual(0, self.code, self.err)
        self.assertNotIn("kernel_missing", self.host)
        self.assertNotIn("unread", self.kernel)
        for pid, state in self.namespaces():
            self.assertNotIn("unread", state)
            self.assertEqual(inode_of(pid), state["inode"])
        owners = sorted(self.ids[c["container"]] for c in self.kernel["containers"])
        self.assertEqual(["alone", "mac", "six", "web"], owners)

    def test_links(self):
        for pid, state in self.namespaces():
            wanted = {link["ifname"]: link for link in json_inside(pid, "ip", "-j", "-d", "link")}
            index = {name: link["ifindex"] for name, link in wanted.items()}
            self.assertEqual(set(wanted), {link["name"] for link in state["links"]})
            for link in state["links"]:
                real = wanted[link["name"]]
                info = real.get("linkinfo", {})
                data, port = info.get("info_data", {}), info.get("info_slave_data", {})
                self.assertEqual(real["ifindex"], link["index"])
                self.assertEqual(info.get("info_kind", ""), link.get("kind", ""))
                self.assertEqual("UP" in real["flags"], link.get("up", False))
                self.assertEqual("LOOPBACK" in real["flags"], link.get("loopback", False))
                self.assertEqual(index.get(real.get("master"), 0), link.get("master", 0))
                self.assertEqual(real.get("link_netnsid"), link.get("peer_namespace"))
                self.assertEqual(real.get("link_index", index.get(real.get("link"), 0)), link.get("peer", 0))
                if link.get("kind") == "macvlan":
                    self.assertEqual(data["mode"], link["mode"])
                self.assertEqual(port.get("hairpin", False), link.get("hairpin", False))
                self.assertEqual(port.get("isolated", False), link.get("isolated", False))
                self.assertEqual(bool(data.get("nf_call_iptables", 0)), link.get("nf_call_iptables", False))
        kinds = {link.get("kind") for link in self.kernel["host"]["links"]}
        self.assertLessEqual({"bridge", "veth"}, kinds)
        self.assertIn("private", {link.get("mode") for c in self.kernel["containers"] for link in c["state"]["links"]})

    def test_both_ends_of_a_veth_name_each_other(self):
        at_host = {link["index"]: link for link in self.kernel["host"]["links"]}
        ends = 0
        for container in self.kernel["containers"]:
            for link in container["state"]["links"]:
                if link.get("kind") == "veth":
                    self.assertEqual(link["index"], at_host[link["peer"]]["peer"])
                    ends += 1
        self.assertEqual(3, ends)

    def test_addresses(self):
        for pid, state in self.namespaces():
            wanted = {link["ifname"]: sorted(f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"])
                      for link in json_inside(pid, "ip", "-j", "addr")}
            self.assertEqual(wanted, {link["name"]: sorted(link.get("addresses", [])) for link in state["links"]})

    def test_routes(self):
        for pid, state in self.namespaces():
            names = {link["index"]: link["name"] for link in state["links"]}
            tables = {"main": 254, "default": 253}
            wanted = []
            for family, everything in (("-4", "0.0.0.0/0"), ("-6", "::/0")):
                for route in json_inside(pid, "ip", "-j", family, "route", "show", "table", "all"):
                    table = route.get("table", "main")
                    if table == "local":
                        continue
                    destination = route["dst"].replace("default", everything)
                    if "/" not in destination:
                        destination += "/32" if family == "-4" else "/128"
                    wanted.append((destination, int(tables.get(table, table)), route.get("type", "unicast"),
                                   route.get("gateway"), route.get("dev"), route.get("metric", 0), route.get("prefsrc")))
            found = [(r["destination"], r.get("table", 254), r.get("kind", "unicast"), r.get("gateway"),
                      names.get(r.get("link")), r.get("metric", 0), r.get("source")) for r in state.get("routes", [])]
            self.assertEqual(sorted(wanted, key=str), sorted(found, key=str))
        self.assertTrue(any(r.get("kind") == "blackhole" for r in self.kernel["host"]["routes"]))

    def test_rules_of_routing(self):
        for pid, state in self.namespaces():
            tables = {"local": 255, "main": 254, "default": 253}
            for v6 in (False, True):
                wanted = [(r["priority"], int(tables.get(r["table"], r["table"])), r.get("iif", ""),
                           int(r.get("fwmark", "0"), 16), int(r.get("fwmask", "0"), 16), "ipproto" not in r)
                          for r in json_inside(pid, "ip", "-j", "-6" if v6 else "-4", "rule")]
                found = [(r["priority"], r["table"], r.get("incoming", ""), r.get("mark", 0), r.get("mark_mask", 0),
                          r.get("understood", True)) for r in state["rules"] if r.get("v6", False) == v6]
                self.assertEqual(sorted(wanted), sorted((p, t, i, m, k if k != 0xFFFFFFFF else 0, u)
                                                        for p, t, i, m, k, u in found))
        self.assertEqual([False], [r["understood"] for r in self.kernel["host"]["rules"] if "understood" in r])

    def test_listeners(self):
        for pid, state in self.namespaces():
            wanted = set()
            for line in inside(pid, "ss", "-Hlntu").splitlines():
                protocol, _, _, _, local = line.split()[:5]
                address, port = local.rsplit(":", 1)
                address, _, link = address.partition("%")
                wanted.add((protocol, {"*": "::"}.get(address, address.strip("[]")), int(port), link))
            found = {(s.get("protocol", "tcp"), s["address"], s["port"], s.get("link", ""))
                     for s in state.get("listeners", [])}
            self.assertEqual(wanted, found)
            for sock in state.get("listeners", []):  # "*" is an IPv6 socket that takes IPv4, too
                if sock["address"] == "::":
                    self.assertIn(f"{'[::]' if sock.get('v6_only') else '*'}:{sock['port']} ",
                                  inside(pid, "ss", "-Hlntu"))
        web = next(s for p, s in self.namespaces() if p == self.pids["web"])
        self.assertLessEqual({80, 81, 82, 83, 53, 54}, {s["port"] for s in web["listeners"]})
        self.assertEqual([82], [s["port"] for s in web["listeners"] if s.get("v6_only")])
        self.assertEqual(["eth0"], [s["link"] for s in web["listeners"] if s["port"] == 54])
        self.assertNotIn(55, {s["port"] for s in web["listeners"]})  # it has a peer
        self.assertIn(9100, {s["port"] for s in self.kernel["host"]["listeners"]})

    def test_sysctls(self):
        for pid, state in self.namespaces():
            found = {s["name"]: s["value"] for s in state["sysctls"]}
            for name, value in found.items():
                self.assertEqual(value, inside(pid, "sysctl", "-n", name).strip(), name)
            self.assertIn("net.ipv4.ip_forward", found)
            self.assertIn("net.ipv4.conf.lo.route_localnet", found)
            self.assertIn("net.ipv6.conf.all.forwarding", found)
        host = {s["name"] for s in self.kernel["host"]["sysctls"]}
        self.assertIn("net.ipv4.conf.fbnamed.rp_filter", host)
        self.assertFalse([name for name in host if ".veth" in name])  # bridges' ports route nothing

    def test_iptables_of_both_backends(self):
        for pid, state in self.namespaces():
            filters = state.get("filters", {})
            for tool, name in (("iptables-nft-save", "iptables_nft"), ("ip6tables-nft-save", "ip6tables_nft"),
                               ("iptables-legacy-save", "iptables_legacy"), ("ip6tables-legacy-save", "ip6tables_legacy")):
                self.assertEqual(without_free_text(inside(pid, tool)), filters.get(name, ""), tool)
        host = self.kernel["host"]["filters"]
        self.assertIn("-A DOCKER-USER -s 10.0.0.0/8 -j DROP\n", host["iptables_nft"])
        self.assertIn("-A INPUT -p tcp -m tcp --dport 23 -j DROP\n", host["iptables_legacy"])
        self.assertIn("-A INPUT -p tcp -m tcp --dport 22 -j DROP\n", host["ip6tables_nft"])

    def test_nftables_without_what_iptables_owns(self):
        filters = self.kernel["host"]["filters"]
        entries = json.loads(filters["nft"])["nftables"]
        real = json.loads(inside(self.pid, "nft", "-j", "-s", "list", "ruleset"))["nftables"]
        wanted = [e for e in real if "metainfo" in e or "guard" in (next(iter(e.values())).get("table"),
                                                                  next(iter(e.values())).get("name"))]
        for entry in wanted:
            for value in entry.values():
                value.pop("comment", None)
                for part in value.get("expr", []):
                    if "log" in part:
                        part["log"]["prefix"] = "***"
        self.assertEqual(wanted, entries)
        self.assertGreater(len(entries), 3)

    def test_ipsets(self):
        wanted = re.sub(r' comment "[^"]*"', "", inside(self.pid, "ipset", "save"))
        self.assertEqual(wanted, self.kernel["host"]["filters"]["ipset"])
        self.assertIn("add blocked 192.0.2.1\n", wanted)

    def test_proxies(self):
        wanted = set()
        for line in run("ps", "-ww", "-eo", "pid,args")[1].splitlines():
            pid, program, *words = line.split()
            if program.endswith("docker-proxy") and inode_of(pid) == inode_of(self.pid):
                wanted.add(tuple(words[words.index(f) + 1] for f in
                                 ("-proto", "-host-ip", "-host-port", "-container-ip", "-container-port")))
        found = {(p.get("protocol", "tcp"), p["host_address"], str(p["host_port"]), p["container_address"],
                  str(p["container_port"])) for p in self.kernel["proxies"]}
        self.assertEqual(wanted, found)
        self.assertLessEqual({"8080", "8053", "8086"}, {p[2] for p in found})
        listening = {(s["port"], s.get("protocol", "tcp")) for s in self.kernel["host"]["listeners"]}
        self.assertLessEqual({(p["host_port"], p.get("protocol", "tcp")) for p in self.kernel["proxies"]}, listening)

    def test_no_secret_is_in_it(self):
        self.assertIn(SECRET, inside(self.pid, "iptables-save") + inside(self.pid, "ipset", "save"))
        self.assertNotIn("hunter2", self.text)

    def test_it_is_the_same_when_nothing_changed(self):
        again = json.loads(self.firebreak.run("snapshot", "--host", f"h={self.engine.url}")[1])["hosts"][0]
        self.assertEqual(self.kernel, again["kernel"])

    def test_reading_changes_nothing(self):
        def rules():
            return [without_free_text(inside(pid, tool)) for pid in (self.pid, self.pids["alone"]) for tool in
                    ("iptables-legacy-save", "ip6tables-legacy-save")] + [
                        inside(pid, "nft", "-s", "list", "ruleset") for pid in (self.pid, self.pids["alone"])]
        before = rules()
        self.firebreak.run("snapshot", "--host", f"h={self.engine.url}")
        self.assertEqual(before, rules())

    def test_it_can_be_left_out_and_audits_do_without(self):
        code, out, _ = self.firebreak.run("snapshot", "--no-kernel", "--host", f"h={self.engine.url}")
        self.assertEqual(0, code)
        self.assertNotIn("kernel", json.loads(out)["hosts"][0])
        self.assertNotIn("kernel_missing", json.loads(out)["hosts"][0])
        with_kernel = self.firebreak.write("with.json", self.text)
        without = self.firebreak.write("without.json", out)
        reports = [self.firebreak.report("--snapshot", path) for path in (with_kernel, without)]
        # With it packets are looked at; what is not understood there (this engine has such rules) is a gap.
        unread = [{one if isinstance(one, str) else one["code"] for one in report["not_checked"]} for _, report in reports]
        self.assertNotIn("NET002", unread[0])
        self.assertIn("NET002", unread[1])
        self.assertEqual([], [gap for gap in reports[1][1]["gaps"] if "NET002" in gap["needed_by"]])
        of_others = [sorted(f["fingerprint"] for f in report["findings"] if f["code"] not in ("NET002", "NET003", "AUD006"))
                     for _, report in reports]
        self.assertEqual(*of_others)


# Listens where the first word says, passes everything on to the second, and first, when a request for images
# comes by, runs the rest of its words.
RELAY = f"#!{os.path.realpath(sys.executable)}" + """
import socket, subprocess, sys, threading
def pump(source, sink, on_images=None):
    while data := source.recv(65536):
        if on_images and b"/images/json" in data:
            subprocess.run(on_images, stdout=subprocess.DEVNULL)
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
while True:
    client, _ = server.accept()
    engine = socket.socket(socket.AF_UNIX)
    engine.connect(sys.argv[2])
    threading.Thread(target=pump, args=(client, engine, sys.argv[3:]), daemon=True).start()
    threading.Thread(target=pump, args=(engine, client), daemon=True).start()
"""


class Relay:
    """A relay before an engine that runs under the name of `program`; `into` are nsenter's words."""

    def __init__(self, engine, program, into, *on_images):
        self.folder = tempfile.mkdtemp(prefix="firebreak-relay-", dir=engine.folder)
        script = os.path.join(self.folder, program)
        with open(script, "w") as file:
            file.write(RELAY)
        os.chmod(script, 0o700)
        socket = f"{self.folder}/r.sock"
        self.url = f"unix://{socket}"
        self.process = subprocess.Popen(["nsenter", *into, script, socket, engine.socket, *on_images])
        wait_until(lambda: os.path.exists(socket) and stat.S_ISSOCK(os.stat(socket).st_mode))

    def close(self):
        self.process.kill()
        self.process.wait()


class TheRightNamespace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one = Engine("one")
        cls.two = Engine("two")
        for engine in (cls.one, cls.two):
            engine.docker("network", "create", "app-net")
            engine.start("app", "--network", "app-net")

    @classmethod
    def tearDownClass(cls):
        cls.one.close()
        cls.two.close()

    def hosts(self, *urls):
        words = [word for i, url in enumerate(urls) for word in ("--host", f"h{i}={url}")]
        code, out, err = Firebreak().run("snapshot", "-v", *words)
        self.assertEqual(0, code, err)
        return json.loads(out)["hosts"], err

    def relay(self, *words):
        relay = Relay(*words)
        self.addCleanup(relay.close)
        return relay

    def test_engines_side_by_side_are_not_mixed_up(self):
        hosts, _ = self.hosts(self.one.url, self.two.url)
        for host, engine in zip(hosts, (self.one, self.two)):
            self.assertEqual(inode_of(engine.process.pid), host["kernel"]["host"]["inode"])
            pid = engine.docker("inspect", "-f", "{{.State.Pid}}", "app")
            self.assertEqual([inode_of(pid)], [c["state"]["inode"] for c in host["kernel"]["containers"]])

    def test_another_engines_namespace_is_refused(self):
        relay = self.relay(self.one, "dockerd", [f"--net=/run/netns/{self.two.namespace.name}"])
        [host], err = self.hosts(relay.url)
        self.assertNotIn("kernel", host)
        bridge = "br-" + self.one.docker("network", "inspect", "-f", "{{.Id}}", "app-net")[:12]
        self.assertIn(f"it has no bridge {bridge}", host["kernel_missing"])
        self.assertIn("no kernel state of h0: the network namespace", err)

    def test_a_tunnel_is_no_engine(self):
        relay = self.relay(self.one, "tunnel", [f"--net=/run/netns/{self.one.namespace.name}"])
        [host], _ = self.hosts(relay.url)
        self.assertIn("no Docker engine of this machine answers this socket", host["kernel_missing"])
        self.assertIn("(tunnel)", host["kernel_missing"])

    def test_an_engine_elsewhere_is_not_looked_into(self):
        code, out, _ = Firebreak().run("snapshot", "--host", "far=tcp://127.0.0.1:1")
        self.assertEqual(3, code)
        self.assertIn("unix socket of this machine", json.loads(out)["hosts"][0]["kernel_missing"])


class AContainer(unittest.TestCase):
    def test_may_vanish_meanwhile(self):
        engine = Engine("vanishing", suite="")
        self.addCleanup(engine.close)
        engine.start("stays")
        engine.start("victim")
        into = ["-t", str(engine.process.pid), "-n", "-m"]
        relay = Relay(engine, "dockerd", into, "curl", "-s", "-X", "DELETE", "--unix-socket", engine.socket,
                      "http://d/v1.40/containers/victim?force=1")
        self.addCleanup(relay.close)
        code, out, err = Firebreak().run("snapshot", "--host", f"h={relay.url}")
        self.assertEqual(0, code, err)
        host = json.loads(out)["hosts"][0]
        self.assertEqual({"stays", "victim"}, {container["name"] for container in host["containers"]})
        self.assertEqual(["container victim"], [u["what"] for u in host["kernel"]["unread"]])
        self.assertEqual(1, len(host["kernel"]["containers"]))


class ActivatedEngine(Engine):
    """An engine that was given its socket by a service manager, as systemd does with docker.socket."""

    MANAGER = ("import os, signal, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); "
               "child = os.fork(); "
               "child or (os.dup2(s.fileno(), 3), os.set_inheritable(3, True), os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())), "
               "os.execvp(sys.argv[2], sys.argv[2:])); "
               "signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM)); os.waitpid(child, 0)")

    def command(self, address, rest):
        return f"exec python3 -c \"{self.MANAGER}\" {self.socket} dockerd -H fd:// {rest}"


class ServiceManager(unittest.TestCase):
    def test_the_engine_is_found_behind_it(self):
        engine = ActivatedEngine("activated", suite="")
        try:
            engine.start("app")
            code, out, err = Firebreak().run("snapshot", "--host", f"h={engine.url}")
            self.assertEqual(0, code, err)
            host = json.loads(out)["hosts"][0]
            self.assertNotIn("kernel_missing", host)
            self.assertEqual(inode_of(engine.process.pid), host["kernel"]["host"]["inode"])
            self.assertEqual(1, len(host["kernel"]["containers"]))
        finally:
            engine.close()

