"""ERRORS is the whole of what hosting may refuse: every row is raised, everything raised has a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

import pytest

from accounts import errors as account_errors
from accounts.errors import AccountError
from hosting.api.dialects import DIALECTS
from hosting.api.problems import from_exception
from hosting.errors import ERRORS, RETRYABLE, Fault, HostingError, JobFailed, kind_of, sentences
from processing.errors import CODES, ProcessingError

ROOT = Path(__file__).resolve().parent.parent.parent
# Calls that make an error of hosting by its name in the table.
BY_NAME = frozenset({"HostingError", "FetchError"})
VALUE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Raised:
    """A place that makes an error: by what name, and with which values for its sentence."""

    place: str
    name: str
    values: frozenset[str]


@cache
def raised() -> Sequence[Raised]:
    return [one for path in sorted((ROOT / "hosting").rglob("*.py")) for one in _in(path)]


def _in(path: Path) -> Iterator[Raised]:
    for call in _calls(path, BY_NAME):
        place = f"{path.relative_to(ROOT)}:{call.lineno}"
        # HostingError("one" if … else "other") names both.
        names = call.args[0] if call.args else None
        choices = [names.body, names.orelse] if isinstance(names, ast.IfExp) else [names]
        for choice in choices:
            assert isinstance(choice, ast.Constant), f"{place}: an error's name is a literal"
            values = frozenset(str(word.arg) for word in call.keywords) - {"param"}
            yield Raised(place, str(choice.value), values)


def _calls(path: Path, names: frozenset[str]) -> Iterator[ast.Call]:
    """Calls of `names`, and of super().__init__ in classes that are made of one of them."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in names:
            yield node
        if isinstance(node, ast.ClassDef) and names & {_name(base) for base in node.bases}:
            yield from (
                call
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
                and ast.unparse(call.func) == "super().__init__"
                # A class that takes the name itself is one of BY_NAME.
                and node.name not in names
            )


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def sentence_of(name: str) -> str:
    code, _dot, variant = name.partition(".")
    kind = ERRORS[code]
    return kind.variants[variant] if variant else kind.sentence


def names() -> set[str]:
    """Everything that the table lets be raised by hosting itself."""
    plain = {code for code, kind in ERRORS.items() if kind.sentence}
    return plain | {f"{code}.{one}" for code, kind in ERRORS.items() for one in kind.variants}


def test_many_places_raise_by_the_table() -> None:
    """The walk itself sees what there is."""
    assert len(raised()) > 150


def test_everything_that_is_raised_has_its_row_and_sentence() -> None:
    assert not [one for one in raised() if one.name not in names()]


def test_every_row_and_every_variant_is_raised() -> None:
    assert names() - {one.name for one in raised()} == set()


def test_every_sentence_is_given_its_values_and_no_others() -> None:
    wrong = []
    for one in raised():
        code = one.name.partition(".")[0]
        needed = set(VALUE.findall(sentence_of(one.name) + code + str(ERRORS[code].param)))
        others = {name for name in names() if name.partition(".")[0] == code}
        known = needed | {value for name in others for value in VALUE.findall(sentence_of(name))}
        if not needed <= one.values <= known:
            wrong.append((one.place, one.name, needed, one.values))
    assert not wrong


def test_no_sentence_stands_twice_below_one_code() -> None:
    for code, kind in ERRORS.items():
        said = [text for text in (kind.sentence, *kind.variants.values()) if text]
        assert len(said) == len(set(said)), code


def test_the_codes_of_the_libraries_have_their_meaning_here() -> None:
    theirs = CODES | set(_codes_of_accounts())
    assert theirs <= set(ERRORS)
    wordless = {code for code, kind in ERRORS.items() if not kind.sentence}
    assert wordless <= theirs


def _codes_of_accounts() -> Iterator[str]:
    for call in _calls(Path(account_errors.__file__), frozenset({"AccountError"})):
        assert isinstance(call.args[0], ast.Constant)
        yield str(call.args[0].value)


def test_hosting_never_speaks_in_the_name_of_a_library() -> None:
    """The words of accounts and processing are theirs alone, in examples too."""
    others = frozenset({"AccountError", "ProcessingError"})
    assert not [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "hosting").rglob("*.py"))
        for call in _calls(path, others)
    ]


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_the_examples_of_the_schemas_are_what_is_sent(dialect: str) -> None:
    described = import_module(f"hosting.api.{dialect}.description")
    for error in (*described.API.refusals, *_of_operations(described)):
        problem = from_exception(error)
        if isinstance(error, HostingError) and not hasattr(error, "errors"):
            assert any(_says(text, problem.message) for text in sentences()), problem.message
        if isinstance(error, ProcessingError):
            assert any(_says(text, problem.message) for text in _texts_of_processing())


def _of_operations(described: object) -> Iterator[Exception]:
    for operation in described.API.operations.values():  # type: ignore[attr-defined]
        yield from operation.refusals


def _says(sentence: str, message: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence))
    return re.fullmatch(pattern, message) is not None


@cache
def _texts_of_processing() -> frozenset[str]:
    """Every text in the library, with {value} where something is put in."""
    found = set()
    for path in (ROOT / "processing").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = (
                    str(part.value) if isinstance(part, ast.Constant) else "{value}"
                    for part in node.values
                )
                found.add("".join(parts))
    return frozenset(text for text in found if " " in text)


def test_statuses_are_those_of_http_and_errors() -> None:
    assert all(HTTPStatus(kind.status) >= 400 for kind in ERRORS.values())


def test_what_is_tried_again_is_not_the_senders_fault() -> None:
    assert {"worker_lost", "timed_out", "busy", "storage_full"} <= RETRYABLE
    for code in RETRYABLE:
        assert ERRORS[code].fault in {Fault.OURS, Fault.MOMENT}, code


def test_a_fault_of_the_site_is_a_fault_of_the_server_in_http() -> None:
    for code, kind in ERRORS.items():
        if kind.fault is Fault.OURS:
            assert kind.status >= 500, code
        if kind.fault is Fault.FILE:
            assert kind.status < 500, code


def test_a_raise_takes_its_sentence_and_its_parameter_from_the_row() -> None:
    error = HostingError("unknown_album")
    assert (error.code, error.param) == ("unknown_album", "album")
    assert error.message == str(error) == "You have no album with this id."
    assert HostingError("unknown_album", param="parent").param == "parent"
    assert HostingError("unknown_album", param=None).param is None


def test_a_variant_has_the_code_of_its_row() -> None:
    error = HostingError("not_found.album")
    assert (error.code, error.message) == ("not_found", "There is no such album.")


def test_values_stand_in_the_sentence_the_code_and_the_parameter() -> None:
    error = HostingError("invalid_{name}.most", name="width", number=9000)
    assert (error.code, error.param) == ("invalid_width", "width")
    assert error.message == "width must be at most 9000 pixels."


def test_braces_in_a_value_are_only_text() -> None:
    error = HostingError("invalid_body.null", name="{password}")
    assert error.message == "The list {password} in the body holds null."


def test_an_unknown_name_is_a_bug_and_no_refusal() -> None:
    with pytest.raises(KeyError):
        HostingError("no_such_code")
    with pytest.raises(KeyError):
        HostingError("not_found.no_such_variant")


def test_what_a_job_failed_by_keeps_its_words() -> None:
    error = JobFailed("too_long", "The video is longer than 60 seconds.")
    assert (error.code, str(error)) == ("too_long", "The video is longer than 60 seconds.")
    assert from_exception(error).status == HTTPStatus.BAD_REQUEST


def test_a_code_without_a_row_is_the_senders_mistake() -> None:
    """Such as those of rows that an older version wrote."""
    assert kind_of("of_an_older_version").status == 400
    assert not kind_of("of_an_older_version").retryable


def test_errors_of_accounts_mean_here_what_the_table_says() -> None:
    for error in _account_errors():
        assert from_exception(error).status == kind_of(error.code).status


def _account_errors() -> list[AccountError]:
    return [
        account_errors.NoKey(),
        account_errors.InvalidKey(),
        account_errors.MissingScope("upload"),
        account_errors.BadScopes("scopes must be one or more of read."),
        account_errors.BadEnd(),
        account_errors.GuestsRefused(),
        account_errors.StorageFull(1),
        account_errors.DailyLimit(1, 1),
        account_errors.RateLimited(1, 1),
    ]
