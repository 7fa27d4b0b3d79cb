"""Compose files before anything runs, through the compose tool that is installed."""
import shutil
import unittest

from engines import Firebreak, codes, open_findings

PROJECT = """
version: "3.7"
services:
  db:
    image: postgres:15
    environment: {{POSTGRES_PASSWORD: "{password}"}}
  api:
    image: registry.example.com/shop/api:1.4
    environment:
      - APP_ENV={environment}
      - DATABASE_URL=postgres://app:{password}@db:5432/app
    networks: [default, {network}]
networks:
  {network}:
    external: true
"""


class Compose(unittest.TestCase):
    def setUp(self):
        if shutil.which("docker-compose") is None:
            self.skipTest("needs docker-compose (FIREBREAK_TEST_DEPS=1 make test installs it)")
        self.firebreak = Firebreak()

    def project(self, name, environment, network, password):
        return self.firebreak.write(name, PROJECT.format(environment=environment, network=network, password=password))

    def test_two_projects_on_one_external_network_with_one_password(self):
        self.project("prod.yml", "production", "shared-net", "vK7pQ2mZx9Lw4TgB")
        self.project("dev.yml", "development", "shared-net", "vK7pQ2mZx9Lw4TgB")
        # COMPOSE_PROJECT_NAME would join them: each file of one folder needs a name of its own.
        words = ("--compose", "prod.yml", "--compose", "dev.yml")
        code, report = self.firebreak.report(*words)
        self.assertEqual([], report["gaps"])
        self.assertEqual(1, code)
        self.assertLessEqual({"CRED001", "NET001"}, set(codes(report, "medium")))
        self.assertNotIn("HOST001", codes(report))  # nobody said that they will share a host
        self.assertNotIn("vK7pQ2mZx9Lw4TgB", str(report))
        remedies = str([f["remedy"] for f in open_findings(report)])
        self.assertNotIn("docker network connect", remedies)  # nothing runs yet: the file is to be changed

        self.project("dev.yml", "development", "dev-net", "mP3xW8cN5yR1tHq6")
        self.project("prod.yml", "production", "prod-net", "vK7pQ2mZx9Lw4TgB")
        code, report = self.firebreak.report(*words)
        self.assertEqual([], codes(report, "medium"), open_findings(report))
        self.assertEqual(0, code)

    def test_a_file_that_the_tool_refuses_is_a_gap_with_its_message(self):
        self.firebreak.write("new.yml", "name: shop\nservices: {api: {image: x, develop: {watch: []}}}\n")
        code, report = self.firebreak.report("--compose", "new.yml")
        self.assertEqual(3, code)
        self.assertTrue(any("develop" in gap["why"] or "name" in gap["why"] for gap in report["gaps"]), report["gaps"])

    def test_a_missing_file_is_a_gap(self):
        self.assertEqual(3, self.firebreak.report("--compose", "none.yml")[0])

    def test_secrets_of_the_tools_message_do_not_leak(self):
        self.firebreak.write("bad.yml", "version: '3.7'\nservices:\n  api:\n    image: x\n    environment:\n"
                                        "      DB_PASSWORD: [vK7pQ2mZx9Lw4TgB]\n")
        code, out, err = self.firebreak.run("audit", "--compose", "bad.yml")
        self.assertEqual(3, code)
        self.assertNotIn("vK7pQ2mZx9Lw4TgB", out + err)


if __name__ == "__main__":
    unittest.main()
