"""`manage.py find_orphans [--dry-run]`: clear files without rows and rows without files."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hosting.files import orphans


class Command(BaseCommand):
    help = (
        "Find stored files without a row, rows whose files are missing, and accounts whose storage is "
        "miscounted, and clear them. Safe while the site runs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only list what would be cleared"
        )
        parser.add_argument(
            "--force", action="store_true", help="clear even where most of the files are missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = orphans.find()
        for area, path in found.stored:
            self.stdout.write(f"file without row: {area}/{path}")
        for file in found.files:
            self.stdout.write(f"row without file: {file.public_id} {file.path}")
        for variant in found.variants:
            self.stdout.write(f"variant without file: {variant.path}")
        for file in found.misplaced:
            self.stdout.write(f"file in the wrong area: {file.path}")
        for user in found.miscounted:
            self.stdout.write(f"storage miscounted: {user.username}")
        forced = options["force"] or options["dry_run"]
        if not forced and orphans.looks_like_a_lost_disk(found):
            raise CommandError(
                f"{len(found.files)} files are missing: is the storage there? Nothing was changed. "
                "If they are really lost, run it again with --force."
            )
        if not options["dry_run"]:
            orphans.clear(found)
        verb = "found" if options["dry_run"] else "cleared"
        self.stdout.write(f"{len(found)} {verb}.")
