"""The simple evaluator agrees with the kernel on rule sets of nft: random ones are loaded into a router between a
sender and a receiver, both families; real connections are opened, and where they end, refused, silent or at which
socket with which addresses, is what the evaluator said of the rules that `nft -j list ruleset` printed.

FIREBREAK_SEEDS=FIRST:LAST chooses the rule sets (default 1:12), 40 probes each."""
import itertools
import os
import random
import unittest

import engines
import random_nft
import random_rules
from router import Router, agrees

FIRST, LAST = (int(seed) for seed in os.environ.get("FIREBREAK_SEEDS", "1:12").split(":"))
PROBES = 40


class NftAgree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engines.require("ip", "nsenter", "nft")
        cls.routers = {}
        cls.ports = {}
        cls.counts = {"probes": 0, "unknown": 0, "open": 0, "refused": 0, "silent": 0}
        cls.features = set()
        for family in (4, 6):
            cls.routers[family] = Router(family)
            cls.addClassCleanup(cls.routers[family].close)
            cls.ports[family] = itertools.cycle(random.Random(family).sample(range(20000, 60000), 40000))

    def test_random_rule_sets(self):
        for seed in range(FIRST, LAST + 1):
            with self.subTest(seed=seed):
                self.one(seed)
        print(f"\n{self.counts}\nfeatures: {' '.join(sorted(self.features))}")
        self.assertLess(self.counts["unknown"], self.counts["probes"] / 5)
        for kind in ("open", "refused", "silent"):
            self.assertGreater(self.counts[kind], 0, f"no probe was {kind}: nothing was compared")

    def one(self, seed):
        chance = random.Random(seed)
        router = self.routers[(4, 6)[seed % 2]]
        generator = random_nft.Generator(chance, router)
        rules = generator.rules()
        probes = random_rules.Generator(chance, router).probes(PROBES, self.ports[router.family])
        try:
            router.load_nft(rules)
            self.compare(router, probes, f"seed {seed}, IPv{router.family}\n{rules}")
        finally:
            router.router.run("nft", "flush", "ruleset")
        self.features |= generator.features

    def compare(self, router, probes, context):
        possible, why = router.predict(probes)
        answers = router.probe(probes, 0.7)
        # Silence may be a busy machine: what was expected to answer is asked again with patience.
        doubtful = [i for i, answer in enumerate(answers) if answer == "silent" and not agrees(possible[i], answer)]
        if doubtful:
            again = router.probe([{**probes[i], "sport": next(self.ports[router.family])} for i in doubtful], 5)
            for i, answer in zip(doubtful, again):
                probes[i]["asked"] = "twice"
                answers[i] = answer
        for probe, may, reasons, answer in zip(probes, possible, why, answers):
            self.counts["probes"] += 1
            self.counts["unknown"] += "unknown" in may
            self.counts[answer.split()[0]] += 1
            if "asked" in probe and answer != "silent":
                continue  # another source port: only that it opens was in doubt
            self.assertTrue(agrees(may, answer), f"{context}\n{probe}\nexpected {sorted(may)}\nmeasured {answer}\n"
                            + "\n".join(reasons))


if __name__ == "__main__":
    unittest.main()
