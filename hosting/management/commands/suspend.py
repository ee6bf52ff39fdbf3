"""`manage.py suspend USERNAME [--undo]`: close an account and hide its files, or bring them back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.errors import HostingError
from hosting.models import Decision
from hosting.moderation import decisions, standing


class Command(BaseCommand):
    help = "Suspend an account: all its files are hidden and come back with --undo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--undo", action="store_true", help="let the account in again")
        parser.add_argument("--reason", default="", metavar="TEXT", help="what the member reads")

    def handle(self, *args: Any, **options: Any) -> None:
        member = User.objects.filter(username__iexact=options["username"]).first()
        if member is None:
            raise CommandError(f"There is no user {options['username']!r}.")
        try:
            if options["undo"]:
                self._undo(member)
            elif member.suspended_at is None:
                decisions.decide_of_member(
                    member, "suspend", COMMAND_LINE, text=options["reason"].strip()
                )
        except HostingError as error:
            raise CommandError(error.message) from error
        # The command ends when every file is where it belongs.
        standing.settle(member.pk)
        state = "let in again" if options["undo"] else "suspended"
        self.stdout.write(f"{member.username}: {state}")

    def _undo(self, member: User) -> None:
        made = Decision.objects.filter(member=member, action="suspend", undone_at=None)
        if (decision := made.first()) is not None:
            decisions.undo(decision, COMMAND_LINE)
        elif member.suspended_at is not None:
            raise CommandError(f"There is no decision that suspended {member.username}.")
