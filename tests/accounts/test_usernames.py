"""Which names can be taken: those that may stand in an address and are no word of the site's own."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.usernames import RESERVED

pytestmark = pytest.mark.django_db


def refused(username: str) -> bool:
    try:
        User(username=username).clean_fields(exclude=["password"])
    except ValidationError as error:
        return "username" in error.error_dict
    return False


@pytest.mark.parametrize("username", ["alice", "Bob", "a1-b_c", "123", "x" * 32])
def test_plain_names_can_be_taken(username: str) -> None:
    assert not refused(username)


@pytest.mark.parametrize(
    "username",
    [
        "", "ab", "x" * 33, "-alice", "_alice", "al ice", "al/ice", "al.ice", "al@ice", "алиса",
        "alice\n", "alice\0", "<b>alice", "%2e%2e", "al?ce", "al#ce",
    ],
)  # fmt: skip
def test_names_that_cannot_stand_in_an_address_are_refused(username: str) -> None:
    assert refused(username)


@pytest.mark.parametrize("username", ["admin", "Admin", "API", "image", "upload", "healthz"])
def test_the_sites_own_words_are_refused_in_any_spelling(username: str) -> None:
    assert refused(username)


def test_two_names_that_differ_in_case_alone_are_one() -> None:
    User.objects.create_user("alice")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE")


def test_the_first_word_of_every_address_of_the_site_is_reserved() -> None:
    """A profile lives at /{username}: whoever adds an address adds its first word to RESERVED."""
    words = set()
    for pattern in get_resolver().url_patterns:
        words |= first_words(pattern, "")

    fit = {word for word in words if not refused(word) or word.lower() in RESERVED}
    assert fit <= RESERVED


def first_words(pattern: URLPattern | URLResolver, before: str) -> set[str]:
    """The literal first words that `pattern` answers to; none where it begins with a variable."""
    route = before + str(pattern.pattern).lstrip("^")
    if isinstance(pattern, URLResolver) and "/" not in route:
        return set().union(*(first_words(below, route) for below in pattern.url_patterns))
    alternatives = route.removeprefix("(?P<path>").removeprefix("(?:")
    first = alternatives.partition("/")[0].partition(")")[0].rstrip("$?\\Z")
    return {word for word in first.split("|") if word and not set(word) & set("<>([\\.")}
