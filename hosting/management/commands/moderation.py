"""`manage.py moderation [--queue off|guests|untrusted]`: whose uploads wait for a moderator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from hosting.audit import COMMAND_LINE
from hosting.models import HostedFile, ModerationRules
from hosting.moderation import rules


class Command(BaseCommand):
    help = "Show or set whose uploads wait for a moderator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", choices=ModerationRules.Queue.values)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["queue"] is not None:
            rules.change(COMMAND_LINE, queue=options["queue"])
        waiting = HostedFile.objects.filter(review=HostedFile.Review.WAITING).count()
        self.stdout.write(f"queue: {ModerationRules.current().queue}, {waiting} waiting")
