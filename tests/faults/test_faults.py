"""The n-th answer of a real engine is spoilt, for every n: no run is ever green."""
import json
import unittest

import lying
from cases import DEV, PROD
from engines import Engine, Firebreak


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.engine.docker("network", "create", "prod-net")
        cls.engine.start("api-a", *PROD, "--network", "prod-net", "-v", "data:/data")
        cls.engine.start("api-b", *DEV, "--network", "none")
        cls.liar = lying.LyingEngine(cls.engine.socket)

    @classmethod
    def tearDownClass(cls):
        cls.liar.close()
        cls.engine.close()

    def setUp(self):
        self.firebreak = Firebreak()

    def audit(self, *words):
        return self.firebreak.run("audit", "--format", "json", "--host", f"h={self.liar.url}", *words, timeout=100)

    def test_clean_without_a_fault(self):
        self.liar.plan(0, lying.closed)
        code, out, err = self.audit()
        self.assertEqual(0, code, out + err)
        self.assertGreater(self.liar.requests, 6)

    def every_nth(self, fault, *words):
        for n in range(1, 200):
            self.liar.plan(n, fault)
            code, out, err = self.audit(*words)
            if self.liar.requests < n:
                self.assertEqual(0, code)
                self.assertGreater(n, 6)
                return
            with self.subTest(fault=fault.__name__, n=n):
                self.assertIn(code, (3, 4), f"{out[:3000]}\n{err[:1000]}")
                if code == 3:
                    gaps = json.loads(out)["gaps"]
                    self.assertTrue(gaps)
                    self.assertTrue(all(gap["why"] and gap["what"] and gap["host"] for gap in gaps), gaps)
        self.fail("never came to a clean run")

    def test_quick_faults(self):
        for fault in lying.QUICK:
            self.every_nth(fault)

    def test_slow_faults_end_at_the_timeout(self):
        for fault in lying.SLOW:
            for n in (1, 3, 6):
                with self.subTest(fault=fault.__name__, n=n):
                    self.liar.plan(n, fault)
                    code, out, err = self.audit("--timeout", "1")
                    self.assertEqual(3, code, out[:1000] + err)

    def test_a_hundred_megabytes(self):
        for n in (2, 3):
            with self.subTest(n=n):
                self.liar.plan(n, lying.huge)
                self.assertEqual(3, self.audit()[0])

    def test_a_snapshot_with_a_gap_stays_not_green_when_it_is_read(self):
        self.liar.plan(4, lying.refused)
        code, _, _ = self.firebreak.run("snapshot", "--host", f"h={self.liar.url}", "-o", "s.json")
        self.assertEqual(3, code)
        self.assertEqual(3, self.firebreak.report("--snapshot", "s.json")[0])


if __name__ == "__main__":
    unittest.main()
