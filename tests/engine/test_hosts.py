"""Several engines at once: Docker twice, Podman, a Swarm of two, and what makes one engine two names."""
import json
import time
import unittest

from cases import DEV, PROD
from engines import Engine, Firebreak, Podman, codes, run


class TwoEngines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one = Engine("one")
        cls.two = Engine("two")

    @classmethod
    def tearDownClass(cls):
        cls.one.close()
        cls.two.close()

    def setUp(self):
        self.firebreak = Firebreak()
        self.one.reset()
        self.two.reset()

    def hosts(self):
        return ("--host", f"one={self.one.url}", "--host", f"two={self.two.url}")

    def test_environments_on_engines_of_their_own_are_separated(self):
        self.one.start("api-a", *PROD)
        self.two.start("api-b", *DEV)
        code, report = self.firebreak.report(*self.hosts())
        self.assertEqual(0, code)
        self.assertEqual([], codes(report))
        self.assertEqual(["one", "two"], [host["name"] for host in report["hosts"]])

    def test_a_secret_is_recognised_across_engines(self):
        self.one.start("api-a", *PROD, "-e", "API_TOKEN=vK7pQ2mZx9Lw4TgBvK7p")
        self.two.start("api-b", *DEV, "-e", "API_TOKEN=vK7pQ2mZx9Lw4TgBvK7p")
        self.assertEqual(["CRED001"], codes(self.firebreak.report(*self.hosts())[1], "medium"))

    def test_snapshots_of_two_places_compare_under_one_key_only(self):
        self.one.start("api-a", *PROD, "-e", "API_TOKEN=vK7pQ2mZx9Lw4TgBvK7p")
        self.two.start("api-b", *DEV, "-e", "API_TOKEN=vK7pQ2mZx9Lw4TgBvK7p")
        self.assertEqual(0, self.firebreak.run("key", "new", "fleet.key")[0])
        for key in ((), ("--fingerprint-key", "fleet.key")):
            for name, engine in (("one", self.one), ("two", self.two)):
                code, _, err = self.firebreak.run("snapshot", "--host", f"{name}={engine.url}", *key, "-o", f"{name}.json")
                self.assertEqual(0, code, err)
            _, report = self.firebreak.report("--snapshot", "one.json", "--snapshot", "two.json")
            if key:
                self.assertIn("CRED001", codes(report))
            else:
                self.assertNotIn("CRED001", codes(report))
                self.assertTrue(any("compare" in note for note in report["notes"]), report["notes"])

    def test_one_engine_under_two_names_is_counted_once(self):
        self.one.docker("network", "create", "shared-net")
        self.one.start("api-a", *PROD, "--network", "shared-net")
        self.one.start("api-b", *DEV, "--network", "shared-net")
        once = self.firebreak.report("--host", f"one={self.one.url}")[1]
        twice = self.firebreak.report("--host", f"one={self.one.url}", "--host", f"again={self.one.url}")[1]
        self.assertEqual([f["code"] for f in once["findings"]], [f["code"] for f in twice["findings"]])
        self.assertEqual(len(once["workloads"]), len(twice["workloads"]))

    def test_offline_audit_equals_the_live_one(self):
        self.one.docker("network", "create", "shared-net")
        self.one.start("api-a", *PROD, "--network", "shared-net")
        self.one.start("api-b", *DEV, "--network", "shared-net", "-e", "DATABASE_URL=postgres://prod-db/app")
        live = self.firebreak.report("--host", f"one={self.one.url}")[1]
        self.firebreak.run("snapshot", "--host", f"one={self.one.url}", "-o", "one.json")
        offline = self.firebreak.report("--snapshot", "one.json")[1]
        self.assertEqual(live["findings"], offline["findings"])
        self.assertEqual(live["matrix"], offline["matrix"])

    def test_restart_keeps_fingerprints(self):
        self.one.docker("network", "create", "shared-net")
        fingerprints = []
        for _ in range(2):
            self.one.start("api-a", *PROD, "--network", "shared-net")
            self.one.start("api-b", *DEV, "--network", "shared-net")
            fingerprints.append([f["fingerprint"] for f in self.firebreak.report("--host", f"one={self.one.url}")[1]["findings"]])
            self.one.docker("rm", "-f", "api-a", "api-b")
        self.assertTrue(fingerprints[0])
        self.assertEqual(*fingerprints)


class PodmanService(unittest.TestCase):
    def test_shared_network_and_remedy(self):
        podman = Podman()
        try:
            firebreak = Firebreak()
            podman.docker("network", "create", "shared-net")
            podman.start("api-a", *PROD, "--network", "shared-net")
            podman.start("api-b", *DEV, "--network", "shared-net")
            code, report = firebreak.report("--host", f"pod={podman.url}")
            self.assertEqual([], report["gaps"])
            self.assertEqual(1, code)
            self.assertIn("NET001", codes(report, "medium"))
            self.assertIn("podman", report["hosts"][0]["engine"])
            podman.docker("rm", "-f", "api-b")
            podman.docker("network", "create", "dev-net")
            podman.start("api-b", *DEV, "--network", "dev-net")
            code, report = firebreak.report("--host", f"pod={podman.url}")
            self.assertEqual(0, code, report["findings"])
        finally:
            podman.close()


class Swarm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = Engine("manager")
        cls.manager.docker("swarm", "init", "--advertise-addr", "127.0.0.1")

    @classmethod
    def tearDownClass(cls):
        cls.manager.close()

    def service(self, name, environment, *options):
        # dnsrr: virtual addresses need ip_vs, which not every kernel has.
        self.manager.docker("service", "create", "-d", "--name", name, "--endpoint-mode", "dnsrr", "--container-label",
                            f"env={environment}", "--label", f"env={environment}", *options, "my-api")

    def gone(self, service, network):
        """Waits until no task of the service is left on the network: tasks end in their own time."""
        for _ in range(100):
            if not self.manager.docker("ps", "-aq", "--filter", f"label=com.docker.swarm.service.name={service}",
                                       "--filter", f"network={network}"):
                return
            time.sleep(0.3)
        self.fail(f"{service} stays on {network}")

    def test_services_share_an_overlay_and_a_secret(self):
        firebreak = Firebreak()
        self.manager.docker("network", "create", "-d", "overlay", "shared-overlay")
        run("docker", "-H", self.manager.url, "secret", "create", "db-password", "-", stdin="vK7pQ2mZx9Lw4TgB")
        for name, environment in (("shop", "production"), ("lab", "dev")):
            self.service(name, environment, "--network", "shared-overlay", "--secret", "db-password", "--replicas", "2")
        _, report = firebreak.report(env={"DOCKER_HOST": self.manager.url})
        found = codes(report, "medium")
        for code in ("NET001", "CRED001"):
            self.assertIn(code, found)
        self.assertEqual(2, len([w for w in report["workloads"] if w["kind"] == "swarm service"]))
        self.assertNotIn("vK7pQ2mZx9Lw4TgB", json.dumps(report))
        self.manager.docker("service", "rm", "lab")
        self.gone("lab", network="shared-overlay")
        self.manager.docker("network", "create", "-d", "overlay", "--opt", "encrypted", "lab-overlay")
        self.service("lab", "dev", "--network", "lab-overlay")
        _, report = firebreak.report(env={"DOCKER_HOST": self.manager.url})
        self.assertNotIn("NET001", codes(report, "medium"))
        self.assertNotIn("CRED001", codes(report, "medium"))
        # Production's overlay is unencrypted and a development task runs on a node of the swarm.
        self.assertIn("NET006", codes(report, "medium"))
        # The remedy: an encrypted overlay.
        self.manager.docker("service", "rm", "shop")
        self.manager.docker("network", "create", "-d", "overlay", "--opt", "encrypted", "shop-overlay")
        self.service("shop", "production", "--network", "shop-overlay")
        self.gone("shop", network="shared-overlay")
        _, report = firebreak.report(env={"DOCKER_HOST": self.manager.url})
        self.assertNotIn("NET006", codes(report, "low"))


if __name__ == "__main__":
    unittest.main()
