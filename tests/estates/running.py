"""An estate (random_estate.py) on a real engine of its own, until it is closed."""
import json
import re
import time

from engines import Engine, Namespace, run
from measure import HOST, is_loopback, places
from probing import Services
from random_estate import ENGINES, UPLINK, UPLINK6


class Running:
    def __init__(self, estate, suite=None):
        self.estate = estate
        self.services = None
        self.left_out = []  # rules and tables whose names are gone
        self.neighbour = Namespace("neighbour")
        self.engine = Engine("estate", extra=ENGINES[estate["engine"]], suite=suite)
        try:
            self._host()
            for network in estate["networks"]:
                self._network(network)
            for container in estate["containers"]:
                self._container(container)
            self._settle()
            self._name()
            self._rules()
            self._serve()
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.services:
            self.services.close()
        self.engine.close()
        self.neighbour.close()

    def root(self, *words, **options):
        return self.engine.namespace.run(*words, **options)

    def _host(self):
        # A link to a neighbour that is no part of the estate.
        self.root("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", self.neighbour.name)
        self.neighbour.run("ip", "link", "set", "up0", "up")
        self.root("ip", "address", "add", f"{UPLINK}/24", "dev", "up0")
        self.root("ip", "address", "add", f"{UPLINK6}/64", "dev", "up0", "nodad")
        self.root("ip", "link", "set", "up0", "up")
        self.root("sysctl", "-qw", f"net.ipv4.conf.all.rp_filter={self.estate['host']['rp_filter']}")

    def _network(self, network):
        words = []
        if network["subnet"]:
            words += ["--subnet", network["subnet"]]
        if network["subnet6"]:
            words += ["--ipv6", "--subnet", network["subnet6"]]
        if network["internal"]:
            words += ["--internal"]
        options = {"enable_icc": None if network["icc"] else "false",
                   "enable_ip_masquerade": None if network["masquerade"] else "false",
                   "name": network["bridge"], "host_binding_ipv4": network["binding"]}
        for name, value in options.items():
            if value:
                words += ["--opt", f"com.docker.network.bridge.{name}={value}"]
        self.engine.docker("network", "create", *words, network["name"])

    def _container(self, container):
        publish = [word for one in container["publish"] for word in ("-p", one)]
        self.engine.start(container["name"], "--network", container["mode"], *publish)
        for network in container["more"]:
            self.engine.docker("network", "connect", network, container["name"])

    def _settle(self):
        """Docker changes some settings when it makes networks; IPv6 addresses take a while to be usable."""
        self.root("iptables", "-P", "FORWARD", self.estate["host"]["forward"])
        for tables in ("iptables", "ip6tables"):
            self.root("sysctl", "-qw", f"net.bridge.bridge-nf-call-{tables}={self.estate['host']['bridge_nf']}")
        end = time.monotonic() + 10
        while any(self._unsure(one) for one in places(self.engine)):
            if time.monotonic() > end:
                raise AssertionError("addresses stay tentative")
            time.sleep(0.1)

    @staticmethod
    def _unsure(one):
        """Whether an address is not known to be its own yet. Without a carrier it never is."""
        links = json.loads(run("nsenter", f"--net={one.path}", "ip", "-j", "address")[1])
        return any("tentative" in info for link in links if "NO-CARRIER" not in link["flags"] for info in link["addr_info"])

    def _name(self):
        """What the words in braces stand for."""
        self.names = {}
        for network in ["bridge", *(one["name"] for one in self.estate["networks"])]:
            found = json.loads(self.engine.docker("network", "inspect", network))[0]
            ours = "docker0" if network == "bridge" else network
            bridge = found["Options"].get("com.docker.network.bridge.name", "br-" + found["Id"][:12])
            four = next(one for one in found["IPAM"]["Config"] if ":" not in one["Subnet"])
            self.names[f"bridge {ours}"] = bridge
            self.names[f"subnet {ours}"] = four["Subnet"]
            link = json.loads(self.root("ip", "-j", "-4", "address", "show", "dev", bridge)[1])[0]
            self.names[f"gateway {ours}"] = link["addr_info"][0]["local"]
        for one in places(self.engine):
            four = [address for address in one.addresses if ":" not in address and not is_loopback(address)]
            if four and one.name != HOST:
                self.names[f"ip {one.name}"] = four[0]

    def _filled(self, text):
        wanted = re.findall(r"\{(\w+ \w+)\}", text)
        if any(word not in self.names for word in wanted):
            self.left_out.append(text)
            return None
        return re.sub(r"\{(\w+ \w+)\}", lambda match: self.names[match[1]], text)

    def _rules(self):
        for rule in self.estate["rules"]:
            text = self._filled(rule["rule"])
            if text is not None:
                self.root(rule["tool"], "-t", rule["table"], rule["how"], rule["chain"], *text.split())
        for table in self.estate["tables"]:
            text = self._filled(table["text"])
            if text is not None:
                self.root("nft", "-f", "-", stdin=text)

    def _serve(self):
        everywhere = {one.name: one for one in places(self.engine)}
        listen = []
        for service in self.estate["services"]:
            at = everywhere.get(service["at"])
            if at is None:
                continue
            outside = [address for address in at.addresses if not is_loopback(address)]
            address = {None: "0.0.0.0", "first": (outside or at.addresses)[0]}.get(service["address"], service["address"])
            listen.append({"name": at.name, "namespace": at.path, "only": True, "addresses": [address],
                           service["protocol"]: [service["port"]]})
        self.services = Services(listen)
