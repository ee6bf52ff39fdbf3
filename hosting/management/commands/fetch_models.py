"""`manage.py fetch_models`: brings the weights of the networks that remove backgrounds, and checks them."""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from unittest import mock

import pooch
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from processing.background import MODELS, Unusable, network, weights


class Command(BaseCommand):
    help = (
        "Fetch the weights of the networks that remove backgrounds into MODELS_DIR, check their hashes and try "
        "them. What is there and whole is not fetched again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "models",
            nargs="*",
            metavar="MODEL",
            help=f"one of {', '.join(MODELS)}; without any, the one of REMBG_MODEL",
        )
        parser.add_argument(
            "--file", type=Path, help="take this file, where there is no network or it is your own"
        )
        parser.add_argument("--url", help="fetch it from here, not from where rembg keeps it")
        parser.add_argument(
            "--sha256", help="what the file's hash must be; a custom network's --url needs it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        models: list[str] = options["models"] or [settings.REMBG_MODEL]
        for model in models:
            if model not in MODELS:
                raise CommandError(f"There is no network {model!r}; there are {', '.join(MODELS)}.")
        file, url, digest = options["file"], options["url"], options["sha256"]
        if (file or url or digest) and len(models) > 1:
            raise CommandError("--file, --url and --sha256 are about one network: name one.")
        if file and url:
            raise CommandError("Give --file or --url, not both.")
        if url and not url.startswith(("https://", "http://")):
            raise CommandError("--url begins with https:// or http://.")
        if digest and not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
            raise CommandError("--sha256 is 64 hexadecimal digits.")
        folder: Path = settings.MODELS_DIR
        folder.mkdir(parents=True, exist_ok=True)
        # pooch logs where it downloads to and the hash; this command prints that in one line.
        pooch.get_logger().setLevel(logging.WARNING)
        for model in models:
            if not (file or url) and _is_whole(folder, model):
                self.stdout.write(f"{model}: is there already.")
                continue
            with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as fresh:
                brought = _brought(Path(fresh), model, file, url, digest)
                size = brought.stat().st_size
                _try(brought, model)
                _put(brought, weights.file_of(folder, model))
            megabytes = f"{size / 1_000_000:.1f} MB"
            self.stdout.write(f"{model}: {megabytes}, checked. Its licence: {MODELS[model]}.")


def _is_whole(folder: Path, model: str) -> bool:
    try:
        return bool(weights.checked(folder, model))
    except Unusable:
        return False


def _offer(model: str) -> tuple[str, str]:
    """Where rembg fetches the weights of a network from, and the hash they must have.

    rembg keeps both in the call that downloads, so that call is made and what it asks for is read.
    """
    session = network.imported().sessions.sessions[model]
    nowhere: dict[str, Any] = {
        "resolve_existing": classmethod(lambda cls, *_, **__: None),
        "checksum_disabled": classmethod(lambda cls, *_, **__: False),
    }
    with mock.patch.object(pooch, "retrieve") as asked:
        asking: Any = type("Asked", (session,), nowhere)
        asking.download_models()
    url, known_hash = asked.call_args.args[:2]
    return str(url), str(known_hash)


def _brought(
    fresh: Path, model: str, file: Path | None, url: str | None, digest: str | None
) -> Path:
    """The file of weights in the folder `fresh`, with the hash that it must have."""
    name = f"{model}.onnx"
    wanted = f"sha256:{digest.lower()}" if digest else None
    if model not in weights.CUSTOM:
        usual, known = _offer(model)
        url, wanted = url or usual, wanted or known
    if file:
        return _copied(file, fresh / name, wanted)
    if not url:
        raise CommandError(f"{model} is your own network: give its --file, or --url and --sha256.")
    if not wanted:
        raise CommandError("Of a file from the network the hash must be known: give --sha256.")
    try:
        pooch.retrieve(url, wanted, fname=name, path=fresh, progressbar=sys.stderr.isatty())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(
            f"{model} could not be fetched from {url} ({reason}); without network, bring the file and "
            "give it by --file."
        ) from error
    except ValueError as error:
        raise CommandError(f"What {url} sent is not {model}: its hash is another one.") from error
    return fresh / name


def _copied(file: Path, target: Path, wanted: str | None) -> Path:
    try:
        shutil.copyfile(file, target)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from error
    if wanted:
        algorithm, _, known = wanted.rpartition(":")
        if pooch.file_hash(str(target), alg=algorithm or "sha256") != known:
            raise CommandError(f"{file} is not what it should be: its hash is another one.")
    return target


def _try(file: Path, model: str) -> None:
    """Let the network look at a picture: a file can be whole and still be no such network."""
    try:
        network.load(file, model).mask(Image.linear_gradient("L").convert("RGB"))
    except Unusable as error:
        raise CommandError(f"{model} was not kept: {error}") from error


def _put(file: Path, place: Path) -> None:
    """Put the file in its place at once, and record its hash."""
    # A worker that looks in between must not find the new file with the record of the old one.
    weights.record_of(place).unlink(missing_ok=True)
    # pooch makes the file private; in the models' own folder workers of other users may need it too.
    file.chmod(0o600 if place.is_relative_to(settings.DATA_DIR) else 0o644)
    file.replace(place)
    weights.record(place)
