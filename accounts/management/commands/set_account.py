"""`manage.py set_account USERNAME …`: what one account may use."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


def count(text: str, most: int = 2**31 - 1) -> int:
    """A whole number of at least nothing and at most what every database can keep in the column."""
    # The length first: int() refuses very long texts in its own words.
    if not text.isdecimal() or len(text) > 19 or int(text) > most:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 0 to {most}")
    return int(text)


def size(text: str) -> int:
    """A count of bytes."""
    return count(text, most=2**63 - 1)


def domain(text: str) -> str:
    """A bare host name in lower case, or nothing to forbid `file_url`."""
    name = text.strip().lower().rstrip(".")
    if name and (
        len(name) > 253 or not all(part.replace("-", "").isalnum() for part in name.split("."))
    ):
        raise ArgumentTypeError(f"{text!r} is not a domain like example.org")
    return name


class Command(BaseCommand):
    help = "Set limits of one account; options that are not given stay unchanged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--storage-limit", type=size, metavar="BYTES")
        parser.add_argument("--daily-compressions", type=count, metavar="N")
        parser.add_argument("--allowed-domain", type=domain, metavar="DOMAIN")
        parser.add_argument(
            "--unmetered",
            action=BooleanOptionalAction,
            help="whether its uploads and processing have no limits by time; quotas still apply",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        changes = {
            field: options[option]
            for field, option in (
                ("own_storage_limit", "storage_limit"),
                ("own_daily_compressions", "daily_compressions"),
                ("allowed_domain", "allowed_domain"),
                ("is_unmetered", "unmetered"),
            )
            if options[option] is not None
        }
        if not changes:
            raise CommandError("Name at least one limit to set.")
        if not User.objects.filter(username__iexact=options["username"]).update(**changes):
            raise CommandError(f"There is no user {options['username']!r}.")
        self.stdout.write(
            f"{options['username']}: {', '.join(f'{k}={v}' for k, v in changes.items())}"
        )
