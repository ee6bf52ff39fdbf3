"""What a test does where a Debian package is missing: it says which."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(thing: str, package: str) -> NoReturn:
    """End the test: skipped on a developer's machine, failed where `CI=true`."""
    message = f"{thing} is missing: install the Debian package {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
