"""`manage.py rebuild_variants`: make the variants in VARIANTS for existing files."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from hosting.files import rebuilds
from hosting.files.variants import VARIANTS
from hosting.models import Rebuild

LOOK_SECONDS = 0.5
# Between two lines in a log.
LINE_SECONDS = 10.0
# A worker that is running and idle starts at once.
QUIET_SECONDS = 15.0


class Command(BaseCommand):
    help = (
        "Create the missing variants of stored files, such as thumbnails. The workers do it, a few files at a "
        "time, while this command shows their progress. Ctrl-C stops them; the same command continues from "
        "there. Addresses do not change, and no variant is removed. Safe while the site runs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only",
            metavar="NAME",
            default="",
            help=f"only this variant; existing ones are recreated: {', '.join(VARIANTS)}",
        )
        parser.add_argument(
            "--since", metavar="DATE", type=_moment, help="only files from this day on: 2026-11-30"
        )
        parser.add_argument(
            "--here",
            action="store_true",
            help="do it in this process, without workers; Ctrl-C stops it in the same way",
        )
        parser.add_argument(
            "--detach", action="store_true", help="leave it to the workers and return at once"
        )
        parser.add_argument(
            "--restart",
            action="store_true",
            help="start with the first file, even if the same command was stopped half-way",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only: str = options["only"]
        if only and only not in VARIANTS:
            raise CommandError(f"There is no variant {only!r}; there are {', '.join(VARIANTS)}.")
        if options["here"] and options["detach"]:
            raise CommandError("Give --here or --detach, not both.")
        rebuild = rebuilds.begin(only, options["since"], anew=options["restart"])
        if rebuild.looked:
            self.stdout.write(f"Continuing after {rebuild.looked:,} of {rebuild.total:,} files.")
        else:
            self.stdout.write(f"{rebuild.total:,} files to check.")
        if options["detach"]:
            rebuilds.hand_over(rebuild)
            self.stdout.write(
                "The workers do it; the same command without --detach shows their progress."
            )
            return
        progress = _Progress(self, rebuild)
        try:
            if options["here"]:
                rebuilds.work_here(rebuild, progress.show)
            else:
                rebuilds.hand_over(rebuild)
                self._watch(rebuild, progress)
        except KeyboardInterrupt:
            if not options["here"]:
                rebuilds.pause(rebuild)
            progress.end()
            raise CommandError(
                f"Stopped after {_now(rebuild).looked:,} of {rebuild.total:,} files. "
                "The same command continues from there.",
                returncode=130,
            ) from None
        except rebuilds.TakenOver:
            progress.end()
            raise CommandError(
                "Stopped: another command has stopped it or taken it over."
            ) from None
        except OSError as error:
            progress.end()
            raise CommandError(
                f"Stopped: {error}. The same command continues from there."
            ) from error
        self._conclude(progress, _now(rebuild))

    def _watch(self, rebuild: Rebuild, progress: _Progress) -> None:
        seen, since, asked = -1, time.monotonic(), False
        while (row := _now(rebuild)).state == Rebuild.State.WORKING:
            progress.show(row)
            if row.looked != seen or row.lease:
                seen, since = row.looked, time.monotonic()
            elif not asked and time.monotonic() - since >= QUIET_SECONDS:
                asked = True
                progress.end()
                self.stderr.write(
                    "No worker has started yet. Is the site running (manage.py serve), or are they all busy? "
                    "With --here this process does it."
                )
            time.sleep(LOOK_SECONDS)
        if row.state != Rebuild.State.DONE:
            raise rebuilds.TakenOver

    def _conclude(self, progress: _Progress, row: Rebuild) -> None:
        progress.end()
        for id, reason in row.failures:
            self.stderr.write(f"{id}: {reason}")
        if row.failed > len(row.failures):
            self.stderr.write("… and more; the log of the workers names them all.")
        self.stdout.write(
            f"{row.looked:,} files checked, {row.made:,} variants created, {row.failed:,} files failed."
        )


class _Progress:
    """The progress: one live line on a terminal, occasional lines in a log."""

    def __init__(self, command: BaseCommand, rebuild: Rebuild) -> None:
        self._out = command.stdout
        self._live = command.stdout.isatty()
        self._began, self._first = time.monotonic(), rebuild.looked
        self._shown = self._began
        self._width = 0

    def show(self, row: Rebuild) -> None:
        """Show the row's numbers, where it is time to."""
        now = time.monotonic()
        if now - self._shown < (LOOK_SECONDS / 2 if self._live else LINE_SECONDS):
            return
        self._shown = now
        text = f"{row.looked:,} of {row.total:,} files, {row.made:,} made, {row.failed:,} failed"
        if (done := row.looked - self._first) > 0:
            left = (now - self._began) / done * max(0, row.total - row.looked)
            text += f", about {_span(left)} left"
        if not self._live:
            self._out.write(text)
            return
        self._out.write(f"\r{text:<{self._width}}", ending="")
        self._out.flush()
        self._width = len(text)

    def end(self) -> None:
        """Leave the live line."""
        if self._width:
            self._out.write("")
            self._width = 0


def _now(rebuild: Rebuild) -> Rebuild:
    return Rebuild.objects.get(pk=rebuild.pk)


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _moment(text: str) -> datetime:
    """A day or a moment, in the site's time zone where it names none."""
    try:
        moment = parse_datetime(text)
        if moment is None and (day := parse_date(text)) is not None:
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text!r} is not a date: write it as 2026-11-30.")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
