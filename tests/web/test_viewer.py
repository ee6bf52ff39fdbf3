"""The page around one picture or video."""

from __future__ import annotations

import html
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.models import Album, HostedFile, Privacy
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory, UserFactory
from tests.web.conftest import HOSTILE_TITLES

BROWSER = {"User-Agent": "Mozilla/5.0 Firefox/150.0"}


class Metas(HTMLParser):
    """The meta tags and links of a page's head, and every tag's name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.tags: list[str] = []
        self.values: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "meta":
            self.metas[given.get("property") or given.get("name", "")] = given.get("content", "")
        if tag == "link":
            self.links[given.get("type") or given["rel"]] = given.get("href", "")
        if tag == "input" and "readonly" in given:
            self.values.append(given["value"])


def page_of(client: Client, file: HostedFile) -> str:
    response = client.get(file.viewer_path)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_the_details_of_a_picture(client: Client) -> None:
    owner = UserFactory(username="ada")
    file = HostedFileFactory(
        owner=owner,
        title="Evening",
        description="On the pier.\n\nIn June.",
        album=AlbumFactory(owner=owner, name="Summer"),
        category=CategoryFactory(name="Landscape"),
        tags=["sea", "sky"],
        exif={"Model": "Holga 120"},
        medium=True,
        expires_at=timezone.now() + timedelta(days=3, hours=1),
        size=1_234_567,
    )
    page = page_of(client, file)
    for values in (
        "Evening", "<p>On the pier.</p>", "<p>In June.</p>", "ada", "Summer", "Landscape", "sea",
        "sky", "Holga 120", "64 \N{MULTIPLICATION SIGN} 48", "JPEG", "1.2\xa0MB", "Deletes in 3\xa0days",
    ):  # fmt: skip
        assert values in page
    assert f"http://testserver/{file.path}" in page


def test_content_credentials_are_told_without_vouching_for_them(client: Client) -> None:
    kept, gone = (
        page_of(client, HostedFileFactory(credentials={"made_by": "<Paint> 2", "kept": is_kept}))
        for is_kept in (True, False)
    )
    for page in (kept, gone):
        assert "Content credentials: made by <bdi>&lt;Paint&gt; 2</bdi>" in page
        assert "Their signature was not checked." in page
    assert "They are in the file." in kept
    assert "They were removed" in gone
    assert "Content credentials" not in page_of(client, HostedFileFactory())


def test_a_video_has_a_player_with_its_frame(client: Client) -> None:
    file = HostedFileFactory(kind="video", title="Waves")
    page = page_of(client, file)
    assert file.viewer_path.startswith("/video/Waves.")
    assert f'<video src="/{file.path}" poster="/' in page
    assert "0:07" in page
    assert Metas(page).metas["og:video"] == f"http://testserver/{file.path}"


def test_embed_codes_stand_in_their_order(client: Client) -> None:
    file = HostedFileFactory(title="A [b] <c>", medium=True)
    values = Metas(page_of(client, file)).values
    base = f"http://testserver/{file.path}"
    viewer = f"http://testserver{file.viewer_path}"
    thumb, medium = base.replace(".jpg", ".th.jpg"), base.replace(".jpg", ".md.jpg")
    assert values[:4] == [viewer, base, thumb, medium]
    assert values[4] == f'<img src="{base}" alt="A [b] &lt;c&gt;" border="0">'
    assert values[6].startswith(f'<a href="{viewer}"><img src="{medium}"')
    assert values[8] == rf"![A \[b\] \<c\>]({base})"
    assert values[12:14] == [f"[img]{base}[/img]", f"[url={viewer}][img]{base}[/img][/url]"]
    assert len(values) == 16


def test_without_a_medium_picture_its_codes_are_left_out(client: Client) -> None:
    page = page_of(client, HostedFileFactory())
    assert "medium-links" not in page
    assert "thumb-links" in page


def test_a_videos_codes_embed_a_player_or_its_frame(client: Client) -> None:
    file = HostedFileFactory(kind="video")
    values = Metas(page_of(client, file)).values
    frame = f"http://testserver/{file.path.replace('.mp4', '.fr.jpg')}"
    assert frame in values
    assert f"[video]http://testserver/{file.path}[/video]" in values
    assert any(value.startswith("<video src=") for value in values)


def test_the_delete_link_is_not_shown_again(member_client: Client, member: User) -> None:
    page = page_of(member_client, HostedFileFactory(owner=member))
    assert "delete-links" not in page
    assert "/delete/" not in page


@pytest.mark.parametrize("spelling", ["/image/{id}", "/image/old-name.{id}", "/video/{id}",
                                      "/image/a.b.c.{id}", "/image/New-name.{id}/"])  # fmt: skip
def test_every_other_spelling_leads_to_the_one_address(client: Client, spelling: str) -> None:
    file = HostedFileFactory(title="New name")
    response = client.get(spelling.format(id=file.public_id))
    assert response.status_code == 302
    assert response["Location"] == file.viewer_path == f"/image/New-name.{file.public_id}"


@pytest.mark.parametrize("title", ["", "日本の山", "Žalias ąžuolas", "a/b?c#d%e", "Ünïcödé"])
def test_any_title_makes_an_address_that_opens(client: Client, title: str) -> None:
    file = HostedFileFactory(title=title)
    assert client.get(file.viewer_path).status_code == 200
    assert client.get(file.short_path, follow=True).status_code == 200


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_no_title_breaks_out(client: Client, title: str) -> None:
    file = HostedFileFactory(title=title, description=title, medium=True, tags=["<i>tag"])
    page = page_of(client, file)
    head = Metas(page)
    assert head.tags.count("script") == 2
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert head.metas["og:title"] == title
    assert head.metas["twitter:title"] == title
    assert html.escape(title) in page
    assert not any(value.startswith("<script") for value in head.values)


def test_other_sites_learn_of_the_picture(client: Client) -> None:
    file = HostedFileFactory(title="Evening")
    head = Metas(page_of(client, file))
    address = f"http://testserver{file.viewer_path}"
    assert head.links["canonical"] == head.metas["og:url"] == address
    assert head.metas["og:image"] == f"http://testserver/{file.path}"
    assert (head.metas["og:image:width"], head.metas["og:image:height"]) == ("64", "48")
    assert head.metas["twitter:card"] == "summary_large_image"
    assert head.links["application/json+oembed"].startswith("http://testserver/oembed/?url=http")


def test_nsfw_pictures_are_blurred_until_asked_and_not_in_previews(client: Client) -> None:
    file = HostedFileFactory(nsfw=True)
    page = page_of(client, file)
    assert 'type="checkbox" id="reveal"' in page
    assert "og:image" not in Metas(page).metas


@pytest.mark.parametrize(
    "closed", [{"privacy": Privacy.PRIVATE}, {"privacy": Privacy.PASSWORD}, {"is_approved": False}]
)
def test_what_is_closed_is_not_there_but_for_its_owner(
    client: Client, member_client: Client, member: User, closed: dict[str, Any]
) -> None:
    file = HostedFileFactory(owner=member, title="Secret name", **closed)
    for address in (file.viewer_path, file.short_path):
        response = client.get(address)
        assert response.status_code == 404
        # But for the address itself, to which whoever changes the language comes back.
        assert "Secret" not in response.content.decode().replace(address, "")
    assert member_client.get(file.viewer_path).status_code == 200


def test_what_lies_in_a_closed_album_is_not_there(client: Client, member: User) -> None:
    album: Album = AlbumFactory(owner=member, privacy=Privacy.PRIVATE)
    assert client.get(HostedFileFactory(owner=member, album=album).viewer_path).status_code == 404


def test_an_unlisted_picture_opens_and_is_kept_from_search_engines(client: Client) -> None:
    owner = UserFactory()
    album = AlbumFactory(owner=owner, privacy=Privacy.UNLISTED)
    for file in (
        HostedFileFactory(privacy=Privacy.UNLISTED, owner=owner),
        HostedFileFactory(album=album, owner=owner),
    ):
        assert Metas(page_of(client, file)).metas["robots"] == "noindex"
    assert "robots" not in Metas(page_of(client, HostedFileFactory())).metas


def test_an_expired_picture_is_gone(member_client: Client, member: User) -> None:
    file = HostedFileFactory(owner=member, expires_at=timezone.now() - timedelta(seconds=1))
    response = member_client.get(file.viewer_path)
    assert response.status_code == 410
    assert "No longer available" in response.content.decode()


def test_an_unknown_id_is_not_found(client: Client) -> None:
    assert client.get("/image/AAAAAAAAAAA").status_code == 404
    assert client.get("/image/x.short").status_code == 404


def test_a_view_is_counted_once_a_visit(client: Client) -> None:
    file = HostedFileFactory()
    for _ in range(3):
        client.get(file.viewer_path, headers=BROWSER)
    client.get(file.viewer_path, headers=BROWSER, REMOTE_ADDR="203.0.113.9")
    client.get(file.viewer_path, headers={"User-Agent": "Another browser"})
    file.refresh_from_db()
    assert file.views == 3


@pytest.mark.parametrize(
    "headers",
    [
        {**BROWSER, "Sec-Purpose": "prefetch;prerender"},
        {**BROWSER, "Purpose": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0"},
    ],
)
def test_machines_and_pages_fetched_ahead_are_no_views(
    client: Client, headers: dict[str, str]
) -> None:
    file = HostedFileFactory()
    client.get(file.viewer_path, headers=headers)
    client.head(file.viewer_path, headers=BROWSER)
    file.refresh_from_db()
    assert file.views == 0


def test_the_owners_own_looks_are_no_views(member_client: Client, member: User) -> None:
    file = HostedFileFactory(owner=member)
    member_client.get(file.viewer_path, headers=BROWSER)
    file.refresh_from_db()
    assert file.views == 0


def test_the_page_asks_little_of_the_database(
    member_client: Client, django_assert_max_num_queries: Any
) -> None:
    owner = UserFactory()
    album = AlbumFactory(owner=owner)
    file = HostedFileFactory(
        owner=owner, album=album, category=CategoryFactory(), tags=list("abcdef"), medium=True
    )
    with django_assert_max_num_queries(15):
        member_client.get(file.viewer_path, headers=BROWSER)
