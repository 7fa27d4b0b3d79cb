"""Every machine-readable format against its schema: our own for JSON, OASIS's for SARIF, an XSD for JUnit."""
import glob
import json
import os
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

try:
    import jsonschema
except ImportError:
    jsonschema = None

from samples import SOURCE, write_samples

CASES = ["hostile", "incomplete", "mistakes", "nothing", "separated"]


def load(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return json.load(file)


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = write_samples()
        cls.addClassCleanup(cls.folder.cleanup)

    def sample(self, name):
        return os.path.join(self.folder.name, name)

    def test_all_samples_are_there(self):
        found = sorted(os.path.basename(path)[:-len(".sarif")] for path in glob.glob(self.sample("*.sarif")))
        self.assertEqual(found, CASES)

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_json_follows_our_schema(self):
        schema = load(SOURCE, "docs/schema/report-1.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for case in CASES:
            validator.validate(load(self.sample(case + ".json")))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_json_schema_refuses_what_is_wrong(self):
        validator = jsonschema.Draft202012Validator(load(SOURCE, "docs/schema/report-1.json"))
        for spoil in (lambda report: report.pop("gaps"),
                      lambda report: report["findings"][0].update(severity="huge"),
                      lambda report: report["findings"][0].update(fingerprint="xyz"),
                      lambda report: report["matrix"][0].update(dimension="weather"),
                      lambda report: report["summary"].update(exit=2)):
            report = load(self.sample("mistakes.json"))
            spoil(report)
            self.assertFalse(validator.is_valid(report))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_diff_follows_our_schema(self):
        schema = load(SOURCE, "docs/schema/diff-1.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        for name in ("diff.json", "diff-hostile.json", "diff-none.json"):
            jsonschema.Draft202012Validator(schema).validate(load(self.sample(name)))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_paths_follow_our_schema(self):
        schema = load(SOURCE, "docs/schema/paths-1.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for name in ("explained", "stopped"):  # real output: paths_test compares it byte by byte
            validator.validate(load(SOURCE, f"tests/golden/paths/{name}.json"))
        for spoil in (lambda paths: paths.pop("influences"),
                      lambda paths: paths["flows"][0].update(verdict="perhaps"),
                      lambda paths: paths["flows"][0].update(ports="http"),
                      lambda paths: paths["flows"][0]["from"].pop("container"),
                      lambda paths: paths["flows"][0].update(listening="yes")):
            paths = load(SOURCE, "tests/golden/paths/explained.json")
            spoil(paths)
            self.assertFalse(validator.is_valid(paths))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_verify_follows_our_schema(self):
        schema = load(SOURCE, "docs/schema/verify-1.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for name in ("answers", "plan"):  # real output: verify_test compares it byte by byte
            validator.validate(load(SOURCE, f"tests/golden/verify/{name}.json"))
        for spoil in (lambda answer: answer.pop("counts"),
                      lambda answer: answer["disagreements"][0].update(predicted="perhaps"),
                      lambda answer: answer["disagreements"][0].update(port="http"),
                      lambda answer: answer["counts"].update(asked=-1),
                      lambda answer: answer["disagreements"][0]["from"].pop("container")):
            answer = load(SOURCE, "tests/golden/verify/answers.json")
            spoil(answer)
            self.assertFalse(validator.is_valid(answer))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_sarif_follows_the_standard(self):
        validator = jsonschema.Draft4Validator(load(SOURCE, "tests/schemas/sarif-2.1.0.json"))
        for case in CASES:
            validator.validate(load(self.sample(case + ".sarif")))

    def test_sarif_names_only_hosts_and_rules_that_it_declares(self):
        for case in CASES:
            run = load(self.sample(case + ".sarif"))["runs"][0]
            rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
            self.assertEqual(len(rules), len(set(rules)))
            for result in run["results"]:
                self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])

    def test_junit_is_well_formed_and_counts_right(self):
        for case in CASES:
            root = xml.etree.ElementTree.parse(self.sample(case + ".junit.xml")).getroot()
            for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(root.get(name)), len(root.findall(f".//{element}")), case)
            self.assertEqual(int(root.get("tests")), len(root.findall(".//testcase")))
            for suite in root:
                self.assertEqual(int(suite.get("tests")), len(suite))

    def test_junit_fails_exactly_where_the_report_does(self):
        for case in CASES:
            root = xml.etree.ElementTree.parse(self.sample(case + ".junit.xml")).getroot()
            code = load(self.sample(case + ".json"))["summary"]["exit"]
            self.assertEqual(int(root.get("failures")) > 0, code == 1, case)
            self.assertEqual(int(root.get("errors")) > 0, code == 3, case)

    @unittest.skipUnless(shutil.which("xmllint"), "xmllint (libxml2-utils) is not installed")
    def test_junit_follows_its_schema(self):
        schema = os.path.join(SOURCE, "tests/schemas/junit.xsd")
        files = [self.sample(case + ".junit.xml") for case in CASES]
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, *files], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
