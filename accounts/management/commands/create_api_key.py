"""`manage.py create_api_key USERNAME [--test] [--name NAME] [--scopes SCOPES]`: a key for scripts."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import events, keys
from accounts.models import AccountEvent, ApiKey, User
from accounts.scopes import PRESETS, SCOPES, ordered

# An operator may use a short or a reserved name, but not one that is invalid in an address.
FOR_SIGN_UP_ONLY = frozenset({"min_length", "reserved"})


def refuse_unfit(username: str) -> None:
    """Raise CommandError where no user can have that name."""
    try:
        User(username=username).clean_fields(exclude=["password"])
    except ValidationError as error:
        faults = [f for f in error.error_dict["username"] if f.code not in FOR_SIGN_UP_ONLY]
        if faults:
            raise CommandError(" ".join(" ".join(fault.messages) for fault in faults)) from error


def scopes_of(text: str) -> list[str]:
    """The scopes of a preset, or those named."""
    try:
        return list(PRESETS.get(text) or ordered(word.strip() for word in text.split(",")))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    help = (
        "Create an API key and print only the key; a user of that name is created if there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--test", action="store_true", help="a test key instead of a live one")
        parser.add_argument("--name", default="command line", help="how the key is listed")

        parser.add_argument(
            "--scopes",
            type=scopes_of,
            metavar="SCOPES",
            help=f"a preset ({', '.join(PRESETS)}) or scopes with commas between them ({', '.join(SCOPES)}); "
            "by default all but account",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if len(options["name"]) > (longest := ApiKey.NAME_LENGTH):
            raise CommandError(f"The name of a key has at most {longest} characters.")
        found = User.objects.filter(username__iexact=options["username"]).first()
        if found is None:
            refuse_unfit(options["username"])
        elif not found.is_active:
            raise CommandError(f"The account {found} is closed: a key would not work.")
        kind = ApiKey.Kind.TEST if options["test"] else ApiKey.Kind.LIVE
        user = keys.user_named(options["username"])
        key, secret = keys.create(user, name=options["name"], kind=kind, scopes=options["scopes"])
        events.record(user, AccountEvent.Kind.KEY_MADE, None, str(key))
        self.stdout.write(secret)
