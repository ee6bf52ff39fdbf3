"""`manage.py fetch_models`: brings the weights of the networks that remove backgrounds, and checks them."""

from __future__ import annotations

import logging
import os
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hosting.backends import fetching
from hosting.backends.download import silent
from hosting.backends.fetching import NotFetched
from processing.background import MODELS, weights

logger = logging.getLogger(__name__)

# Pages and pictures are worth more than weights that come a little later.
NICENESS = 10
# How often the log tells of a download whose length the server does not tell.
UNKNOWN_QUARTER = 50_000_000


class Command(BaseCommand):
    help = (
        "Fetch the weights of the networks that remove backgrounds into MODELS_DIR, check their hashes and try "
        "them. What is there and whole is not fetched again; what was cut off is gone on with."
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
        parser.add_argument(
            "--in-background",
            action="store_true",
            help=f"as `serve` runs it: progress in the log, status {os.EX_TEMPFAIL} to try again later",
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
        if options["in_background"]:
            fetch_in_background(models[0])
        for model in models:
            try:
                size = self._fetched(model, file, url or "", digest or "")
            except NotFetched as error:
                raise CommandError(str(error)) from error
            if size is None:
                self.stdout.write(f"{model}: is there already.")
                continue
            megabytes = f"{size / 1_000_000:.1f} MB"
            self.stdout.write(f"{model}: {megabytes}, checked. Its licence: {MODELS[model]}.")

    def _fetched(self, model: str, file: Path | None, url: str, digest: str) -> int | None:
        """The bytes, or None where they were there. Raises NotFetched."""
        folder: Path = settings.MODELS_DIR
        if file:
            known = f"sha256:{digest.lower()}" if digest else ""
            if model not in weights.CUSTOM and not known:
                known = fetching.offer(model).hash
            return fetching.take(model, folder, file, known)
        anew = bool(url)
        if model == settings.REMBG_MODEL:
            url, digest = url or settings.REMBG_URL, digest or settings.REMBG_SHA256
        return fetching.fetch(
            model,
            folder,
            lambda: fetching.offer(model, url=url, sha256=digest),
            anew=anew,
            progress=self._show if sys.stderr.isatty() else silent,
        )

    def _show(self, have: int, whole: int | None) -> None:
        """One line on a terminal, written over."""
        of = f" of {whole / 1e6:.1f}" if whole else ""
        self.stderr.write(f"\r{have / 1e6:.1f}{of} MB", ending="\n" if have == whole else "")


def fetch_in_background(model: str) -> NoReturn:
    """Fetch one network and end: with 0 where it is there, or with EX_TEMPFAIL and one line in the log."""
    os.nice(NICENESS)
    told = -1

    def tell(have: int, whole: int | None) -> None:
        nonlocal told
        quarter = 4 * have // whole if whole else have // UNKNOWN_QUARTER
        if quarter != told:
            of = f" of {whole / 1e6:.0f}" if whole else ""
            logger.info("fetching %s: %.0f%s MB", model, have / 1e6, of)
            told = quarter

    def find() -> fetching.Offer:
        return fetching.offer(model, url=settings.REMBG_URL, sha256=settings.REMBG_SHA256)

    try:
        fetching.fetch(model, settings.MODELS_DIR, find, progress=tell)
    except NotFetched as error:
        logger.warning("%s Backgrounds are removed by GrabCut; it is tried again later.", error)
        sys.exit(os.EX_TEMPFAIL)
    logger.info("%s is there; backgrounds are removed by it from now on", model)
    sys.exit(0)
