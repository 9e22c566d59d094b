"""Runs the live tests of a checkout of the Python SDK, with nothing changed but the base URL."""
import functools
import importlib
import json
import os
import sys
import time
import types
import unittest

sys.path.insert(0, os.getcwd())

# The checkout's tests ask for this package for those of its tests that need no server; those are not run here.
exam = types.ModuleType("exam.decorators")
exam.fixture = functools.cached_property
sys.modules["exam"] = types.ModuleType("exam")
sys.modules["exam.decorators"] = exam

api = importlib.import_module("mangopay.api")
send = api.requests_session.request


def request(method, url, **rest):
    """Sends to the sandbox what is meant for the provider."""
    return send(method, url.replace("https://api.sandbox.mangopay.com", os.environ["SANDBOX_URL"]), **rest)


api.requests_session.request = request


class Results(unittest.TestResult):
    """Tells how each test ended."""

    def tell(self, test, result, why=""):
        line = {
            "service": type(test).__module__.replace("tests.test_", ""), "test": test.id(), "result": result,
            "why": str(why).split("\n")[0], "at": int(time.time() * 1000),
        }
        with open(os.environ["SDK_RESULTS"], "a") as out:
            out.write(json.dumps(line) + "\n")

    def addSuccess(self, test):
        self.tell(test, "passed")

    def addError(self, test, err):
        self.tell(test, "failed", err[1])

    def addFailure(self, test, err):
        self.tell(test, "failed", err[1])

    def addSkip(self, test, reason):
        self.tell(test, "skipped", reason)


live = importlib.import_module("tests.test_base").BaseTestLive
suite = unittest.TestSuite()
for service in sys.argv[1:]:
    module = importlib.import_module("tests.test_" + service)
    for case in vars(module).values():
        if isinstance(case, type) and issubclass(case, live) and case.__module__ == module.__name__:
            suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
suite.run(Results())
