"""Reports in every format, as the program prints them: made by hand in report_test, whose code is the program's own."""
import os
import subprocess
import tempfile

BUILD = os.environ.get("FIREBREAK_BUILD", "build/dev")
SOURCE = os.path.abspath(os.environ.get("FIREBREAK_SOURCE", "."))


def write_samples():
    """A temporary folder (keep the object) with CASE.json, CASE.sarif, CASE.junit.xml, CASE.html and diff.json."""
    folder = tempfile.TemporaryDirectory(prefix="firebreak-samples-")
    program = os.path.join(BUILD, "report_test")
    subprocess.run([program, "--gtest_filter=Formats.AreWrittenOutForValidation"], check=True, cwd=SOURCE,
                   stdout=subprocess.DEVNULL, env={**os.environ, "FIREBREAK_SAMPLES": folder.name})
    return folder
