"""AUD002 to AUD006 on a real engine."""
import unittest

from cases import DEV, PROD, CodeCase

POLICY = """
version: 1
environments:
  production: {tier: production, match: [{label: env=production}]}
  development: {tier: development, match: [{label: env=dev}]}
"""


def waiver(expires, reason="known", code="NET001"):
    return POLICY + f"""waivers:
  - {{code: {code}, environments: [production, development], reason: {reason},
     approved_by: security@example.com, expires: {expires}}}
"""


class Audit(CodeCase):
    def test_aud002_workload_in_no_environment(self):
        self.engine.start("api-a", *PROD)
        self.engine.start("stray", "--network", "none")
        finding = self.assert_fires("AUD002", policy=POLICY)
        self.assertIn("stray", finding["title"])
        self.engine.docker("rm", "-f", "stray")
        self.assert_silent("AUD002", policy=POLICY)

    def test_aud002_workload_in_two_environments(self):
        both = POLICY.replace("match: [{label: env=dev}]", "match: [{label: env=dev}, {name: \"api-*\"}]")
        self.engine.start("api-a", *PROD)
        finding = self.assert_fires("AUD002", policy=both)
        self.assertIn("production", finding["title"])
        self.assertIn("development", finding["title"])
        self.assert_silent("AUD002", policy=both.replace("api-*", "web-*"))

    def test_aud002_evidence_for_two_environments_without_a_policy(self):
        self.engine.start("sync", "-e", "APP_ENV=staging", "-e", "DEPLOY_ENV=production", "--network", "none")
        self.engine.start("api-a", *PROD, "--network", "none")
        self.engine.start("blog", "--network", "none")
        self.assertEqual("low", self.assert_fires("AUD002")["severity"])
        self.engine.docker("rm", "-f", "sync")
        self.assert_silent("AUD002")  # who says nothing is a remark

    def shared(self):
        self.engine.docker("network", "create", "shared-net")
        self.engine.start("api-a", *PROD, "--network", "shared-net")
        self.engine.start("api-b", *DEV, "--network", "shared-net")

    def test_a_waiver_that_holds(self):
        self.shared()
        exit_code, report = self.audit(policy=waiver("2099-01-01"))
        self.assertEqual(0, exit_code, self.titles(report))
        self.assertEqual(["waived"], [f["status"] for f in report["findings"] if f["code"] == "NET001"])

    def test_aud003_expired_waiver_waives_nothing(self):
        self.shared()
        self.assert_fires("AUD003", policy=waiver("2020-01-01"))
        self.assert_fires("NET001", policy=waiver("2020-01-01"))
        self.assert_silent("AUD003", policy=waiver("2099-01-01"))

    def test_aud004_waiver_that_matched_nothing(self):
        self.shared()
        self.assert_fires("AUD004", policy=waiver("2099-01-01", code="CRED001"))
        self.assert_silent("AUD004", policy=waiver("2099-01-01"))

    def test_aud005_selector_that_matched_nothing(self):
        self.engine.start("api-a", *PROD)
        self.assert_fires("AUD005", policy=POLICY)  # env=dev
        self.engine.start("api-b", *DEV, "--network", "none")
        self.assert_silent("AUD005", policy=POLICY)

    def test_aud006_host_that_does_not_answer(self):
        self.engine.start("api-a", *PROD)
        self.engine.start("api-b", *DEV, "--network", "none")
        words = ("--host", f"here={self.engine.url}", "--host", "gone=unix:///nonexistent/docker.sock")
        exit_code, report = self.audit(*words, policy=POLICY)
        self.assertEqual(3, exit_code)
        self.assertEqual(["gone"], [gap["host"] for gap in report["gaps"]])
        self.assertIn("AUD006", [f["code"] for f in report["findings"]])
        self.assertEqual(0, self.audit("--host", f"here={self.engine.url}", policy=POLICY)[0])

    def test_a_gap_beside_findings_is_exit_1(self):
        self.shared()
        words = ("--host", f"here={self.engine.url}", "--host", "gone=unix:///nonexistent/docker.sock")
        self.assertEqual(1, self.audit(*words, policy=POLICY)[0])


if __name__ == "__main__":
    unittest.main()
