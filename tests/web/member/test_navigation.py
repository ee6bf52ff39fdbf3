"""The bars of links on a member's own pages mark the page that is being read, and no other."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from hosting.models import HostedFile
from hosting.templatetags.navigation import NAVIGATIONS

pytestmark = pytest.mark.django_db

BARS = {"dashboard": "tabs", "settings": "settings-nav"}


def marked(page: str, style: str) -> dict[str, bool]:
    """Whether each link of the page's bar is marked, by its address."""
    (found,) = re.findall(rf'<nav class="{style}".*?</nav>', page, re.S)
    links = re.findall(r'<a href="([^"]+)"( aria-current="page")?>', found)
    return {address: bool(current) for address, current in links}


@pytest.mark.parametrize("name", NAVIGATIONS)
def test_each_page_of_a_bar_is_marked_on_itself_alone(member_client: Client, name: str) -> None:
    other = next(one for one in NAVIGATIONS if one != name)
    elsewhere = reverse(NAVIGATIONS[other][0].view)
    addresses = [reverse(link.view) for link in NAVIGATIONS[name] if not link.needs]
    for address in addresses:
        if address == elsewhere:
            continue
        links = marked(member_client.get(address).content.decode(), BARS[name])
        assert list(links) == addresses
        assert [one for one, current in links.items() if current] == [address]


@pytest.mark.parametrize(
    ("page", "style", "link"),
    [
        ("/dashboard/albums/new", "tabs", "own-albums"),
        ("/tools/compress", "tabs", "tools"),
        ("/account/2fa/totp/activate/", "settings-nav", "mfa_index"),
    ],
)
def test_a_page_below_marks_the_one_above(
    member_client: Client, page: str, style: str, link: str
) -> None:
    links = marked(member_client.get(page).content.decode(), style)
    assert [one for one, current in links.items() if current] == [reverse(link)]


@pytest.mark.parametrize(
    ("page", "sent", "style", "link"),
    [
        ("/dashboard/selection", {"action": "delete"}, "tabs", "dashboard"),
        ("/settings/close", {"password": "wrong"}, "settings-nav", "data-settings"),
    ],
)
def test_what_answers_a_form_marks_the_page_that_has_the_form(
    member_client: Client, file: HostedFile, page: str, sent: dict[str, str], style: str, link: str
) -> None:
    answer = member_client.post(page, {**sent, "file": file.public_id})
    links = marked(answer.content.decode(), style)
    assert [one for one, current in links.items() if current] == [reverse(link)]
