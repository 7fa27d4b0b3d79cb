"""NET001 to NET007 on a real engine; NET006 of an overlay stands in test_hosts.py."""
import json
import unittest

from cases import DEV, PROD, STAGING, CodeCase
from engines import Firebreak, Podman, open_findings, run

OWNED = """
version: 1
environments:
  production: {tier: production, networks: [production-network], match: [{label: env=production}]}
  development: {tier: development, match: [{label: env=dev}]}
  tools: {tier: staging, match: [{label: env=tools}]}
"""


class Net001(CodeCase):
    def test_three_environments_on_one_network(self):
        self.engine.docker("network", "create", "shared-net")
        for name, environment in (("api-a", PROD), ("api-b", DEV), ("api-c", STAGING)):
            self.engine.start(name, *environment, "--network", "shared-net")
        finding = self.assert_fires("NET001")
        self.assertEqual("high", finding["severity"])
        for _ in range(3):  # each pair has its finding; one remedy may serve several
            _, report = self.audit()
            rest = [f for f in report["findings"] if f["code"] == "NET001" and f["severity"] == "high"]
            if not rest:
                break
            self.follow(rest[0])
        self.assert_clean()

    def test_default_bridge(self):
        self.engine.start("api-a", *PROD)
        self.engine.start("api-b", *DEV)
        finding = self.assert_fires("NET001")
        self.follow(finding)
        self.assert_clean()

    def test_stranger_on_an_owned_network(self):
        self.engine.docker("network", "create", "production-network")
        self.engine.start("api-b", *DEV, "--network", "production-network")
        self.engine.start("api-a", *PROD, "--network", "none")
        finding = self.assert_fires("NET001", policy=OWNED)
        self.follow(finding)
        self.assert_silent("NET001", policy=OWNED)

    def test_stopped_containers_count_one_step_less(self):
        self.engine.docker("network", "create", "shared-net")
        self.engine.start("api-a", *PROD, "--network", "shared-net")
        self.engine.start("api-b", *DEV, "--network", "shared-net")
        self.engine.docker("stop", "-t", "0", "api-a", "api-b")
        self.assertEqual("medium", self.assert_fires("NET001")["severity"])

    def test_through_the_namespace_of_a_container_of_no_environment(self):
        self.engine.docker("network", "create", "shared-net")
        self.engine.start("api-a", *PROD, "--network", "shared-net")
        self.engine.start("vpn", "--network", "shared-net")
        self.engine.start("downloader", *DEV, "--network", "container:vpn")
        finding = self.assert_fires("NET001")
        self.assertIn("development", finding["title"])
        self.follow(finding)
        self.assert_clean()

    def test_silent_when_each_has_its_own(self):
        for name, environment in (("api-a", PROD), ("api-b", DEV)):
            self.engine.docker("network", "create", f"{name}-net")
            self.engine.start(name, *environment, "--network", f"{name}-net")
        self.assert_silent("NET001")


LISTEN = ("nc", "-ll", "-p", "5432", "-e", "cat")


class Net002(CodeCase):
    def rules(self, command):
        return run("nsenter", f"--net=/run/netns/{self.engine.namespace.name}", "sh", "-ec", command)

    def test_routed_past_isolation_by_an_administrators_rule(self):
        self.place("api", DEV)
        self.place("db", PROD, command=LISTEN)
        self.assert_silent("NET002")
        self.addCleanup(self.rules, "iptables -F DOCKER-USER; iptables -A DOCKER-USER -j RETURN")
        self.rules("iptables -I DOCKER-USER -j ACCEPT")
        finding = self.assert_fires("NET002")
        self.assertEqual("high", finding["severity"])
        self.assertEqual("development/api can open tcp 5432 on production/db", finding["title"])
        self.assertIn("DOCKER-USER", str(finding["path"]))
        for remedy in finding["remedy"]:
            for command in remedy["commands"]:
                self.rules(command)
        self.assert_silent("NET002")

    def test_silent_within_one_environment(self):
        self.place("api", PROD)
        self.place("db", PROD, command=LISTEN)
        self.assert_silent("NET002")


class Net003(CodeCase):
    def test_published_port(self):
        self.place("api", DEV)
        self.place("db", PROD, "-p", "5433:5432", command=LISTEN)
        finding = self.assert_fires("NET003")
        self.assertEqual("high", finding["severity"])
        self.assertEqual("development/api can open tcp 5432 on production/db through the host's address",
                         finding["title"])
        self.follow(finding)
        self.place("db", PROD, "-p", "127.0.0.1:5433:5432", command=LISTEN)  # as the remedy says
        self.assert_silent("NET003")
        self.assert_clean()

    def test_one_step_less_where_nothing_listens(self):
        self.place("api", DEV)
        self.place("db", PROD, "-p", "5433:5432")
        self.assertEqual("medium", self.assert_fires("NET003")["severity"])

    def test_silent_without_kernel_state(self):
        self.place("api", DEV)
        self.place("db", PROD, "-p", "5433:5432", command=LISTEN)
        _, report = self.assert_silent("NET003", "--no-kernel")
        self.assertIn("NET003", report["not_checked"])

    def test_paths_tell_the_hops_and_what_stops_the_rest(self):
        self.place("api", DEV)
        self.place("db", PROD, "-p", "5433:5432", command=LISTEN)
        paths = ("paths", "--host", f"laptop={self.engine.url}", "--format", "json", "--explain")
        code, out, _ = self.firebreak.run(*paths, "development", "production/db:5432")
        self.assertEqual(1, code)
        flows = [flow for flow in json.loads(out)["flows"] if flow["listening"]]
        self.assertEqual({("5433", "5432")}, {(flow["ports"], flow["delivered"]["ports"]) for flow in flows})
        self.assertIn("docker-proxy", str(flows[0]["hops"]))
        code, out, _ = self.firebreak.run(*paths, "production/db", "development/api:80")
        self.assertEqual(0, code)
        refusals = json.loads(out)["refusals"]
        self.assertTrue(refusals)
        self.assertEqual({"stopped"}, {refusal["outcome"] for refusal in refusals})


class Net004(CodeCase):
    def test_proxy_in_the_networks_of_two_environments(self):
        for name, environment in (("api-a", PROD), ("api-b", DEV)):
            self.engine.docker("network", "create", f"{name}-net")
            self.engine.start(name, *environment, "--network", f"{name}-net")
        self.engine.start("proxy", "--network", "api-a-net")
        self.engine.docker("network", "connect", "api-b-net", "proxy")
        finding = self.assert_fires("NET004")
        self.assertIn("proxy", finding["title"])
        self.follow(finding)
        self.assert_silent("NET004")

    def test_silent_for_two_networks_of_one_environment(self):
        self.engine.docker("network", "create", "prod-front")
        self.engine.docker("network", "create", "prod-back")
        self.engine.start("api-a", *PROD, "--network", "prod-front")
        self.engine.docker("network", "connect", "prod-back", "api-a")
        self.engine.start("api-b", *DEV, "--network", "dev-net")
        self.assert_silent("NET004")


class Net005(CodeCase):
    def test_host_network_beside_another_environment(self):
        self.place("api-a", PROD)
        self.engine.start("sniffer", *DEV, "--network", "host")
        self.assertIn("sniffer", self.assert_fires("NET005")["title"])
        self.place("sniffer", DEV)
        self.assert_clean()

    def test_silent_for_a_host_of_one_environment(self):
        self.engine.start("exporter", *PROD, "--network", "host")
        self.engine.start("api-a", *PROD)
        self.assert_silent("NET005")


class Net006(unittest.TestCase):
    """Two macvlan networks on one interface, which Podman allows, and Docker from version 28 on."""

    @classmethod
    def setUpClass(cls):
        cls.engine = Podman()
        for parent in ("lan0", "lan1", "lan2"):
            cls.engine.namespace.run("ip", "link", "add", parent, "type", "bridge")
            cls.engine.namespace.run("ip", "link", "set", parent, "up")

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def macvlan(self, name, parent, subnet, environment):
        self.engine.docker("network", "create", "-d", "macvlan", "-o", f"parent={parent}", "--subnet", subnet, f"{name}-lan")
        self.engine.start(name, *environment, "--network", f"{name}-lan")

    def remove(self, name):
        self.engine.docker("rm", "-f", name)
        self.engine.docker("network", "rm", f"{name}-lan")

    def found(self):
        _, report = Firebreak().report("--host", f"pod={self.engine.url}")
        self.assertEqual([], report["gaps"])
        return [f["title"] for f in open_findings(report, "info") if f["code"] == "NET006"]

    def test_two_networks_on_one_interface(self):
        self.macvlan("api-a", "lan0", "10.77.1.0/24", PROD)
        self.macvlan("web-a", "lan0", "10.77.2.0/24", PROD)
        self.assertEqual([], self.found())  # of one environment
        self.macvlan("api-b", "lan0", "10.77.3.0/24", DEV)
        self.assertIn("lan0", self.found()[0])
        # The remedy: an interface of its own.
        self.remove("api-b")
        self.macvlan("api-b", "lan1", "10.77.3.0/24", DEV)
        self.assertEqual([], self.found())


class Net007(CodeCase):
    def test_one_name_for_containers_of_two_environments(self):
        self.engine.docker("network", "create", "proxy-net")
        self.engine.start("shop-db", *PROD, "--network", "proxy-net", "--network-alias", "db")
        self.engine.start("lab-db", *DEV, "--network", "proxy-net", "--network-alias", "db")
        finding = self.assert_fires("NET007")
        self.assertIn("db", finding["title"])
        self.follow(finding)
        self.assert_silent("NET007")

    def test_silent_for_equal_names_on_two_networks(self):
        for name, environment in (("shop-db", PROD), ("lab-db", DEV)):
            self.engine.docker("network", "create", f"{name}-net")
            self.engine.start(name, *environment, "--network", f"{name}-net", "--network-alias", "db")
        self.assert_silent("NET007")


if __name__ == "__main__":
    unittest.main()
