"""`manage.py reject PUBLIC_ID --reason TEXT`: hide a file from everybody but its owner and the staff."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hosting.audit import COMMAND_LINE
from hosting.errors import HostingError
from hosting.management.commands.approve import file_of
from hosting.models import Reason
from hosting.moderation import decisions


class Command(BaseCommand):
    help = "Reject a file, for a reason that its owner reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("public_id")
        parser.add_argument(
            "--reason", required=True, metavar="TEXT",
            help="the code of one of the site's reasons, or a text for the owner",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        said = options["reason"].strip()
        if not said:
            raise CommandError("Name a reason.")
        reason = Reason.objects.filter(code=said).first()
        file = file_of(options["public_id"])
        try:
            decisions.decide(
                file, "reject", COMMAND_LINE, reason=reason, text="" if reason else said
            )
        except HostingError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{options['public_id']}: rejected")
