"""The measurement itself, on small estates whose ways are known: without this, agreement with a prediction would
prove nothing."""
import unittest

from engines import Engine
from measure import HOST, measure, places
from probing import Services

PORTS = [80, 81, 8080]


class Measurement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine("measured")
        cls.addClassCleanup(cls.engine.close)

    def setUp(self):
        self.engine.reset()

    def network(self, name, subnet, *options):
        self.engine.docker("network", "create", "--subnet", subnet, *options, name)

    def measured(self):
        self.result = measure(self.engine, PORTS)
        return self.result.found

    def assert_open(self, key, to, address, port):
        self.assertEqual(("open", to, address, port), self.result.found[key], key)

    def assert_shut(self, key):
        self.assertEqual("shut", self.result.found[key][0], f"{key} {self.result.found[key]}")

    def test_one_network_is_open_both_ways(self):
        self.network("one-net", "10.60.1.0/24")
        for name, address in (("left", "10.60.1.10"), ("right", "10.60.1.11")):
            self.engine.start(name, "--network", "one-net", "--ip", address)
        self.measured()
        for protocol in ("tcp", "udp"):
            self.assert_open(("left", protocol, "10.60.1.10", "10.60.1.11", 80), "right", "10.60.1.11", 80)
            self.assert_open(("right", protocol, "10.60.1.11", "10.60.1.10", 81), "left", "10.60.1.10", 81)
            self.assert_open(("left", protocol, "10.60.1.10", "10.60.1.1", 80), HOST, "10.60.1.1", 80)
            self.assert_open((HOST, protocol, "10.60.1.1", "10.60.1.10", 80), "left", "10.60.1.10", 80)
        self.assert_open(("left", "echo", "10.60.1.10", "10.60.1.11", 0), "right", "10.60.1.11", 0)

    def test_two_networks_are_closed_but_for_what_is_published(self):
        self.network("dev-net", "10.60.1.0/24")
        self.network("prod-net", "10.60.2.0/24")
        self.engine.start("dev", "--network", "dev-net", "--ip", "10.60.1.10")
        self.engine.start("prod", "--network", "prod-net", "--ip", "10.60.2.10", "-p", "8080:80")
        self.measured()
        for protocol in ("tcp", "udp"):
            for port in PORTS:
                self.assert_shut(("dev", protocol, "10.60.1.10", "10.60.2.10", port))
        self.assert_shut(("dev", "echo", "10.60.1.10", "10.60.2.10", 0))
        for gateway in ("10.60.1.1", "10.60.2.1", "172.17.0.1"):
            self.assert_open(("dev", "tcp", "10.60.1.10", gateway, 8080), "prod", "10.60.2.10", 80)
            self.assert_open(("dev", "udp", "10.60.1.10", gateway, 8080), HOST, gateway, 8080)
            self.assert_open(("dev", "tcp", "10.60.1.10", gateway, 81), HOST, gateway, 81)
        self.assert_open((HOST, "tcp", "127.0.0.1", "127.0.0.1", 8080), "prod", "10.60.2.10", 80)

    def test_the_loopback_address_publishes_to_the_host_alone(self):
        self.network("dev-net", "10.60.1.0/24")
        self.engine.start("dev", "--network", "dev-net", "--ip", "10.60.1.10")
        self.engine.start("prod", "-p", "127.0.0.1:8080:80")
        self.measured()
        self.assertEqual("prod", self.result.found[(HOST, "tcp", "127.0.0.1", "127.0.0.1", 8080)][1])
        self.assert_open(("dev", "tcp", "10.60.1.10", "172.17.0.1", 8080), HOST, "172.17.0.1", 8080)
        self.assert_shut(("dev", "tcp", "10.60.1.10", "172.17.0.2", 80))

    def test_an_internal_network_reaches_its_own_members_and_its_gateway(self):
        self.network("in-net", "10.60.1.0/24", "--internal")
        self.network("out-net", "10.60.2.0/24")
        for name, address in (("left", "10.60.1.10"), ("right", "10.60.1.11")):
            self.engine.start(name, "--network", "in-net", "--ip", address)
        self.engine.start("other", "--network", "out-net", "--ip", "10.60.2.10")
        self.measured()
        self.assert_open(("left", "tcp", "10.60.1.10", "10.60.1.11", 80), "right", "10.60.1.11", 80)
        self.assert_open(("left", "tcp", "10.60.1.10", "10.60.1.1", 80), HOST, "10.60.1.1", 80)
        # All addresses of the host are its own, whatever network they stand in: nothing is forwarded.
        self.assert_open(("left", "tcp", "10.60.1.10", "10.60.2.1", 80), HOST, "10.60.2.1", 80)
        self.assert_shut(("left", "tcp", "10.60.1.10", "10.60.2.10", 80))
        self.assert_shut(("other", "tcp", "10.60.2.10", "10.60.1.10", 80))

    def test_docker_user_stops_what_is_forwarded_but_no_relay(self):
        self.network("one-net", "10.60.1.0/24", "--opt", "com.docker.network.bridge.name=fbone")
        self.engine.start("left", "--network", "one-net", "--ip", "10.60.1.10")
        self.engine.start("right", "--network", "one-net", "--ip", "10.60.1.11")
        self.engine.start("prod", "-p", "8080:80")
        rules = [("DOCKER-USER", "-i", "fbone", "-p", "tcp", "--dport", "80", "-j", "DROP"),
                 ("DOCKER-USER", "-i", "fbone", "-p", "tcp", "--dport", "81", "-j", "REJECT")]
        for rule in rules:
            self.engine.namespace.run("iptables", "-I", *rule)
            self.addCleanup(self.engine.namespace.run, "iptables", "-D", *rule)
        self.measured()
        self.assertEqual(("shut", "silence"), self.result.found[("left", "tcp", "10.60.1.10", "10.60.1.11", 80)])
        self.assertEqual(("shut", "unreachable"), self.result.found[("left", "tcp", "10.60.1.10", "10.60.1.11", 81)])
        self.assert_open(("left", "udp", "10.60.1.10", "10.60.1.11", 80), "right", "10.60.1.11", 80)
        self.assert_open(("left", "tcp", "10.60.1.10", "172.17.0.1", 8080), "prod", "172.17.0.2", 80)

    def test_every_namespace_is_one_place(self):
        self.network("one-net", "10.60.1.0/24")
        self.network("two-net", "10.60.2.0/24")
        self.engine.start("both", "--network", "one-net", "--ip", "10.60.1.10")
        self.engine.docker("network", "connect", "--ip", "10.60.2.10", "two-net", "both")
        self.engine.start("beside", "--network", "container:both")
        self.engine.start("hosted", "--network", "host")
        self.engine.start("alone", "--network", "none")
        self.engine.start("other", "--network", "two-net", "--ip", "10.60.2.11")
        self.assertEqual({HOST, "both", "alone", "other"}, {one.name for one in places(self.engine)})
        self.measured()
        self.assertEqual([], [key for key, result in self.result.found.items() if "alone" in (key[0], *result[1:2])])
        self.assert_open(("both", "tcp", "10.60.2.10", "10.60.2.11", 80), "other", "10.60.2.11", 80)
        self.assert_open(("both", "tcp", "10.60.1.10", "172.17.0.1", 80), HOST, "172.17.0.1", 80)
        # The other address of two: the answer would have to come back through the host.
        self.assert_shut(("both", "tcp", "10.60.1.10", "10.60.2.11", 80))

    def test_services_keep_their_ports(self):
        self.network("one-net", "10.60.1.0/24")
        self.engine.start("left", "--network", "one-net", "--ip", "10.60.1.10")
        self.engine.start("right", "--network", "one-net", "--ip", "10.60.1.11")
        right = next(one for one in places(self.engine) if one.name == "right")
        services = Services([{"name": "right", "namespace": right.path, "addresses": ["10.60.1.11"], "tcp": [80], "only": True}])
        self.addCleanup(services.close)
        self.measured()
        self.assertIn(["tcp", "10.60.1.11", 80], self.result.taken["right"])
        self.assert_open(("left", "tcp", "10.60.1.10", "10.60.1.11", 80), "right", "10.60.1.11", 80)


if __name__ == "__main__":
    unittest.main()
