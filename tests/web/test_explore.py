"""The pages of many pictures: by order and kind, category, tag and words, a page at a time."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.files import likes
from hosting.models import HostedFile
from hosting.views.presenting import gallery
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory, UserFactory

NOW = timezone.now()


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r'<span class="caption"[^>]*>([^<]*)<', page)


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'<a class="button[^"]*" rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def make(count: int, **context: Any) -> list[HostedFile]:
    """Files of which the first is the newest."""
    return [
        HostedFileFactory(
            title=f"No {number}",
            created_at=NOW - timedelta(minutes=number),
            stored=False,
            **context,
        )
        for number in range(count)
    ]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gallery.cursor_page.__kwdefaults__, "size", 3)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "address", ["/explore", "/tag/sea", "/category/places", "/search?q=no", "/ada"]
)
def test_real_links_lead_through_all_pages_and_back(client: Client, address: str) -> None:
    place = CategoryFactory(url_key="places")
    make(8, tags=["sea"], category=place, owner=UserFactory(username="ada"))
    seen, page = [], text(client.get(address))
    assert link(page, "prev") is None
    while True:
        seen += titles(page)
        if (further := link(page, "next")) is None:
            break
        page = text(client.get(further))
        assert "noindex" in page
    assert seen == [f"No {number}" for number in range(8)]
    back = link(page, "prev")
    assert back is not None
    assert titles(text(client.get(back))) == ["No 3", "No 4", "No 5"]


def test_orders_and_kinds(client: Client) -> None:
    HostedFileFactory(title="Old hit", views=9, created_at=NOW - timedelta(days=9))
    HostedFileFactory(title="Hot", heat=50.0, created_at=NOW - timedelta(days=5))
    HostedFileFactory(title="Film", kind="video", created_at=NOW - timedelta(days=2))
    HostedFileFactory(title="Moving", frames=4, format="gif", created_at=NOW - timedelta(days=1))
    assert titles(text(client.get("/explore"))) == ["Moving", "Film", "Hot", "Old hit"]
    assert titles(text(client.get("/explore?sort=popular")))[0] == "Old hit"
    assert titles(text(client.get("/explore?sort=trending")))[0] == "Hot"
    assert titles(text(client.get("/explore?kind=videos"))) == ["Film"]
    assert titles(text(client.get("/explore?kind=animated"))) == ["Moving"]
    assert "Film" not in titles(text(client.get("/explore?kind=images")))


def test_a_link_to_another_order_keeps_what_was_searched_and_chosen(client: Client) -> None:
    HostedFileFactory(title="Sea & sky", category=CategoryFactory(url_key="places"))
    page = html.unescape(text(client.get("/search?q=sea+%26+sky&category=places&kind=images")))
    assert 'href="/search?q=sea+%26+sky&category=places&kind=images&sort=popular"' in page
    assert titles(page) == ["Sea & sky"]


@pytest.mark.parametrize(
    "address",
    [
        "/explore?sort=size", "/explore?kind=documents", "/explore?cursor=x", "/search?q=a&category=no",
        "/explore?cursor=WzAsMSwxXQ", "/tag/nobody", "/category/nothing", "/nobody-at-all",
        "/nobody-at-all/albums",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    HostedFileFactory(title="a")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "words", ['"', "a* OR b*", "'; DROP TABLE x", "%00", "<script>alert(1)</script>", "x" * 10_000]
)
def test_whatever_is_searched_is_answered(client: Client, words: str) -> None:
    HostedFileFactory(title="Harbour")
    page = text(client.get("/search", {"q": words}))
    assert "<script>alert" not in page
    assert "No results" in page
    assert len(page) < 60_000


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ("format=webp", ["New boat"]),
        ("shape=portrait", ["New boat"]),
        ("shape=landscape", ["Old boat"]),
        ("shape=square", []),
        ("width=1920", ["Old boat"]),
        ("age=week", ["New boat"]),
        ("age=year", ["New boat", "Old boat"]),
        ("format=webp&width=3840", []),
    ],
)
@pytest.mark.parametrize("words", ["q=boat&", ""])
def test_a_search_is_narrowed_by_its_filters_with_words_or_without(
    client: Client, words: str, filters: str, left: list[str]
) -> None:
    HostedFileFactory(title="New boat", format="webp", width=600, height=800)
    old = HostedFileFactory(title="Old boat", format="jpeg", width=2000, height=1000)
    HostedFile.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=90))
    page = text(client.get(f"/search?{words}{filters}"))
    assert titles(page) == left
    assert '<details class="more-filters" open>' in page
    assert ("Try fewer filters" in page) is not bool(left)


def test_links_of_a_narrowed_search_keep_its_filters(client: Client) -> None:
    HostedFileFactory(title="Boat", format="webp", width=600, height=800)
    page = html.unescape(text(client.get("/search?q=boat&shape=portrait&age=day")))
    assert 'href="/search?q=boat&shape=portrait&age=day&sort=popular"' in page
    assert '<option value="portrait" selected>' in page


@pytest.mark.parametrize("filters", ["format=exe", "shape=round", "width=7", "age=-1", "width=x"])
def test_filters_that_do_not_exist_are_not_found(client: Client, filters: str) -> None:
    assert client.get(f"/search?q=boat&{filters}").status_code == 404


def test_the_first_search_page_only_asks(client: Client) -> None:
    HostedFileFactory(title="Harbour")
    assert titles(text(client.get("/search"))) == []


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "address", ["/explore", "/explore?sort=popular", "/tag/sea", "/category/places", "/search?q=no",
                "/ada", "/ada/likes", "/ada/albums"],
)  # fmt: skip
def test_ten_queries_are_enough_however_many_files_and_however_deep(
    member_client: Client, address: str, django_assert_max_num_queries: Any
) -> None:
    ada, place = UserFactory(username="ada"), CategoryFactory(url_key="places")
    for file in make(12, tags=["sea"], category=place, owner=ada, medium=True):
        likes.like(ada, file)
        file.album = AlbumFactory(owner=ada)
        file.save()
    for _page in range(3):
        with django_assert_max_num_queries(10):
            page = text(member_client.get(address))
        further = link(page, "next")
        assert further is not None
        address = further


def test_places_are_kept_and_pictures_come_in_the_width_that_is_needed(client: Client) -> None:
    HostedFileFactory(title="Wide", width=900, height=675, medium=True)
    page = text(client.get("/explore"))
    assert 'width="500" height="375"' in page
    assert re.search(r'srcset="/\S+\.md\.jpg 500w, /\S+\.jpg 900w"\s+sizes="320px"', page)
    assert 'loading="lazy"' in page


def test_a_heavy_picture_is_never_loaded_whole_for_a_list(client: Client) -> None:
    file = HostedFileFactory(width=9000, height=6000, size=9_000_000, medium=True)
    assert f"/{file.path}" not in text(client.get("/explore"))


def test_what_is_not_safe_for_work_is_marked(client: Client) -> None:
    HostedFileFactory(nsfw=True)
    assert '<li class="nsfw">' in text(client.get("/explore"))


def test_a_tag_of_any_script_and_sign_has_its_page(client: Client) -> None:
    for name in ("mėnulis", "c++ & co?", "50% off", "a.b"):
        file = HostedFileFactory(title=f"With {len(name)}", tags=[name])
        address = re.search(r'href="(/tag/[^"]+)"', text(client.get(file.viewer_path)))
        assert address
        assert titles(text(client.get(html.unescape(address[1])))) == [file.title]


def test_no_page_needs_an_inline_script_or_style(client: Client, member: User) -> None:
    HostedFileFactory(owner=member, tags=["sea"])
    album = AlbumFactory(owner=member)
    for address in (
        "/explore",
        "/tag/sea",
        "/search?q=sea",
        f"/{member.username}",
        album.viewer_path,
    ):
        page = text(client.get(address))
        assert not re.search(r"style=|<style|<script>|\son\w+=", page), address


def test_a_profile_shows_the_members_name_and_its_owner_what_to_do(
    client: Client, member_client: Client, member: User
) -> None:
    path = f"/{member.username}"
    assert f'<h1 dir="auto">{member.username}</h1>' in client.get(path).content.decode()
    member.first_name = "Ada <Lovelace>"
    member.save()
    page = client.get(path).content.decode()
    assert '<h1 dir="auto">Ada &lt;Lovelace&gt;</h1>' in page
    assert f"{member.username} has no public uploads yet." in page
    assert "Your public uploads appear here" in member_client.get(path).content.decode()
    # Nothing is there to be ordered; where only a kind is missing, the others stay in reach.
    assert "sort=" not in page
    assert "kind=images" in client.get(path, {"kind": "videos"}).content.decode()


def test_a_name_has_one_spelling(client: Client) -> None:
    UserFactory(username="Ada")
    assert client.get("/ada/likes")["Location"] == "/Ada/likes"


@pytest.mark.parametrize("name", ["admin", "explore-1", "Search"])
def test_words_of_the_site_are_no_profiles_address(client: Client, name: str) -> None:
    UserFactory(username=name)
    assert ("Joined" in client.get(f"/{name}").content.decode()) == (name == "explore-1")


def test_a_banned_member_has_no_page(client: Client) -> None:
    UserFactory(username="gone", is_active=False)
    assert client.get("/gone").status_code == 404


def test_a_member_whose_name_makes_no_address_breaks_no_page(client: Client) -> None:
    file = HostedFileFactory(owner=UserFactory(username="ö.o"))
    assert "ö.o" in text(client.get(file.viewer_path))


def test_machines_are_shown_the_way(client: Client) -> None:
    file = HostedFileFactory(title="Žuvis & <co>")
    HostedFileFactory(title="Blurred", nsfw=True)
    assert "Sitemap: http://testserver/sitemap.xml" in text(client.get("/robots.txt"))
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    places = [place.text for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"http://testserver{file.viewer_path}" in places
    assert "http://testserver/explore" in places
    assert not any("Blurred" in str(place) for place in places)
