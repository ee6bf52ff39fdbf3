"""Fetching the weights of the networks that remove backgrounds into MODELS_DIR.

One process at a time fetches, whoever started it. A file comes into its place only whole, with the hash that it
must have, and after the network has looked at a picture; a worker sees it there and uses it from then on.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pooch
from django.conf import settings
from PIL import Image

from hosting.backends.download import DownloadError, NoRoom, Progress, download, silent
from hosting.backends.networks import Record, part_of, size_of
from processing.background import Unusable, network, weights

logger = logging.getLogger(__name__)

# How often pages learn how far a fetch is.
TELL_SECONDS = 1.0


class NotFetched(Exception):
    """Why there are no weights, in a sentence for the operator."""


@dataclass(frozen=True)
class Offer:
    """Where weights are, and the hash that they must have: "sha256:…" or "md5:…"."""

    url: str
    hash: str


def offer(model: str, *, url: str = "", sha256: str = "") -> Offer:
    """What is fetched for `model`: rembg's own file, or its copy at `url`; a custom network from `url` alone.

    rembg keeps address and hash in the call that downloads, so that call is made and what it asks for is read.
    Raises NotFetched where a custom network's address or hash is not given.
    """
    wanted = f"sha256:{sha256.lower()}" if sha256 else ""
    if model in weights.CUSTOM:
        if not url or not wanted:
            raise NotFetched(
                f"{model} is your own network: give its file, or its address and its SHA-256."
            )
        return Offer(url, wanted)
    session = network.imported().sessions.sessions[model]
    nowhere: dict[str, Any] = {
        "resolve_existing": classmethod(lambda cls, *_, **__: None),
        "checksum_disabled": classmethod(lambda cls, *_, **__: False),
    }
    with mock.patch.object(pooch, "retrieve") as asked:
        asking: Any = type("Asked", (session,), nowhere)
        asking.download_models()
    usual, known = asked.call_args.args[:2]
    return Offer(url or str(usual), wanted or str(known))


def fetch(
    model: str,
    folder: Path,
    find: Callable[[], Offer],
    *,
    anew: bool = False,
    progress: Progress = silent,
) -> int | None:
    """Fetch the weights of `model` into `folder`; their bytes, or None where they were there and not `anew`.

    A file that somebody has put there is taken where its hash is right. What a broken connection or a killed
    process leaves is gone on with, or replaced, the next time. Raises NotFetched.
    """
    with _alone(folder):
        if not anew and is_whole(model, folder):
            return None
        found, place = find(), weights.file_of(folder, model)
        part, state = part_of(folder, model), Record(folder, model)
        try:
            if not anew and _has(place, found.hash):
                size = _taken(place, model, place)
            else:
                if not _has(part, found.hash):
                    _download(found, part, model, state, progress)
                size = _taken(part, model, place)
        except NotFetched as error:
            state.write(reason=str(error))
            raise
        part.unlink(missing_ok=True)
        state.forget()
        return size


def take(model: str, folder: Path, file: Path, hash: str = "") -> int:
    """Use a file that was brought by hand; its bytes. Raises NotFetched where it has not that hash."""
    with _alone(folder):
        copy = part_of(folder, model).with_suffix(".new")
        try:
            shutil.copyfile(file, copy)
            if hash and not _has(copy, hash):
                raise NotFetched(f"{file} is not what it should be: its hash is another one.")
            size = _taken(copy, model, weights.file_of(folder, model))
        except OSError as error:
            reason = error.strerror or error
            raise NotFetched(f"{file} cannot be read or kept: {reason}.") from error
        finally:
            copy.unlink(missing_ok=True)
        part_of(folder, model).unlink(missing_ok=True)
        Record(folder, model).forget()
        return size


def is_whole(model: str, folder: Path) -> bool:
    """Whether the weights are there and undamaged; reads all of them."""
    try:
        return bool(weights.checked(folder, model))
    except Unusable:
        return False


def _download(found: Offer, part: Path, model: str, state: Record, progress: Progress) -> None:
    told = 0.0

    def tell(have: int, whole: int | None) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_SECONDS:
            state.write(whole=whole)
            told = time.monotonic()
        progress(have, whole)

    begun = size_of(part) > 0
    try:
        download(found.url, part, keep_free=settings.MIN_FREE_BYTES, progress=tell)
        if begun and not _has(part, found.hash):
            # The first half may be of another file than the second.
            part.unlink()
            download(found.url, part, keep_free=settings.MIN_FREE_BYTES, progress=tell)
    except NoRoom as error:
        raise NotFetched(f"{model} could not be fetched: {error}.") from error
    except (DownloadError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotFetched(
            f"{model} could not be fetched from {_shown(found.url)} ({reason}); without network, bring "
            "the file and run manage.py fetch_models --file."
        ) from error
    if not _has(part, found.hash):
        part.unlink()
        raise NotFetched(f"What {_shown(found.url)} sent is not {model}: its hash is another one.")


def _taken(file: Path, model: str, place: Path) -> int:
    """Try the network, put its file in its place at once, and record its hash; the bytes.

    A file can be whole and still be no such network.
    """
    try:
        network.load(file, model).mask(Image.linear_gradient("L").convert("RGB"))
    except Unusable as error:
        raise NotFetched(f"{model} was not kept: {error}") from error
    # A worker that looks in between must not find the new file with the record of the old one.
    weights.record_of(place).unlink(missing_ok=True)
    # In the models' own folder workers of other users may need it too.
    file.chmod(0o600 if place.is_relative_to(settings.DATA_DIR) else 0o644)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    file.replace(place)
    weights.record(place)
    return place.stat().st_size


def _has(file: Path, hash: str) -> bool:
    """Whether it is there and has this hash."""
    algorithm, _, known = hash.rpartition(":")
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm or "sha256").hexdigest() == known


def _shown(url: str) -> str:
    """An address without a name, a password or a query, which may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder; waits while another process does. The system lets go of what a killed one held."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise NotFetched(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.info("another process is fetching into %s: waiting for it", folder)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
