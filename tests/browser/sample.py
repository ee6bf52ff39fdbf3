"""A site with something of everything on it, for looking at every page. Runs inside the site: `fill()`.

Titles, names and pictures are of the kinds that break a layout: long, without blanks, from right to left, tall,
wide, animated, blurred, expiring, locked.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageOps

from accounts import keys, sessions
from accounts.keys import Caller
from accounts.models import User
from hosting.albums import editing
from hosting.albums.editing import AlbumChanges
from hosting.audit import by_site
from hosting.files import likes
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.jobs import queue, tools
from hosting.models import Album, Category, HostedFile, Job, Page, Privacy, Reason
from hosting.moderation import decisions, reports
from hosting.sources.source import Source
from tests import pictures
from tests.factories import HostedFileFactory

LONG = timedelta(days=30)
PASSWORD = "correct horse battery staple"
LONG_NAME = "an_unusually_long_name_for_a_man"
SENTENCE = (
    "The whole coast from the old lighthouse down to the harbour, on the one clear morning of the week, "
    "before the boats went out and the wind came up again"
)
TITLES = """\
Harbour in the morning|Red door|Market street|Two parrots|Lighthouse|Rafting|The bay|Sails|A quiet window
Fog over the fields|Stone bridge|Last ferry|Winter garden|On the way home|Rooftops|Salt and rust|Low tide
The orchard|Evening train|Paper boats|Northern light|Backyard|Bicycle|Old town|Ropes|Blue hour|Gulls|Kiosk
Seventh floor|Dunes|Corner shop|Swimmers|Ticket office|Waiting room|First snow|Cliff path|Canal|Lanterns
Ferry terminal|Allotments""".replace("\n", "|").split("|")
TERMS = """\
## What may be shown here
Be kind. Show what is *yours*, or what you may show.

| kept | for how long |
|---|---|
| pictures | until you delete them |
| addresses of visitors | a day |

1. No harm to anybody.
2. Nothing against the law of [your place](https://example.org/).
"""
# Width to height: what cameras, phones and screens make, a panorama and a strip.
SHAPES = ((3, 2), (2, 3), (4, 3), (1, 1), (3, 2), (16, 9), (4, 5), (3, 1), (3, 2), (1, 3))
TAGS = (("sea", "morning"), ("street",), ("sea", "boats", "slow days"), (), ("winter",))


def fill(photos: str = "", count: int = 16) -> dict[str, Any]:
    """Make it all; return the people's session ids, the addresses of pages, and pages that answer a form.

    photos: a folder of PNGs to cut the pictures from; without one they are made.
    """
    ada, other, empty = (_member(name) for name in ("ada", LONG_NAME, "newcomer"))
    admin = User.objects.get(is_superuser=True)
    staff = _member("trainee", is_staff=True)
    for name in ("Landscape", "Street", "Animals", "Empty"):
        Category.objects.get_or_create(name=name, url_key=name.lower())
    Page.objects.create(slug="terms", title="Terms", body=TERMS, position=2)
    Page.objects.create(slug="contact", title="Contact", body="Write to us.", position=4)
    shelves = _albums(ada)
    named = _particular(ada, shelves, photos)
    files = _pictures(ada, other, shelves, photos, count)
    for number, file in enumerate(files):
        HostedFile.objects.filter(pk=file.pk).update(views=number * number * 37 % 5000)
        for who in (ada, other, admin)[: number % 4]:
            likes.like(who, file)
    moderated = _moderation(ada, other, admin, files)
    done = _jobs(ada)
    ada_key = keys.create(ada, name="Desktop uploader")[0]
    keys.create(ada, name="A key whose name says at great length what it is for and where")
    ada_key.revoked_at = timezone.now()
    ada_key.save()
    careful = _member("careful")
    people = {user.username: _session(user) for user in (ada, empty, staff, careful)}
    people["admin"] = _session(admin, "correct horse battery")
    TOTP.activate(careful, generate_totp_secret())
    RecoveryCodes.activate(careful)
    guest, member = _browser(), _browser(people["ada"])
    photo = partial(_photo, photos=photos)
    chosen = {"file": [file.public_id for file in files[:5]], "back": "/dashboard"}
    return {
        "people": people,
        "paths": {
            **{name: file.viewer_path for name, file in named.items()},
            **{f"album_{name}": album.viewer_path for name, album in shelves.items()},
            "first": files[0].viewer_path,
            "first_id": files[0].public_id,
            "album_id": shelves["open"].public_id,
            **moderated,
            "long_name": LONG_NAME,
            "result_id": done["done"].result.public_id,
            **{f"job_{name}": job.public_id for name, job in done.items()},
            "delete_link": _delete_link(photo(17)),
            "reset_link": _reset_link(other),
        },
        "made": {
            "uploaded": _upload(guest, photo(3), photo(4), b"no picture"),
            "uploaded-one": _upload(guest, photo(5)),
            "settings-key-made": _html(
                member.post("/settings/keys", {"name": "Script", "kind": "live"})
            ),
            "selection-change": _html(
                member.post("/dashboard/selection", {**chosen, "action": "change"})
            ),
            "selection-delete": _html(
                member.post("/dashboard/selection", {**chosen, "action": "delete"})
            ),
            "settings-wrong": _html(member.post("/settings", {"language": "tlh"})),
            "second-factor": _second_factor(careful),
            "deleted": _html(_browser().post(_delete_link(photo(18)))),
            "error-400": render_to_string("400.html"),
            "error-403": _html(_browser(people["trainee"]).get("/admin/hosting/hostedfile/")),
            "error-403-csrf": _html(Client(enforce_csrf_checks=True, headers=HOST).post("/upload")),
            "error-410": _gone(),
            "error-413": _html(guest.post("/upload", {"files": [_part(b"a") for _ in range(30)]})),
            "error-500": render_to_string("500.html"),
        },
    }


def _moderation(ada: User, other: User, admin: User, files: list[HostedFile]) -> dict[str, str]:
    """Files that wait, a decision that was appealed, and reports; the paths of what is there."""
    reasons = {reason.code: reason for reason in Reason.objects.all()}
    for number, owner in enumerate((None, ada, other, None, ada)):
        HostedFileFactory(
            owner=owner, review="waiting", is_approved=False, title=TITLES[-1 - number],
            nsfw=number == 1, description=SENTENCE if number == 2 else "", uploader_ip="192.0.2.7",
        )  # fmt: skip
    rejected = HostedFileFactory(owner=ada, title=SENTENCE[:100])
    decision = decisions.decide(
        rejected, "reject", by_site(admin), reason=reasons["spam"], text=SENTENCE
    )
    decisions.appeal(decision, SENTENCE)
    decisions.decide_of_member(other, "warn", by_site(admin), reason=reasons["abuse"])
    for file, code in ((files[2], "abuse"), (files[3], "spam"), (files[2], "spam")):
        sender = ada if code == "spam" else None
        reports.report(file, reasons[code], reporter=sender, address="192.0.2.8", text=SENTENCE)
    return {"reported": files[2].public_id}


# The site knows no test server.
HOST = {"host": "127.0.0.1"}


def _member(name: str, **context: Any) -> User:
    email = f"{name}@example.org"
    user = User.objects.create_user(name, email, PASSWORD, own_storage_limit=10**9, **context)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _session(user: User, password: str = PASSWORD) -> str:
    """Sign in as people do; return the cookie. For these pages nobody is asked for the password again."""
    client = _browser()
    client.post("/account/login/", {"login": user.username, "password": password})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    session = SessionStore(sessions.key_of(cookie))
    for method in session["account_authentication_methods"]:
        method |= {"at": method["at"] + 24 * 3600, "reauthenticated": True}
    session.save()
    return cookie


def _browser(session: str = "") -> Client:
    client = Client(headers=HOST)
    if session:
        client.cookies["sessionid"] = session
    return client


def _html(answer: Any) -> str:
    return str(answer.content.decode())


def _part(content: bytes, name: str = "photo.jpg") -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = name
    return stream


def _upload(client: Client, *contents: bytes) -> str:
    return _html(client.post("/upload", {"files": [_part(content) for content in contents]}))


def _photo(seed: int, width: int = 600, height: int = 400, photos: str = "") -> bytes:
    image = _image(photos, seed, width, height)
    return pictures.saved(image, "JPEG", quality=82)


def _image(photos: str, number: int, width: int, height: int) -> Image.Image:
    """A picture of that size: cut from a photo of the folder, or made."""
    found = sorted(Path(photos).glob("*.png")) if photos else []
    if not found:
        return pictures.texture(width, height, seed=number)
    image = Image.open(found[number % len(found)]).convert("RGB")
    turn = number // len(found)
    # The second time round it is another picture.
    image = ImageOps.mirror(image) if turn % 2 else image
    place = (0.2 + 0.3 * (turn % 3), 0.5)
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS, centering=place)


def _images(photos: str, count: int) -> Iterator[Image.Image]:
    """Pictures of every shape."""
    for number in range(count):
        wide, high = SHAPES[number % len(SHAPES)]
        scale = (900 if photos else 480) / max(wide, high)
        yield _image(photos, number, round(wide * scale), round(high * scale))


def _source(content: bytes, name: str) -> Source:
    return Source(io.BytesIO(content), len(content), name)


def _pictures(
    ada: User, other: User, shelves: dict[str, Album], folder: str, count: int
) -> list[HostedFile]:
    drawers = list(Category.objects.exclude(url_key="empty"))
    files = []
    for number, image in enumerate(_images(folder, count)):
        options = UploadOptions(
            title=TITLES[number % len(TITLES)],
            tags=TAGS[number % len(TAGS)],
            album=shelves["open"] if number % 3 == 0 else None,
            category=drawers[number % len(drawers)],
            nsfw=number % 11 == 5,
            allow_duplicate=True,
        )
        body = pictures.saved(image, "JPEG", quality=85)
        owner = other if number % 4 == 1 else ada
        if owner is other:
            options = UploadOptions(title=options.title, tags=options.tags, allow_duplicate=True)
        files.append(accept(Caller(user=owner), _source(body, f"{number}.jpg"), options).file)
    return files


def _particular(ada: User, shelves: dict[str, Album], photos: str) -> dict[str, HostedFile]:
    """The ones that have pages of their own in the table."""
    hers = Caller(user=ada)

    def put(content: bytes, name: str, **context: Any) -> HostedFile:
        return accept(hers, _source(content, name), UploadOptions(**context)).file

    photo = partial(_photo, photos=photos)
    camera = pictures.jpeg(image=_image(photos, 2, 640, 480), gps=True)
    named = {
        "video": put(pictures.video(), "clip.mp4", title="Waves"),
        "animated": put(pictures.gif(6, 160, 120), "turn.gif", title="Turning"),
        "drawing": put(pictures.svg(300, 200), "plan.svg", title="Plan of the house"),
        "camera": put(
            camera,
            "IMG_2041.jpg",
            title="Camera",
            description=f"{SENTENCE}.\n\nhttp://example.org/",
        ),
        "long": put(photo(6), "a.jpg", title=SENTENCE[:100], tags=("sea",), nsfw=False),
        "unbroken": put(photo(7), "b.jpg", title="x" * 100),
        "rtl": put(photo(8), "c.jpg", title="נמל בבוקר, לפני שהסירות יצאו"),
        "blurred": put(photo(9), "d.jpg", title="After hours", nsfw=True),
        "private": put(photo(10), "e.jpg", title="Only mine", privacy=Privacy.PRIVATE),
        "expiring": put(photo(11), "f.jpg", title="For a day", expires_in=timedelta(days=1)),
        "tall": put(photo(12, 300, 1500), "g.jpg", title="A tall one"),
        "tiny": put(photo(13, 24, 24), "h.png", title="A tiny one", album=shelves["locked"]),
    }
    return named


def _albums(ada: User) -> dict[str, Album]:
    def make(name: str, **context: Any) -> Album:
        return editing.create(ada, AlbumChanges(name=name, **context))

    outer = make("Coast walks", description="A year of Sundays, from the lighthouse to the bay.")
    return {
        "open": outer,
        "inner": make("In winter", parent=outer),
        "long": make(SENTENCE[:100]),
        "unlisted": make("Drafts", privacy=Privacy.UNLISTED),
        "locked": make("Wedding", privacy=Privacy.PASSWORD, password="open sesame"),
        "private": make("Receipts", privacy=Privacy.PRIVATE),
    }


def _jobs(ada: User) -> dict[str, Job]:
    """One that is done, and what others look like that are not."""
    made = tools.use(
        Caller(user=ada),
        "compress-to-size",
        _source(_photo(14), "a.jpg"),
        {"target": 20_000, "format": None, "output": "original"},
        ip=None,
    )
    assert isinstance(made, Job)
    found = {"done": queue.wait(made, 120)}
    now = timezone.now()
    for state, values in (
        (Job.State.FAILED, {"error_message": "The picture cannot be made so small."}),
        (Job.State.RUNNING, {"progress": 40, "started_at": now, "lease_until": now + LONG}),
        (Job.State.CANCELLED, {}),
    ):
        found[state] = Job.objects.create(
            owner=ada,
            kind=made.kind,
            parameters=made.parameters,
            placement=made.placement,
            state=state,
            **values,
        )
    return found


def _delete_link(content: bytes) -> str:
    values = UploadOptions(title="Mine to delete", allow_duplicate=True)
    made = accept(Caller(user=None), _source(content, "mine.jpg"), values)
    return f"{made.file.short_path}/delete/{made.delete_token}"


def _reset_link(user: User) -> str:
    """Where the mail leads somebody who forgot the password."""
    entries = [user_pk_to_url_str(user), default_token_generator.make_token(user)]
    return reverse("account_reset_password_from_key", args=entries)


def _second_factor(user: User) -> str:
    """What is asked of somebody with a second factor after the password."""
    values = {"login": user.username, "password": PASSWORD}
    return _html(_browser().post("/account/login/", values, follow=True))


def _gone() -> str:
    file = accept(
        Caller(user=None), _source(_photo(19), "old.jpg"), UploadOptions(title="Old")
    ).file
    HostedFile.objects.filter(pk=file.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return _html(_browser().get(file.viewer_path))
