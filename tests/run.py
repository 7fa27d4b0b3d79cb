"""Runs one test file with unittest. Exit 77 only if nothing failed and something was skipped."""
import importlib.util
import os
import sys
import unittest

path = sys.argv[1]
sys.path[:0] = [os.path.dirname(path), os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")]
spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
suite = unittest.defaultTestLoader.loadTestsFromModule(module)
if len(sys.argv) > 2:
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[2:], module)
result = unittest.TextTestRunner(verbosity=2).run(suite)
for test, reason in result.skipped:
    print(f"SKIPPED {test}: {reason}")
if not result.wasSuccessful():
    sys.exit(1)
if result.testsRun == 0:
    sys.exit("no test ran")
sys.exit(77 if result.skipped else 0)
