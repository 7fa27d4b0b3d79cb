"""The README's promise: two plain `docker run` lines on one network, no policy file."""
import unittest

from engines import Engine, Firebreak, codes, open_findings


class WordForWord(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def setUp(self):
        self.firebreak = Firebreak()

    def audit(self):
        return self.firebreak.report(env={"DOCKER_HOST": self.engine.url})

    def test_shared_network_is_found_explained_and_clean_after_the_remedy(self):
        self.engine.docker("network", "create", "shared-net")
        for host in ("dev-db", "prod-db"):
            self.engine.docker("run", "-d", "--network", "shared-net", "-e",
                               f"DATABASE_URL=postgres://{host}:5432/app", "my-api")
        code, report = self.audit()
        self.assertEqual(1, code)
        self.assertTrue(report["policy"]["inferred"])
        self.assertEqual({"production", "development"}, {e["name"] for e in report["environments"]})
        self.assertEqual(["NET001"], codes(report, "medium"))
        finding = open_findings(report, "medium")[0]
        self.assertIn("shared-net", finding["title"])
        self.assertTrue(finding["path"])
        reasons = [r for w in report["workloads"] for r in w["reasons"]]
        self.assertTrue(any("prod-db" in reason for reason in reasons), reasons)

        for remedy in finding["remedy"]:
            for command in remedy["commands"]:
                self.engine.shell(command)
        code, report = self.audit()
        self.assertEqual([], open_findings(report, "medium"))
        self.assertEqual(0, code)


if __name__ == "__main__":
    unittest.main()
