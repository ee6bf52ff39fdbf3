"""Every text of a page goes through the translations.

In a language that puts ⟦brackets⟧ around what it translates, nothing stands outside of them but data.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone, translation

from accounts.models import User
from hosting.catalogue import search
from hosting.models import Album, HostedFile, Job, Privacy
from hosting.models.page import Page
from processing import FORMATS
from tests.factories import (
    AlbumFactory,
    ApiKeyFactory,
    CategoryFactory,
    HostedFileFactory,
    picture,
)

Part = Callable[[str, bytes], io.BytesIO]

# Data of the tests is made of words in Z, and a second factor's secret of 32 signs; these are names and signs
# in every language.
DATA = re.compile(r"\b[A-Z2-7]{32}\b|\b[Zz]\w*|\b\w+\.json\b|\bmember\d+(@\S+)?")
NAMES = frozenset(
    """
    API APIs B BBCode Bruno Chevereto DELETE English Español EXIF GB GET GIF HTML HTTP IMG ImgBB Imghippo
    ImgSmaller Insomnia JSON JavaScript KB Lietuvių M MB MP MD Markdown NSFW OpenAPI PATCH PDF POST PUT PicGo
    Postman Processing Python QR ShareX TB URL UTC Vitrine XML cURL curl example https id json org redirect
    txt v
    """.split()
) | {one.label for one in FORMATS.values()} | {one.extension for one in FORMATS.values()}  # fmt: skip
# The addresses of the APIs.
PROGRAMS = re.compile(r"/(v1|api|1|result|download)/")
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "title", "placeholder"}
# Their content is no language: code, what a field holds, and what says that it is of another language.
SILENT_TAGS = {"script", "style", "code", "pre", "kbd", "samp", "textarea", "svg", "time"}
VOID_TAGS = {"input", "img", "link", "meta", "br", "hr", "source", "wbr", "path", "circle", "rect"}


class Texts(HTMLParser):
    """The texts of a page that its readers see or hear."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        is_data = tag != "html" and "dir" in values and "notice" not in values.get("class", "")
        is_silent = tag in SILENT_TAGS or (tag != "html" and "lang" in values) or is_data
        if not self._silent() and not (is_silent and tag != "input"):
            self.found += [values[name] for name in SPOKEN_ATTRIBUTES & values.keys()]
            if tag in {"button", "input"} and values.get("type") in {"submit", "button"}:
                self.found.append(values.get("value", "") if tag == "input" else "")
            if tag == "meta" and values.get("name") == "description":
                self.found.append(values.get("content", ""))
        if tag not in VOID_TAGS:
            self.open.append((tag, is_silent))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent():
            self.found.append(data)

    def _silent(self) -> bool:
        return any(silent for _tag, silent in self.open)


def unmarked(page: str) -> list[str]:
    """The texts of a page that were never translated."""
    left = []
    # One text may stand in another, and tags in it: so the brackets are taken out of the whole first.
    for text in Texts(page).found:
        left.append(" ".join(text.split()))
    wrong = []
    depth = 0
    for text in left:
        outside = ""
        for sign in text:
            depth += (sign == "⟦") - (sign == "⟧")
            if depth == 0 and sign != "⟧":
                outside += sign
        words = re.findall(r"[^\W\d_]+", DATA.sub("", outside))
        if any(word not in NAMES for word in words):
            wrong.append(text)
    return wrong


@pytest.fixture(autouse=True)
def _brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which every translation stands in brackets; dates and numbers are as in English."""

    def one(message: str) -> str:
        return f"⟦{message}⟧" if message.strip() else message

    def many(single: str, plural: str, number: float) -> str:
        return one(single if number == 1 else plural)

    spoken = translation._trans  # type: ignore[attr-defined]
    translation.activate("en")
    spoken.gettext("")  # the functions are put into it when it is first asked for one
    monkeypatch.setattr(spoken, "gettext", one)
    monkeypatch.setattr(spoken, "ngettext", many)
    monkeypatch.setattr(spoken, "pgettext", lambda context, message: one(message))
    monkeypatch.setattr(spoken, "npgettext", lambda context, *values: many(*values))
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def shown(member: User) -> dict[str, Any]:
    """What the member has, and the values that stand in addresses."""
    category = CategoryFactory(name="Zoo", url_key="zoo")
    album = AlbumFactory(owner=member, name="Zebras", description="Zig zag")
    AlbumFactory(owner=member, name="Zinc", parent=album)
    file = HostedFileFactory(
        owner=member, title="Zwei", description="Zum", album=album, category=category, tags=["zip"],
        exif={"Model": "Zorki", "Flash": 1}, medium=True, nsfw=False,
    )  # fmt: skip
    HostedFileFactory(
        owner=member, title="Zwo", nsfw=True, privacy=Privacy.UNLISTED, is_approved=False, is_test=True,
        expires_at=timezone.now() + timezone.timedelta(days=3),
    )  # fmt: skip
    HostedFileFactory(owner=member, title="Zelluloid", kind="video", original_filename="z.mp4")
    job = Job.objects.create(
        owner=member, kind="word-to-pdf", state=Job.State.FAILED, source_size=9,
        error_code="too_many_bytes", error_message="The file is larger than 1.5 MB.",
    )  # fmt: skip
    Job.objects.create(owner=member, kind="remove-background")
    key = ApiKeyFactory(user=member, name="Zange")
    page = Page.objects.create(slug="zeit", title="Zeit", body="Zahn")
    for one in HostedFile.objects.all():
        search.index(one)
    return {
        "file": file,
        "album": album,
        "key": key,
        "page": page,
        "username": member.username,
        "values": {
            "route": "image", "name": file.public_id, "public_id": file.public_id, "url_key": "zoo",
            "username": member.username, "part": "albums", "pk": key.pk, "slug": page.slug,
        },
        "special": {
            "album": {"name": album.public_id},
            "album-codes": {"public_id": album.public_id},
            "album-download": {"public_id": album.public_id},
            "edit-album": {"public_id": album.public_id},
            "delete-album": {"public_id": album.public_id},
            "own-job": {"public_id": job.public_id},
            "tag": {"name": "zip"},
            "tool": {"name": "compress"},
            "client-settings": {"name": "curl"},
        },
    }  # fmt: skip


def addresses(shown: dict[str, Any]) -> list[str]:
    """Every address of the pages that has a name, with values of the member's in it."""
    found = set()
    resolver = get_resolver()
    for name, ways in resolver.reverse_dict.lists():
        if not isinstance(name, str):
            continue
        for possible, _pattern, _defaults, _converters in ways:
            for template, names in possible:
                values = {**shown["values"], **shown["special"].get(name, {})}
                if all(one in values for one in names):
                    found.add("/" + template % {one: values[one] for one in names})
    return sorted(found)


def refuse(pages: dict[str, str]) -> None:
    """Fail with the texts that are not translated, page by page."""
    wrong = {name: texts for name, page in pages.items() if (texts := unmarked(page))}
    assert not wrong, "\n".join(f"{name}: {texts}" for name, texts in wrong.items())


def html_of(client: Client, path: str) -> str:
    """The page at `path`, or "" where what is there is none."""
    response = client.get(path)
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return "" if response.streaming or not is_page else response.content.decode()


def test_the_test_finds_what_is_not_translated() -> None:
    assert unmarked("<p>⟦All is well⟧ 1.5 MB</p>") == []
    assert unmarked("<p>Nothing is well</p>") == ["Nothing is well"]
    assert unmarked('<img alt="A cat">') == ["A cat"]
    assert unmarked("<p>⟦by <b>⟦us⟧</b> all⟧ now</p>") == ["all⟧ now"]


@pytest.mark.parametrize("who", ["guest", "member"])
def test_the_pages_have_no_text_of_their_own(
    client: Client, member_client: Client, shown: dict[str, Any], who: str
) -> None:
    asking = member_client if who == "member" else client
    paths = [
        path
        for path in addresses(shown)
        if path.startswith("/api/docs") or not PROGRAMS.match(path)
    ]
    for more in (
        "/search?q=zwei",
        "/search?q=nothing",
        "/dashboard?view=list",
        "/settings/language",
    ):
        paths.append(more)
    pages = {path: html_of(asking, path) for path in paths}
    assert sum(1 for page in pages.values() if page) > 20
    refuse(pages)


# What Django and allauth's administration says without marking it, and what their rows are called.
UNMARKED_THERE = frozenset({"Search", "True", "False", "Authenticators", "User sessions", "admin"})


def test_the_administration_has_no_text_of_its_own(
    admin_client: Client, shown: dict[str, Any]
) -> None:
    pages = {"index": html_of(admin_client, "/admin/")}
    for model, kind in admin.site._registry.items():
        if model._meta.app_label not in {"accounts", "hosting"}:
            continue
        below = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        # A list of nothing: its rows are data.
        pages[below] = html_of(admin_client, f"{below}?{'q=zzzz' if kind.search_fields else ''}")
        if (row := model._default_manager.first()) is not None:
            page = html_of(admin_client, f"{below}{row.pk}/change/")
            body = re.sub(
                r'<select.*?</select>|<div class="readonly">.*?</div>', "", page, flags=re.DOTALL
            )
            pages[f"{below} {row}"] = body.replace(str(row), "")
    assert len(pages) > 12
    heads = (
        r"<(label|th|h1|h2|h3|legend|caption|option|summary)\b.*?</\1>|<div class=\"help\".*?</div>"
    )
    wrong = {}
    for name, page in pages.items():
        values = "".join(found.group() for found in re.finditer(heads, page, flags=re.DOTALL))
        wrong[name] = [text for text in unmarked(values) if text not in UNMARKED_THERE]
    assert not {name: texts for name, texts in wrong.items() if texts}


def test_the_pages_of_signing_in_have_no_text_of_their_own(
    client: Client, member_client: Client
) -> None:
    every = _names("allauth.urls")
    paths = [f"/account/{path}" for path in every if "<" not in path and "(" not in path]
    assert "/account/login/" in paths
    assert "/account/2fa/" in paths
    refuse({f"{who} {path}": html_of(one, path) for path in paths
            for who, one in (("guest", client), ("member", member_client))
            if not path.startswith(("/account/logout", "/account/2fa/recovery-codes/download"))})  # fmt: skip


def _names(module: str, before: str = "") -> list[str]:
    found = []
    for one in get_resolver(module).url_patterns:
        if isinstance(one, URLPattern):
            found.append(before + str(one.pattern))
        else:
            found += [before + str(one.pattern) + path for path in _below(one)]
    return found


def _below(resolver: Any) -> list[str]:
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            found.append(str(one.pattern))
        else:
            found += [str(one.pattern) + path for path in _below(one)]
    return found


def test_mistakes_in_a_form_are_reported_in_the_readers_language(
    client: Client, member_client: Client, shown: dict[str, Any], part: Part
) -> None:
    file, album = shown["file"], shown["album"]
    wrong: list[tuple[Client, str, dict[str, Any]]] = [
        (client, "/account/login/", {"login": "zz", "password": "zz"}),
        (client, "/account/signup/", {"email": "z", "username": "!", "password1": "z", "password2": "y"}),
        (client, "/account/signup/", {"username": "admin", "password1": "12345678", "password2": "12345678"}),
        (client, "/account/password/reset/", {"email": "z"}),
        (member_client, "/account/email/", {"action_add": "", "email": "z"}),
        (member_client, "/account/password/change/", {"oldpassword": "z", "password1": "z"}),
        (member_client, "/upload", {}),
        (member_client, "/upload", {"files": part("z.png", b"zzz")}),
        (member_client, "/upload", {"url": "ftp://zz"}),
        (member_client, "/dashboard/albums/new", {"name": "", "privacy": "password"}),
        (member_client, "/dashboard/albums/new", {"name": "Z", "privacy": "password"}),
        (member_client, f"/dashboard/albums/{album.public_id}", {"name": "Z", "privacy": "no"}),
        (member_client, f"/dashboard/files/{file.public_id}", {"privacy": "no", "tags": "z" * 99}),
        (member_client, f"/dashboard/files/{file.public_id}", {"privacy": "public", "tags": "z" * 99}),
        (member_client, "/dashboard/selection", {"file": file.public_id, "action": "change"}),
        (member_client, "/dashboard/selection", {"file": file.public_id, "action": "delete"}),
        (member_client, "/dashboard/selection",
         {"file": file.public_id, "action": "change", "confirmed": "1", "add_tags": "z" * 99}),
        (member_client, "/tools/compress", {}),
        (member_client, "/tools/resize", {"file": file.public_id}),
        (member_client, "/tools/compress", {"upload": part("z.pdf", b"%PDF-1.4")}),
        (member_client, "/tools/crop",
         {"file": file.public_id, "width": 900, "height": 900, "x": 0, "y": 0}),
        (member_client, "/settings", {"language": "zz", "theme": "zz"}),
        (member_client, "/settings/domain", {"domain": "z z"}),
        (member_client, "/settings/keys", {"name": "", "kind": "zz"}),
        (member_client, "/settings/close", {"password": "zz", "username": "zz"}),
    ]  # fmt: skip
    pages = {}
    for number, (asking, path, values) in enumerate(wrong):
        response = asking.post(path, values)
        assert response.status_code in {200, 400, 403}, path
        pages[f"{number} {path} {values}"] = response.content.decode()
    refuse(pages)


def test_notices_and_results_are_in_the_readers_language(
    member_client: Client, shown: dict[str, Any], part: Part
) -> None:
    file, album = shown["file"], shown["album"]
    done = [
        ("/upload", {"files": [part("z.png", picture(30, 20, "png")), part("zz.png", b"z")]}),
        ("/settings", {"first_name": "Z", "language": ""}),
        ("/settings/uploads", {"privacy": "private", "expires": "P1W"}),
        ("/settings/keys", {"name": "Zone", "kind": "live"}),
        (f"/settings/keys/{shown['key'].pk}/revoke", {}),
        ("/dashboard/albums/new", {"name": "Zug", "privacy": "public"}),
        (f"/dashboard/files/{file.public_id}", {"title": "Zaun", "privacy": "public", "tags": "zap"}),
        ("/dashboard/selection", {"action": "change"}),
        ("/dashboard/selection",
         {"file": file.public_id, "action": "change", "confirmed": "1", "add_tags": "zit"}),
        ("/tools/resize", {"file": file.public_id, "width": 20, "fit": "within"}),
        (f"/dashboard/albums/{album.public_id}/delete", {"files": "keep"}),
        ("/dashboard/selection", {"file": file.public_id, "action": "delete", "confirmed": "1"}),
    ]  # fmt: skip
    pages = {}
    for path, values in done:
        response = member_client.post(path, values, follow=True)
        assert response.status_code in {200, 400}, path
        pages[path] = response.content.decode()
    refuse(pages)


def test_what_is_missing_is_reported_in_the_readers_language(
    client: Client, shown: dict[str, Any]
) -> None:
    gone = HostedFileFactory(title="Zu", expires_at=timezone.now() - timezone.timedelta(days=1))
    Album.objects.filter(pk=shown["album"].pk).update(privacy=Privacy.PASSWORD)
    album = shown["album"].viewer_path
    pages = {
        "404": client.get("/nothing/here"),
        "410": client.get(gone.viewer_path),
        "locked": client.get(album),
        "wrong": client.post(album, {"password": "z"}),
        "403": Client(enforce_csrf_checks=True).post("/account/login/", {}),
    }
    assert [one.status_code for one in pages.values()] == [404, 410, 403, 403, 403]
    refuse({name: one.content.decode() for name, one in pages.items()})


def test_mails_have_no_text_of_their_own(client: Client, member: User) -> None:
    client.post("/account/password/reset/", {"email": member.email})
    values = {
        "username": "zora",
        "email": "zora@zz.zz",
        "password1": "Zugspitze-77",
        "password2": "Zugspitze-77",
    }
    client.post("/account/signup/", values)
    client.post("/account/signup/", {**values, "username": "zora2"})
    assert len(mail.outbox) >= 2
    for one in mail.outbox:
        body = re.sub(r"https?://\S+|testserver|\S+@\S+", "", f"{one.subject}\n{one.body}")
        assert unmarked(body) == []


def test_scripts_have_no_text_of_their_own() -> None:
    """What a script says comes from the page."""
    wrong = []
    for path in sorted((settings.BASE_DIR / "static" / "js").rglob("*.js")):
        source = re.sub(
            r"/\*.*?\*/|^\s*//.*$|\s//\s.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE
        )
        for text in re.findall(r'"([^"\n]*)"|`([^`]*)`', source):
            said = re.sub(r"\$\{[^}]*\}", "", "".join(text))
            if re.search(r"\b[A-Z][a-z]+ [a-z]+\b|\b[a-z]{3,} [a-z]{2,} [a-z]{2,}\b", said):
                wrong.append(f"{path.name}: {said}")
    assert not wrong
