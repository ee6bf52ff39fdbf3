"""Light, dark, or as the system says: chosen at the foot of every page, kept by the browser."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def root_of(client: Client) -> str:
    """The first tag of the home page."""
    html = client.get("/").content.decode()
    return html[html.index("<html") : html.index(">", html.index("<html"))]


def test_a_guest_chooses_dark_and_is_back_where_it_was_chosen(client: Client) -> None:
    answer = client.post("/settings/theme", {"theme": "dark", "next": "/explore?sort=popular"})
    assert (answer.status_code, answer["Location"]) == (302, "/explore?sort=popular")
    assert 'data-theme="dark"' in root_of(client)


def test_the_system_decides_until_somebody_chooses_and_again_afterwards(client: Client) -> None:
    assert "data-theme" not in root_of(client)
    client.post("/settings/theme", {"theme": "light"})
    assert 'data-theme="light"' in root_of(client)
    client.post("/settings/theme", {"theme": ""})
    assert "data-theme" not in root_of(client)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "x"]
)
def test_nobody_is_led_to_another_site_or_to_no_page(client: Client, back: str) -> None:
    answer = client.post("/settings/theme", {"theme": "dark", "next": back})
    assert answer["Location"] == "/"


def test_a_theme_that_there_is_not_is_refused_and_a_forged_cookie_says_nothing(
    client: Client,
) -> None:
    assert client.post("/settings/theme", {"theme": "puce"}).status_code == 404
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in root_of(client)


def test_a_member_chooses_it_in_the_settings_too(member_client: Client) -> None:
    member_client.post("/settings", {"first_name": "", "language": "", "theme": "dark"})
    assert 'data-theme="dark"' in root_of(member_client)
    # A form without the field leaves the choice alone.
    member_client.post("/settings", {"first_name": "", "language": ""})
    assert 'data-theme="dark"' in root_of(member_client)
