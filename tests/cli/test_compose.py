"""Compose files before anything runs, through real compose tools: docker-compose 1.29 and Compose v2 as the
docker command line's plugin."""
import os
import shutil
import unittest

from engines import Firebreak, codes, open_findings, suite_root

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
NEWER = "name: shop\nservices: {api: {image: x, develop: {watch: []}}}\n"  # keys that docker-compose 1.29 refuses


class EitherTool:
    """What holds with each compose tool."""

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

    def test_a_missing_file_is_a_gap(self):
        self.assertEqual(3, self.firebreak.report("--compose", "none.yml")[0])

    def test_secrets_of_the_tools_message_do_not_leak(self):
        self.firebreak.write("bad.yml", "version: '3.7'\nservices:\n  api:\n    image: x\n    environment:\n"
                                        "      DB_PASSWORD: [vK7pQ2mZx9Lw4TgB]\n")
        code, out, err = self.firebreak.run("audit", "--compose", "bad.yml")
        self.assertEqual(3, code)
        self.assertNotIn("vK7pQ2mZx9Lw4TgB", out + err)


class Version1(EitherTool, unittest.TestCase):
    def setUp(self):
        if shutil.which("docker-compose") is None:
            self.skipTest("needs docker-compose (FIREBREAK_TEST_DEPS=1 make test installs it)")
        self.firebreak = Firebreak()

    def test_a_file_that_the_tool_refuses_is_a_gap_with_its_message(self):
        self.firebreak.write("new.yml", NEWER)
        code, report = self.firebreak.report("--compose", "new.yml")
        self.assertEqual(3, code)
        self.assertTrue(any("develop" in gap["why"] or "name" in gap["why"] for gap in report["gaps"]), report["gaps"])


class Version2(EitherTool, unittest.TestCase):
    def setUp(self):
        root = suite_root("trixie")
        self.firebreak = Firebreak()
        plugin = os.path.join(self.firebreak.folder, ".docker", "cli-plugins", "docker-compose")
        os.makedirs(os.path.dirname(plugin))
        with open(plugin, "w") as script:  # with the C library that it was built for
            script.write(f"#!/bin/sh\nexec {root}/lib64/ld-linux-x86-64.so.2 --library-path "
                         f"{root}/usr/lib/x86_64-linux-gnu {root}/usr/libexec/docker/cli-plugins/docker-compose \"$@\"\n")
        os.chmod(plugin, 0o755)

    def test_newer_keys_are_read_and_the_file_names_the_project(self):
        self.firebreak.write("new.yml", NEWER)
        code, report = self.firebreak.report("--compose", "new.yml")
        self.assertEqual([], report["gaps"])
        self.assertEqual(0, code)
        self.assertEqual(["shop"], [workload["project"] for workload in report["workloads"]])

    def test_services_of_profiles_and_included_files_are_seen(self):
        self.firebreak.write("part.yml", "services: {db: {image: 'postgres:15'}}\n")
        self.firebreak.write("all.yml", "name: shop\ninclude: [part.yml]\nservices:\n"
                                        "  api: {image: x}\n  debug: {image: y, profiles: [tools]}\n")
        _, report = self.firebreak.report("--compose", "all.yml")
        self.assertEqual(["api", "db", "debug"], sorted(workload["name"] for workload in report["workloads"]))


if __name__ == "__main__":
    unittest.main()
