"""The code that tests hand to a site's shell stands in strings, where tools that move modules miss it."""

from __future__ import annotations

import ast
import importlib
import re
from importlib.util import find_spec
from pathlib import Path

from tests.live import ROOT

OURS = "accounts|config|hosting|processing|server"
IMPORT = re.compile(rf"^\s*from ((?:{OURS})[\w.]*) import ([\w, ]+)", re.MULTILINE)
FILES = sorted(path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts)


def imports_in_strings(path: Path) -> list[tuple[str, str]]:
    """Each module and name that a string of the file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for module, names in IMPORT.findall(node.value.replace(";", "\n")):
                found += [(module, name.split()[0]) for name in names.split(",")]
    return found


def exists(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name) or bool(find_spec(f"{module}.{name}"))
    except ModuleNotFoundError:
        return False


def test_code_in_strings_imports_what_exists() -> None:
    found = {(path, *each) for path in FILES for each in imports_in_strings(path)}
    assert [each for each in sorted(found) if not exists(*each[1:])] == []


def test_such_code_is_found() -> None:
    found = imports_in_strings(ROOT / "tests" / "services" / "test_killed_workers.py")
    assert ("hosting.models", "Job") in found
    assert not exists("hosting.nowhere", "Job")
    assert not exists("hosting.models", "Nothing")
