"""What derived rules do to real connections: bridges and containers as derived, the rules loaded into a real kernel,
TCP connections measured. The verdicts of engines that are not at hand come from their own documentation."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import engines

BUILD = os.environ.get("FIREBREAK_BUILD", "build/dev")
VERSIONS = ("20.10.24", "28.0.4", "28.5.2", "29.0.0")
BRIDGE = "com.docker.network.bridge."

SERVE = """
import socket, threading
def serve(port):
    s = socket.create_server(("0.0.0.0", port))
    while True:
        with s.accept()[0] as taken: taken.sendall(b"served")
for port in (80, 81, 8080): threading.Thread(target=serve, args=(port,), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""
# As docker-proxy: every connection is taken, and another one opened to the container.
RELAY = """
import socket, sys, threading
def relay(host, port, there, inside):
    s = socket.create_server((host, port))
    while True:
        taken = s.accept()[0]
        try:
            with socket.create_connection((there, inside), 1): taken.sendall(b"relayed")
        except OSError: pass
        taken.close()
for word in sys.argv[1:]:
    host, port, there, inside = word.split(",")
    threading.Thread(target=relay, args=(host, int(port), there, int(inside)), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""
# Prints "yes" or "no" for each HOST,PORT: whether someone takes a connection and says something on it.
CONNECT = """
import socket, sys
for word in sys.argv[1:]:
    host, port = word.split(",")
    try:
        with socket.create_connection((host, int(port)), 0.7) as s: print("yes" if s.recv(9) else "no")
    except OSError: print("no")
"""


def host_of(version, mode=None, published=(("8080", "80"),), swarm=False):
    """The snapshot of a host with dev on docker0 and prod on bridge1."""
    def network(name, device, subnet, **more):
        options = {BRIDGE + "name": device, **more.pop("options", {})}
        return {"id": name.ljust(64, "0"), "name": name, "driver": "bridge", "subnets": [subnet], "options": options, **more}

    def container(name, on, address, ports=()):
        return {"id": name, "name": name, "isolation": {"network_mode": on},
                "endpoints": [{"network": on.ljust(64, "0"), "network_name": on, "ipv4": address}],
                "ports": [{"host_port": int(out), "container_port": int(inside)} for out, inside in ports]}

    options = {BRIDGE + "gateway_mode_ipv4": mode} if mode else {}
    networks = [network("bridge", "docker0", "172.17.0.0/16"), network("prod", "bridge1", "192.0.2.0/24", options=options)]
    containers = [container("dev", "bridge", "172.17.0.2"), container("prod", "prod", "192.0.2.2", published)]
    more = {}
    if swarm:
        networks += [network("docker_gwbridge", "docker_gwbridge", "172.18.0.0/16", options={BRIDGE + "enable_icc": "false"}),
                     {"id": "ingress", "name": "ingress", "driver": "overlay", "ingress": True}]
        containers += [container("task1", "docker_gwbridge", "172.18.0.3"), container("task2", "docker_gwbridge", "172.18.0.4")]
        spec = {"id": "", "name": "web", "ports": [{"host_port": 8080, "container_port": 80}]}
        more = {"swarm": {"active": True, "manager": True, "services": [{"id": "s", "name": "web", "spec": spec}]}}
    return {"name": "h", "engine": {"product": "docker", "version": version}, "containers": containers,
            "networks": networks, "volumes": [], "images": [], **more}


class World:
    """A host and its containers, each a network namespace, built from derived kernel state."""

    def __init__(self, version, *options, **shape):
        self.processes = []
        host = host_of(version, **shape)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"schema": "firebreak/snapshot/1", "taken": "2026-11-23T10:00:00Z", "hosts": [host], "gaps": []}, file)
            file.flush()
            out = engines.run(f"{BUILD}/tests/derive_rules", file.name, version, *options)[1]
        self.kernel = json.loads(out)["hosts"][0]["kernel"]
        self.host = engines.Namespace("host")
        self.containers = {c["container"]: engines.Namespace("c") for c in self.kernel["containers"]}
        self._bridges()
        for container in self.kernel["containers"]:
            self._container(self.containers[container["container"]], container["state"])
        self._settings()
        filters = self.kernel["host"]["filters"]
        self.host.run("ipset", "restore", stdin=filters.get("ipset", ""))
        self.host.run("iptables-nft-restore", stdin=filters["iptables_nft"])

    def _bridges(self):
        for link in self.kernel["host"]["links"]:
            if link.get("kind") == "bridge":
                self._ip(self.host, "link", "add", link["name"], "type", "bridge", "forward_delay", "0")
                for address in link.get("addresses", []):
                    self._ip(self.host, "address", "add", address, "dev", link["name"])
                self._ip(self.host, "link", "set", link["name"], "up")

    def _container(self, namespace, state):
        at_host = {link["index"]: link for link in self.kernel["host"]["links"]}
        names = {link["index"]: link["name"] for link in state["links"]}
        for link in state["links"]:
            if link.get("kind") != "veth":
                continue
            outer = at_host[link["peer"]]
            self._ip(self.host, "link", "add", outer["name"], "type", "veth", "peer", "name", link["name"], "netns", namespace.name)
            self._ip(self.host, "link", "set", outer["name"], "master", at_host[outer["master"]]["name"], "up")
            for address in link["addresses"]:
                self._ip(namespace, "address", "add", address, "dev", link["name"])
            self._ip(namespace, "link", "set", link["name"], "up")
        for route in state["routes"]:
            if "gateway" in route:
                self._ip(namespace, "route", "add", route["destination"], "via", route["gateway"], "dev", names[route["link"]])

    def _settings(self):
        for setting in self.kernel["host"]["sysctls"]:
            if ".ipv4." in setting["name"] and "eth0" not in setting["name"] or "nf-call" in setting["name"]:
                self.host.run("sysctl", "-qw", f"{setting['name']}={setting['value']}")

    @staticmethod
    def _ip(namespace, *words):
        engines.run("ip", "-n", namespace.name, *words)

    def python(self, namespace, script, *words):
        process = subprocess.Popen(["nsenter", f"--net=/run/netns/{namespace.name}", sys.executable, "-c", script, *words],
                                   stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stdout.readline() == "ready\n"

    def start(self):
        for name, namespace in self.containers.items():
            if name != "dev":
                self.python(namespace, SERVE)
        words = [f"{p['host_address']},{p['host_port']},{p['container_address']},{p['container_port']}"
                 for p in self.kernel.get("proxies", []) if ":" not in p["host_address"]]
        if words:
            self.python(self.host, RELAY, *words)
        return self

    def verdicts(self, *targets, sender="dev"):
        out = self.containers[sender].run(sys.executable, "-c", CONNECT, *targets)[1]
        return "/".join(out.split())

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()
        for namespace in (self.host, *self.containers.values()):
            namespace.close()


class Verdicts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        engines.require("ip", "nsenter", "iptables-nft-restore", "ipset")

    def world(self, version, *options, **shape):
        world = World(version, *(options or ["userland-proxy=on"]), **shape)
        self.addCleanup(world.close)
        return world.start()

    def row(self, wanted, measure, versions=VERSIONS):
        found = {version: measure(version) for version in versions}
        self.assertEqual(dict(zip(versions, wanted)), found)

    def test_directly_to_a_container(self):
        def measure(version):
            world = self.world(version)
            self.assertEqual("yes", self.from_host(world, "192.0.2.2,80"))  # what is silent below is not merely broken
            return world.verdicts("192.0.2.2,80", "192.0.2.2,81")
        self.row(["no/no"] * 4, measure)

    @staticmethod
    def from_host(world, *targets):
        return "/".join(world.host.run(sys.executable, "-c", CONNECT, *targets)[1].split())

    def test_published_port_at_the_gateway(self):
        self.row(["yes"] * 4, lambda version: self.world(version).verdicts("172.17.0.1,8080"))

    def test_a_rule_in_docker_user_does_not_stop_the_proxy(self):
        def measure(version):
            world = self.world(version)
            world.host.run("iptables-nft", "-I", "DOCKER-USER", "-i", "docker0", "-o", "bridge1", "-j", "DROP")
            return world.verdicts("172.17.0.1,8080")
        self.row(["yes", "yes", "yes", "no"], measure)

    def test_published_port_without_the_proxy(self):
        self.row(["no", "no", "no", "yes"],
                 lambda version: self.world(version, "userland-proxy=off").verdicts("172.17.0.1,8080"))

    def test_the_hosts_loopback_without_the_proxy(self):
        self.row(["yes"] * 4, lambda version: self.from_host(self.world(version, "userland-proxy=off"), "127.0.0.1,8080"))

    def test_direct_routing_allowed(self):
        def measure(version):
            world = self.world(version, "direct-routing=on")
            world.host.run("iptables-nft", "-t", "raw", "-F")  # 28.0 has no such option, but a variable for this
            return world.verdicts("192.0.2.2,80", "192.0.2.2,81")
        self.row(["no/no", "no/no", "yes/no"], measure, VERSIONS[1:])

    def test_direct_routing_allowed_by_the_option(self):
        self.row(["no/no", "yes/no"],
                 lambda version: self.world(version, "direct-routing=on").verdicts("192.0.2.2,80", "192.0.2.2,81"), VERSIONS[2:])

    def test_an_unprotected_network(self):
        self.row(["no/no", "no/no", "yes/yes"], lambda version: self.world(
            version, mode="nat-unprotected").verdicts("192.0.2.2,80", "192.0.2.2,81"), VERSIONS[1:])

    def test_a_routed_network(self):
        self.row(["yes/no"] * 3, lambda version: self.world(
            version, mode="routed").verdicts("192.0.2.2,80", "192.0.2.2,81"), VERSIONS[1:])

    def test_28_0_0_differs_in_form_only(self):
        """It has the first raw drops, and knows its bridges by an ipset."""
        version = "28.0.0"
        world = self.world(version)
        self.assertEqual("no/no/yes", world.verdicts("192.0.2.2,80", "192.0.2.2,81", "172.17.0.1,8080"))
        self.assertEqual("no", self.world(version, "userland-proxy=off").verdicts("172.17.0.1,8080"))
        self.assertEqual("yes/no", self.world(version, mode="routed").verdicts("192.0.2.2,80", "192.0.2.2,81"))

    def test_a_port_number_that_swarm_publishes(self):
        def measure(version):
            world = self.world(version, swarm=True, published=(("9090", "80"),))
            with_raw = world.verdicts("192.0.2.2,8080")
            if not version.startswith("20"):
                world.host.run("iptables-nft", "-t", "raw", "-F")
            return with_raw + "/" + world.verdicts("192.0.2.2,8080")
        self.row(["yes/yes", "yes/yes", "no/yes", "no/yes"], measure)

    def test_tasks_on_docker_gwbridge(self):
        self.row(["yes/no"] * 3, lambda version: self.world(version, swarm=True, published=()).verdicts(
            "172.18.0.4,8080", "172.18.0.4,80", sender="task1"), VERSIONS[1:])
