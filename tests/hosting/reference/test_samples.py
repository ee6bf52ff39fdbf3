"""The code that pages print. That it runs is shown against a site, in test_running.py."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from hosting.reference import Reference, read
from hosting.reference.calls import Call
from hosting.reference.samples import SAMPLES
from tests.hosting.reference.shop import BASE, DOCUMENT

TEXTS = [
    "it's",
    'a "quote"',
    "$HOME `x` \\",
    "line\nbreak",
    "@file",
    "<file",
    "a;type=b",
    "ąž 🖼",
    "!!",
]


@pytest.fixture(scope="module")
def shop() -> Reference:
    return read(DOCUMENT, BASE)


def code(shop: Reference, name: str, language: str) -> str:
    call = next(one for one in shop.operations if one.id == name).call
    return SAMPLES[language].write(call)


def run(source: str, **known: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Run Python code against a library that only writes down what it is asked."""
    asked: list[tuple[str, str, dict[str, Any]]] = []

    class Answer:
        status_code, text, content = 200, "", b""

        def raise_for_status(self) -> None: ...
        def json(self) -> None: ...

    class Library:
        def __getattr__(self, method: str) -> Any:
            def ask(url: str, **given: Any) -> Answer:
                asked.append((method, url, given))
                return Answer()

            return ask

    source = source.replace("import requests\n", "")
    exec(compile(source, "sample", "exec"), {"requests": Library(), "print": str, **known})
    return asked


def test_curl_sends_a_file_and_the_key(shop: Reference) -> None:
    assert shlex.split(code(shop, "pictures_create", "curl").replace("\\\n", "")) == [
        "curl", "--fail-with-body", f"{BASE}/shop/pictures", "-H", "X-API-Key: YOUR_KEY",
        "-F", "source=@picture.jpg",
    ]  # fmt: skip


def test_curl_names_other_methods_and_writes_json(shop: Reference) -> None:
    assert shlex.split(code(shop, "pictures_change", "curl").replace("\\\n", "")) == [
        "curl", "--fail-with-body", "-X", "PATCH", f"{BASE}/shop/pictures/Ab3%2FE5",
        "-H", "X-API-Key: YOUR_KEY", "-H", "Content-Type: application/json",
        "-d", '{"size": 5, "album": null, "note": "it\'s"}',
    ]  # fmt: skip


def test_what_is_answered_as_a_file_is_saved(shop: Reference) -> None:
    assert code(shop, "pictures_file", "curl").endswith("--output result.png")
    assert 'open("result.png", "wb")' in code(shop, "pictures_file", "python")
    assert 'writeFile("result.png"' in code(shop, "pictures_file", "javascript")


def test_a_key_may_go_in_the_query_and_bytes_as_they_are(shop: Reference) -> None:
    curl = shlex.split(code(shop, "pictures_put", "curl").replace("\\\n", ""))
    assert curl[4] == f"{BASE}/shop/pictures/id/file?key=YOUR_KEY"
    assert curl[-3:] == ["Content-Type: image/png", "--data-binary", "@picture.jpg"]


def test_python_says_the_same(shop: Reference) -> None:
    assert run(code(shop, "pictures_create", "python"), open=memory) == [
        (
            "post",
            f"{BASE}/shop/pictures",
            {"headers": {"X-API-Key": "YOUR_KEY"}, "files": {"source": "picture.jpg"}},
        )
    ]
    assert run(code(shop, "pictures_change", "python")) == [
        (
            "patch",
            f"{BASE}/shop/pictures/Ab3%2FE5",
            {
                "headers": {"X-API-Key": "YOUR_KEY"},
                "json": {"size": 5, "album": None, "note": "it's"},
            },
        )
    ]
    assert "params" not in run(code(shop, "pictures_list", "python"))[0][2]


class memory:  # noqa: N801, stands for open()
    """A file that is its own name."""

    def __init__(self, name: str, _mode: str) -> None:
        self.name = name

    def __enter__(self) -> str:
        return self.name

    def __exit__(self, *failure: object) -> None: ...


def test_where_headers_are_the_answer_they_are_shown() -> None:
    asked = Call("HEAD", BASE, answers="headers")
    assert SAMPLES["curl"].write(asked) == f"curl --fail-with-body --head {BASE}"
    assert SAMPLES["python"].write(asked).endswith("print(answer.headers)")
    sent = SAMPLES["curl"].write(Call("PATCH", BASE, answers="headers"))
    assert sent == f"curl --fail-with-body --include -X PATCH {BASE}"


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_arrives_as_it_is(text: str) -> None:
    call = Call("POST", BASE, encoding="multipart/form-data", form=(("title", text),))
    words = shlex.split(SAMPLES["curl"].write(call).replace("\\\n", ""))
    assert words[-1] == f"title={text}"
    # curl would read a file for @ and <, and a type after ;.
    assert words[-2] == ("--form-string" if text[0] in "@<" or ";" in text else "-F")
    python = run(SAMPLES["python"].write(call))
    assert python[0][2]["files"] == {"title": (None, text)}


def test_names_that_stand_twice_are_sent_twice() -> None:
    call = Call(
        "POST", BASE, encoding="application/x-www-form-urlencoded", form=(("a", "1"), ("a", "2"))
    )
    assert run(SAMPLES["python"].write(call))[0][2]["data"] == [["a", "1"], ["a", "2"]]
    assert 'URLSearchParams([["a", "1"], ["a", "2"]])' in SAMPLES["javascript"].write(call)


def test_the_key_is_marked_and_all_else_escaped(shop: Reference) -> None:
    code = next(one for one in shop.operations if one.id == "pictures_change").code
    assert "<span data-key>YOUR_KEY</span>" in code["curl"].code
    assert "&quot;album&quot;" in code["curl"].code
