"""`manage.py approve PUBLIC_ID`: show a file that waits for a moderator, or was rejected."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hosting.audit import COMMAND_LINE
from hosting.errors import HostingError
from hosting.models import HostedFile
from hosting.moderation import decisions


def file_of(public_id: str) -> HostedFile:
    """The file with this id, withheld or not. Raises CommandError."""
    file = HostedFile.every.select_related("owner").filter(public_id=public_id).first()
    if file is None:
        raise CommandError(f"There is no file {public_id!r}.")
    return file


class Command(BaseCommand):
    help = "Approve a file: it appears wherever its privacy lets it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("public_id")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            decisions.decide(file_of(options["public_id"]), "approve", COMMAND_LINE)
        except HostingError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{options['public_id']}: approved")
