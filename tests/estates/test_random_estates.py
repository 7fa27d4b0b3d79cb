"""Random estates on real engines: every way that `firebreak paths --all` predicts is open, and no other is.

FIREBREAK_SEEDS=FIRST:LAST chooses the estates (default 1:10); `make soak` runs hundreds. FIREBREAK_NFT=0 leaves
tables of nft's own out. FIREBREAK_ESTATE=FILE runs the one in a file instead, as a failure prints it."""
import json
import os
import random
import unittest

from compare import compare, predict
from engines import Firebreak, require
from measure import measure, raise_descriptor_limit
from random_estate import Generator, ports_of, ports_of_rules
from running import Running
from shrink import shrink

FIRST, LAST = (int(seed) for seed in os.environ.get("FIREBREAK_SEEDS", "1:10").split(":"))
NFT = os.environ.get("FIREBREAK_NFT", "1") != "0"
SHRINK_STEPS = int(os.environ.get("FIREBREAK_SHRINK", "25"))


class RandomEstates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("dockerd", "nft", "iptables", "ip6tables", "nsenter")
        raise_descriptor_limit()
        cls.counts, cls.features, cls.gaps = {}, set(), {}
        cls.firebreak = Firebreak()

    def test_the_prediction_is_what_happens(self):
        if file := os.environ.get("FIREBREAK_ESTATE"):
            with open(file, encoding="utf-8") as text:
                self.one(json.load(text), 0)
            return
        for seed in range(FIRST, LAST + 1):
            with self.subTest(seed=seed):
                generator = Generator(seed, nft=NFT)
                self.one(generator.estate(), seed)
                type(self).features |= generator.features
        probes, unknown = self.counts["probes"], self.counts["unknown"]
        print(f"\n{self.counts}\nunknown: {100 * unknown / probes:.2f} %\nfeatures: {', '.join(sorted(self.features))}")
        for gap, count in sorted(self.gaps.items(), key=lambda one: -one[1])[:10]:
            print(f"gap, {count} times: {gap}")
        for kind in ("open", "shut"):
            self.assertGreater(self.counts[kind], 0, f"nothing was {kind}: nothing was compared")
        self.assertLess(unknown, probes / 5)

    def one(self, estate, seed):
        comparison = self.compared(estate, seed, count=True)
        if comparison.wrong:
            small = shrink(estate, lambda one: bool(self.attempt(one, seed)), SHRINK_STEPS)
            again = self.attempt(small, seed) or comparison
            self.fail(f"seed {seed}: {comparison.text(5)}\nsmaller:\n{again.text()}\n"
                      f"FIREBREAK_ESTATE=…\n{json.dumps(small)}\n{self.rules}")

    def attempt(self, estate, seed):
        """The comparison if there are disagreements; None also for an estate that no engine takes."""
        try:
            comparison = self.compared(estate, seed)
        except AssertionError:
            return None
        return comparison if comparison.wrong else None

    def compared(self, estate, seed, count=False):
        running = Running(estate)
        try:
            ports = ports_of(estate, random.Random(seed))
            predicted = predict(self.firebreak, running.engine)
            measured = measure(running.engine, ports)
            comparison = compare(measured, predicted, ports, ports_of_rules(estate))
            if comparison.wrong:
                self.rules = "".join(running.root(*words, check=False)[1] for words in
                                     (["ip", "-br", "address"], ["iptables-save"], ["ip6tables-save"], ["nft", "list", "tables"]))
        finally:
            running.close()
        if count:
            for name, number in comparison.counts.items():
                self.counts[name] = self.counts.get(name, 0) + number
            for gap in predicted.gaps:
                text = f"{gap['what']}: {gap['why']}"
                self.gaps[text] = self.gaps.get(text, 0) + 1
        return comparison


if __name__ == "__main__":
    unittest.main()
