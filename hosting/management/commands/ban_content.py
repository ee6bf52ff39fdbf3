"""`manage.py ban_content`: files and lists of hashes that may not come in."""

from __future__ import annotations

import hashlib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hosting.admission import content, hash_lists
from hosting.audit import COMMAND_LINE
from hosting.files.limits import site_limits
from hosting.models import BannedContent
from processing import ProcessingError, looks_of

MOST_BITS = 128


class Command(BaseCommand):
    help = (
        "Ban a file: by its bytes and, where it is a picture or a video, by what it looks like, so that it is "
        "recognised when it was saved again, scaled, greyed, turned or mirrored. Or ban a list of hashes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the file to ban")
        parser.add_argument(
            "--distance", type=int, metavar="N",
            help="in how many of 256 bits a picture may differ (otherwise as the moderation rules say)",
        )  # fmt: skip
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept with the ban")
        parser.add_argument("--lift", action="store_true", help="end the bans of this file instead")
        parser.add_argument(
            "--import", dest="import_from", type=Path, metavar="FILE",
            help="ban what a list has: a PDQ hash a line, or ThreatExchange's CSV",
        )  # fmt: skip
        parser.add_argument(
            "--export", dest="export_to", type=Path, metavar="FILE",
            help="write all banned hashes: as CSV where its name ends in .csv; - is the standard output",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        ways = [options[name] for name in ("file", "import_from", "export_to")]
        if sum(one is not None for one in ways) != 1:
            raise CommandError("Name a file to ban, or a list to --import or to --export to.")
        bits, reason = options["distance"], options["reason"].strip()[: hash_lists.REASON_LENGTH]
        if bits is not None and not 0 <= bits <= MOST_BITS:
            raise CommandError(f"The distance is from 0 to {MOST_BITS}.")
        try:
            if options["import_from"] is not None:
                self._import(options["import_from"], bits, reason)
            elif options["export_to"] is not None:
                self._export(options["export_to"])
            elif options["lift"]:
                self._lift(options["file"])
            else:
                self._ban(options["file"], bits, reason)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _ban(self, path: Path, bits: int | None, reason: str) -> None:
        digest, picture = self._hashes(path)
        content.ban(
            COMMAND_LINE,
            digest=digest,
            picture=picture,
            bits=bits if picture else None,
            reason=reason,
        )
        how = f"its bytes and its picture ({picture.hex()})" if picture else "its bytes alone"
        self.stdout.write(f"{path.name}: banned by {how}")

    def _lift(self, path: Path) -> None:
        digest, picture = self._hashes(path)
        rows = list(BannedContent.objects.filter(digest=digest))
        if picture:
            rows += BannedContent.objects.filter(picture=picture).exclude(digest=digest)
        if not rows:
            raise CommandError(f"{path.name} is not banned.")
        for row in rows:
            content.lift(COMMAND_LINE, row)
        self.stdout.write(f"{path.name}: no longer banned")

    def _hashes(self, path: Path) -> tuple[str, bytes | None]:
        data = path.read_bytes()
        try:
            looks = looks_of(data, site_limits(len(data)))
        except ProcessingError as error:
            self.stderr.write(f"{path.name}: {error} Only the same bytes will be recognised.")
            looks = None
        if looks is not None and not looks.recognisable:
            self.stderr.write(
                f"{path.name}: there is too little in the picture to recognise it by."
            )
            looks = None
        return hashlib.sha256(data).hexdigest(), looks.bits if looks else None

    def _import(self, path: Path, bits: int | None, reason: str) -> None:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            try:
                done = hash_lists.bring_in(
                    COMMAND_LINE, hash_lists.read(lines), bits=bits, reason=reason
                )
            except (hash_lists.Unreadable, UnicodeDecodeError) as error:
                raise CommandError(f"{path.name}: {error} Nothing was banned.") from error
        self.stdout.write(
            f"{done.added} banned, {done.known} were already, {done.skipped} of other kinds"
        )

    def _export(self, path: Path) -> None:
        if str(path) == "-":
            hash_lists.write(sys.stdout, as_csv=False)
            return
        with path.open("w", encoding="utf-8", newline="") as out:
            count = hash_lists.write(out, as_csv=path.suffix.lower() == ".csv")
        self.stdout.write(f"{count} hashes written")
