"""`manage.py hash_pictures`: compute the perceptual hash of pictures that were stored without one."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from hosting.files import hashing

# Between two lines.
LINE_SECONDS = 10.0


class Command(BaseCommand):
    help = (
        "Compute what pictures and videos look like (their PDQ hash) where that was not done when they were "
        "stored. Ctrl-C stops it; the same command goes on from there. Safe while the site runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total, done, failed, due = hashing.unhashed(), 0, 0, time.monotonic() + LINE_SECONDS
        try:
            for file, problem in hashing.hash_all():
                done += 1
                if problem:
                    failed += 1
                    self.stderr.write(f"{file.public_id}: {problem}")
                if time.monotonic() >= due:
                    self.stdout.write(f"{done} of {total}")
                    due = time.monotonic() + LINE_SECONDS
        except KeyboardInterrupt:
            self.stdout.write(f"Stopped after {done} of {total}.")
            return
        self.stdout.write(f"{done - failed} hashed, {failed} failed.")
