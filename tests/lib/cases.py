"""A finding code on a real engine: it fires, its near twin does not, and its remedy, executed, makes the
audit clean. One engine serves a whole test file; each test starts from an empty one."""
import unittest

from engines import Engine, Firebreak, codes, open_findings

DEV = ("--label", "env=dev")
STAGING = ("--label", "env=staging")
PROD = ("--label", "env=production")
NETWORK_OF = {DEV: "dev-net", STAGING: "staging-net", PROD: "prod-net"}


class CodeCase(unittest.TestCase):
    extra = ""  # further dockerd arguments
    suite = None  # the Debian suite of the engine; None: FIREBREAK_TEST_SUITE, or this system's own

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(extra=cls.extra, suite=cls.suite)

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def setUp(self):
        self.firebreak = Firebreak()
        self.engine.reset()
        for network in NETWORK_OF.values():
            self.engine.docker("network", "create", network)

    def place(self, name, environment, *options, image="my-api", command=()):
        """(Re)starts a container on its environment's own network, unless the options name another."""
        self.engine.docker("rm", "-f", name, check=False)
        network = () if "--network" in options else ("--network", NETWORK_OF[environment])
        self.engine.start(name, *environment, *network, *options, image=image, command=command)

    def audit(self, *words, policy=None, env=None):
        """(exit code, report) of this engine."""
        if policy is not None:
            words = ("--policy", self.firebreak.write("policy.yaml", policy), *words)
        return self.firebreak.report(*words, env={"DOCKER_HOST": self.engine.url, **(env or {})})

    def assert_fires(self, code, *words, **options):
        """The one or first open finding of this code, complete in what a finding must have."""
        exit_code, report = self.audit(*words, **options)
        found = [f for f in open_findings(report, "info") if f["code"] == code]
        self.assertTrue(found, f"{code} does not fire; found: {[(f['code'], f['title']) for f in report['findings']]}"
                               f" gaps: {report['gaps']}")
        finding = found[0]
        for field in ("title", "subjects", "path", "remedy", "fingerprint"):
            self.assertTrue(finding[field], f"{code} has no {field}")
        if finding["severity"] in ("medium", "high", "critical") and code != "AUD006":
            self.assertEqual(1, exit_code)
        return finding

    def assert_silent(self, code, *words, at_least="low", gaps=(), **options):
        """`gaps`: what the policy requires beyond configuration."""
        exit_code, report = self.audit(*words, **options)
        self.assertNotIn(code, codes(report, at_least), self.titles(report))
        self.assertEqual(list(gaps), [gap["what"] for gap in report["gaps"]])
        return exit_code, report

    def assert_clean(self, *words, **options):
        exit_code, report = self.audit(*words, **options)
        self.assertEqual([], codes(report, "medium"), self.titles(report))
        self.assertEqual(0, exit_code, report["gaps"])
        return report

    def follow(self, finding):
        """Pastes every command of the remedy into a shell."""
        commands = [command for remedy in finding["remedy"] for command in remedy["commands"]]
        self.assertTrue(commands, f"{finding['code']} has nothing to paste: {finding['remedy']}")
        for command in commands:
            self.engine.shell(command)

    @staticmethod
    def titles(report):
        return [(f["code"], f["severity"], f["title"]) for f in report["findings"]]
