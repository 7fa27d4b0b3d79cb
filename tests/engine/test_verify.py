"""`firebreak verify` on a real engine: what it says is what packets do, and it leaves nothing behind."""
import json
import unittest

from engines import Engine, Firebreak, require, run

ECHO = ("nc", "-ll", "-p", "80", "-e", "cat")


def address_of(engine, container, network):
    return engine.docker("inspect", "-f", '{{(index .NetworkSettings.Networks "' + network + '").IPAddress}}', container)


class Verify(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        require("nft", "iptables", "ss")
        cls.engine = Engine("verify")
        cls.addClassCleanup(cls.engine.close)
        for name, options in (("dev-net", ()), ("prod-net", ()), ("inner-net", ("--internal",))):
            cls.engine.docker("network", "create", *options, name)
        cls.engine.start("dev-api", "--network", "dev-net", "--label", "env=dev")
        cls.engine.start("dev-web", "--network", "dev-net", "--label", "env=dev", command=ECHO)
        cls.engine.start("prod-db", "--network", "prod-net", "--label", "env=prod", "-p", "8080:80", command=ECHO)
        cls.engine.start("inner", "--network", "inner-net", "--label", "env=prod")
        cls.firebreak = Firebreak()

    def verify(self, *words):
        """(exit code, JSON)"""
        code, out, err = self.firebreak.run("verify", "--host", f"h={self.engine.url}", "--format", "json",
                                            "--rate", "2000", *words, timeout=300)
        self.assertTrue(out.startswith("{"), out + err)
        return code, json.loads(out)

    def inside(self, *argv, check=True):
        return self.engine.namespace.run(*argv, check=check)[1]

    def pids(self):
        """One process in each namespace."""
        return [self.engine.process.pid] + [int(self.engine.docker("inspect", "-f", "{{.State.Pid}}", name))
                                            for name in ("dev-api", "dev-web", "prod-db", "inner")]

    def packets_sent(self):
        """Connections opened, datagrams and ICMP messages, from all namespaces together."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/net/snmp") as file:
                lines = [line.split() for line in file]
            for names, values in zip(lines[::2], lines[1::2]):
                told = dict(zip(names[1:], values[1:]))
                total += sum(int(told.get(name, 0)) for name in ("ActiveOpens", "OutDatagrams", "OutMsgs"))
        return total

    def entries(self):
        return int(self.inside("cat", "/proc/sys/net/netfilter/nf_conntrack_count"))

    def sockets(self):
        return {pid: self.listening(pid) for pid in self.pids()}

    @staticmethod
    def listening(pid):
        return sorted(run("nsenter", "-t", str(pid), "-n", "ss", "-Hnltu")[1].splitlines())

    def expect_agreement(self, code, answer):
        self.assertEqual([], answer["disagreements"])
        self.assertEqual(0, code, answer["gaps"])
        counts = answer["counts"]
        self.assertEqual(0, counts["unknown"])
        self.assertEqual(counts["asked"], counts["agreed"] + counts["not_proven"])
        self.assertEqual(counts["asked"], sum(answer["plan"].values()))
        self.assertGreater(answer["plan"]["open"], 30)
        self.assertGreater(answer["plan"]["closed"], 30)

    def test_packets_do_what_is_predicted(self):
        before = self.packets_sent()
        code, answer = self.verify()
        self.assertGreaterEqual(self.packets_sent() - before, answer["counts"]["asked"])
        self.expect_agreement(code, answer)
        counts = answer["counts"]
        # Datagrams prove nothing without listeners, and busybox's nc does not listen for a moment after each
        # connection; nothing else is in doubt.
        reasons = {one["why"]: one["probes"] for one in answer["not_proven"]}
        datagrams = reasons.pop("datagrams that nobody has to answer")
        self.assertLess(sum(reasons.values()), 5)
        self.assertLess(datagrams, counts["asked"] / 2)

    def test_with_listeners_datagrams_prove_something_and_nothing_stays_behind(self):
        before, sockets = self.entries(), self.sockets()
        code, answer = self.verify("--listeners")
        self.expect_agreement(code, answer)
        self.assertTrue(answer["listeners"])
        self.assertLess(answer["counts"]["not_proven"], answer["counts"]["asked"] / 10)
        self.assertEqual(sockets, self.sockets())
        with open("/proc/sys/net/netfilter/nf_conntrack_max") as most:
            self.assertLess(self.entries() - before, int(most.read()) / 10)

    def test_a_dry_run_sends_nothing(self):
        before, entries = self.packets_sent(), self.entries()
        code, answer = self.verify("--dry-run", "--listeners")
        self.assertEqual(0, code)
        self.assertTrue(answer["dry_run"])
        self.assertEqual(sum(answer["plan"].values()), len(answer["planned"]))
        web = address_of(self.engine, "dev-web", "dev-net")
        self.assertTrue(any(one["from"]["container"] == "dev-api" and one["address"] == web and one["port"] == 80
                            and one["predicted"] == "open" for one in answer["planned"]))
        self.assertLessEqual(self.entries(), entries)
        self.assertEqual(before, self.packets_sent())

    def test_what_the_model_cannot_see_is_a_disagreement(self):
        """A neighbour that is not who it says: everything that goes to dev-web from the host gets lost."""
        web = address_of(self.engine, "dev-web", "dev-net")
        bridge = "br-" + self.engine.docker("network", "inspect", "-f", "{{.Id}}", "dev-net")[:12]
        self.inside("ip", "neigh", "replace", web, "lladdr", "02:00:00:00:00:99", "dev", bridge, "nud", "permanent")
        try:
            code, answer = self.verify()
            text = self.firebreak.run("verify", "--host", f"h={self.engine.url}", "--rate", "2000", timeout=300)
        finally:
            self.inside("ip", "neigh", "del", web, "dev", bridge)
        self.assertEqual(1, code)
        found = {(one["from"]["container"], one["to"]["container"], one["address"]) for one in answer["disagreements"]}
        self.assertIn((None, "dev-web", web), found)
        # What dev-web asks gets there, but its answers go astray; nobody else is concerned.
        for sender, receiver, _ in found:
            self.assertIn("dev-web", (sender, receiver))
        self.assertEqual({("NET009", "open", "nothing came back")}, {
            (one["code"], one["predicted"], one["happened"]) for one in answer["disagreements"]})
        self.assertIn(80, {one["port"] for one in answer["disagreements"]})
        self.assertEqual(1, text[0])
        self.assertIn("@h → ", text[1])
        self.assertIn(f"tcp {web}:80", text[1])

    def test_what_is_not_on_this_machine_is_not_asked(self):
        code, out, _ = self.firebreak.run("verify", "--host", "h=tcp://127.0.0.1:1", "--format", "json")
        self.assertEqual(3, code)
        self.assertEqual(0, json.loads(out)["counts"]["asked"])


if __name__ == "__main__":
    unittest.main()
