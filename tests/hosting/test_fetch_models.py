"""`fetch_models`: what an operator types to have backgrounds removed by a network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from hosting.backends import fetching
from processing import OPERATIONS, background
from processing.background import weights
from tests import networks
from tests.depot import Depot, running

NETWORK = networks.redness()
DIGEST = hashlib.sha256(NETWORK).hexdigest()


@pytest.fixture
def depot() -> Iterator[Depot]:
    with running(Depot(NETWORK)) as server:
        yield server


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Path:
    settings.MODELS_DIR = tmp_path / "models"  # type: ignore[attr-defined]
    return tmp_path / "models"


def fetch(*words: object) -> str:
    out = StringIO()
    call_command("fetch_models", *map(str, words), stdout=out)
    return out.getvalue()


def refusal(*words: object) -> str:
    with pytest.raises(CommandError) as error:
        fetch(*words)
    assert error.value.returncode == 1
    said = str(error.value)
    assert "\n" not in said
    return said


def nothing_is_there(folder: Path) -> bool:
    """Nothing but what the last attempt failed of, which pages tell."""
    return not folder.exists() or not [one for one in folder.iterdir() if one.suffix != ".state"]


def test_weights_are_fetched_checked_recorded_and_used(depot: Depot, folder: Path) -> None:
    values = fetch("u2net_custom", "--url", depot.url, "--sha256", DIGEST.upper())

    assert re.fullmatch(r"u2net_custom: 0\.0 MB, checked\. Its licence: its owner's\.\n", values)
    assert sorted(path.name for path in folder.iterdir()) == [
        "u2net_custom.onnx",
        "u2net_custom.onnx.sha256",
    ]
    assert (folder / "u2net_custom.onnx").read_bytes() == NETWORK
    assert (folder / "u2net_custom.onnx.sha256").read_text() == f"{DIGEST}  u2net_custom.onnx\n"
    background.use(folder, "u2net_custom")
    picture = Image.new("RGB", (60, 60), (128, 128, 128))
    picture.paste((230, 20, 20), (20, 20, 40, 40))
    step = OPERATIONS["remove-background"]()
    assert step.applied(picture, picture.size)[1] == "rembg u2net_custom"


def test_what_is_there_and_whole_is_not_fetched_again(
    depot: Depot, folder: Path, settings: object
) -> None:
    fetch("u2net_custom", "--url", depot.url, "--sha256", DIGEST)
    settings.REMBG_MODEL = "u2net_custom"  # type: ignore[attr-defined]

    assert fetch() == "u2net_custom: is there already.\n"
    assert depot.asked == [""]


def test_another_hash_than_was_promised_is_refused(depot: Depot, folder: Path) -> None:
    url = depot.url

    assert "its hash is another one" in refusal("u2net_custom", "--url", url, "--sha256", "0" * 64)
    assert nothing_is_there(folder)


def test_a_mirror_must_send_what_rembg_knows(depot: Depot, folder: Path) -> None:
    said = refusal("u2netp", "--url", depot.url)

    assert said == f"What {depot.url} sent is not u2netp: its hash is another one."
    assert depot.asked == [""]
    assert nothing_is_there(folder)


def test_what_is_missing_leaves_nothing(depot: Depot, folder: Path) -> None:
    depot.status = 404
    said = refusal("u2net_custom", "--url", depot.url, "--sha256", DIGEST)

    assert "u2net_custom could not be fetched" in said
    assert nothing_is_there(folder)


def test_without_network_one_sentence_says_what_to_do(folder: Path) -> None:
    with running(Depot(NETWORK)) as closed:
        pass

    said = refusal("u2netp", "--url", closed.url)
    assert said == (
        f"u2netp could not be fetched from {closed.url} (ConnectError); without network, bring the "
        "file and run manage.py fetch_models --file."
    )
    assert nothing_is_there(folder)


def test_a_failed_fetch_leaves_the_weights_that_are_there(depot: Depot, folder: Path) -> None:
    fetch("u2net_custom", "--url", depot.url, "--sha256", DIGEST)

    depot.cut = 0
    refusal("u2net_custom", "--url", depot.url, "--sha256", DIGEST)
    assert weights.checked(folder, "u2net_custom").read_bytes() == NETWORK


def test_a_file_of_ones_own_is_taken(folder: Path, tmp_path: Path) -> None:
    brought = tmp_path / "mine.onnx"
    brought.write_bytes(NETWORK)

    fetch("u2net_custom", "--file", brought)
    assert weights.checked(folder, "u2net_custom").read_bytes() == NETWORK


def test_a_damaged_file_is_replaced(folder: Path, tmp_path: Path) -> None:
    brought = tmp_path / "mine.onnx"
    brought.write_bytes(NETWORK)
    fetch("u2net_custom", "--file", brought)
    (folder / "u2net_custom.onnx").write_bytes(b"damaged")

    fetch("u2net_custom", "--file", brought)
    assert weights.checked(folder, "u2net_custom").read_bytes() == NETWORK


def test_a_known_network_brought_by_hand_must_be_it(folder: Path, tmp_path: Path) -> None:
    brought = tmp_path / "u2netp.onnx"
    brought.write_bytes(NETWORK)

    assert "its hash is another one" in refusal("u2netp", "--file", brought)
    assert nothing_is_there(folder)


def test_a_file_that_is_no_such_network_is_not_kept(folder: Path, tmp_path: Path) -> None:
    for data, why in ((b"nothing", "is not a network"), (networks.redness(64), "has failed")):
        (tmp_path / "mine.onnx").write_bytes(data)
        said = refusal("u2net_custom", "--file", tmp_path / "mine.onnx")
        assert said.startswith("u2net_custom was not kept: ")
        assert why in said
    assert nothing_is_there(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["u3net"], "There is no network 'u3net'"),
        (["u2net", "u2netp", "--sha256", "0" * 64], "about one network"),
        (["u2net", "--file", "a", "--url", "http://127.0.0.1"], "not both"),
        (["u2net_custom"], "give its file, or its address and its SHA-256"),
        (["u2net_custom", "--url", "http://127.0.0.1"], "its address and its SHA-256"),
        (["u2net", "--url", "file:///etc/passwd"], "begins with https:// or http://"),
        (["u2net", "--sha256", "abc"], "64 hexadecimal digits"),
        (["u2net_custom", "--file", "/nowhere/a.onnx"], "/nowhere/a.onnx cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    assert said in refusal(*words)


@pytest.mark.parametrize("model", sorted(set(background.MODELS) - weights.CUSTOM))
def test_rembg_says_where_each_network_is_and_what_its_hash_must_be(model: str) -> None:
    found = fetching.offer(model)

    assert re.fullmatch(r"https://\S+\.onnx", found.url)
    assert re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", found.hash)
