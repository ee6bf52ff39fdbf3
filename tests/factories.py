"""Rows for tests, with their bytes where a row promises some.

`HostedFileFactory` stores a small real picture and its thumbnail in the storage named "files", as an upload
would; `medium=True` and `kind="video"` add what such files have.
"""

from __future__ import annotations

import hashlib
import io
import time
from functools import cache
from typing import Any

import factory
from django.test import Client
from PIL import Image

from accounts import keys
from accounts.models import ApiKey, User
from accounts.sessions import SIGNED_IN_AT
from hosting.catalogue import search
from hosting.files.variants import FRAME, MEDIUM, THUMB, variant_path
from hosting.models import Album, Category, HostedFile, Job, Tag, Variant
from hosting.models.delete_token import digest_of
from hosting.models.file import stem_of
from hosting.storage import areas, objects
from processing import FORMATS

PASSWORD = "correct horse battery staple"
# What opens the delete link of every file made here.
DELETE_TOKEN = "0123456789abcdef" * 3


@cache
def picture(width: int, height: int, format: str = "jpeg") -> bytes:
    """A small picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (180, 120, 60)).save(stream, format)
    return stream.getvalue()


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A member who can sign in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"member{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        return model_class.objects.create_user(*args, password=password, **kwargs)


def sign_in(client: Client, user: User, *, minutes_ago: float = 0) -> None:
    """Sign `user` in as if the password had been given so long ago."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session[SIGNED_IN_AT] = time.time() - minutes_ago * 60
    session.save()


class AlbumFactory(factory.django.DjangoModelFactory[Album]):
    """A public album of its own owner."""

    class Meta:
        model = Album

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Album {n}")


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    """One of the site's categories."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    url_key = factory.Sequence(lambda n: f"category-{n}")


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    """A word that files may have."""

    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"tag {n}")


class HostedFileFactory(factory.django.DjangoModelFactory[HostedFile]):
    """A guest's public JPEG of 64x48 with its thumbnail; all bytes are stored.

    medium: whether it has a medium picture. stored: False leaves the storage alone, for tests of rows only.
    """

    class Meta:
        model = HostedFile
        skip_postgeneration_save = True

    medium = False
    stored = True
    content = None
    kind = HostedFile.Kind.IMAGE
    format = factory.LazyAttribute(lambda file: "mp4" if file.kind == "video" else "jpeg")
    title = factory.Sequence(lambda n: f"Picture {n}")
    original_filename = "picture.jpg"
    width, height = 64, 48
    frames = factory.LazyAttribute(lambda file: 24 if file.kind == "video" else 1)
    duration = factory.LazyAttribute(lambda file: 7.2 if file.kind == "video" else 0)
    delete_digest = digest_of(DELETE_TOKEN)

    @classmethod
    def _create(cls, model_class: type[HostedFile], *args: Any, **kwargs: Any) -> HostedFile:
        medium, stored = kwargs.pop("medium"), kwargs.pop("stored")
        content = kwargs.pop("content") or picture(64, 48)
        file = model_class(**kwargs)
        file.area = kwargs.get("area") or areas.area_for(file)
        file.path = file.path or _address(file)
        file.size = file.size or len(content)
        file.md5 = hashlib.md5(content).hexdigest()
        file.save()
        if stored:
            objects.put(file.area, file.path, content)
        names = [THUMB, *([MEDIUM] if medium else []), *([FRAME] if file.kind == "video" else [])]
        for name in names:
            _variant(file, name, stored=stored)
        return file

    @factory.post_generation
    def tags(self: HostedFile, create: bool, names: Any, **kwargs: Any) -> None:
        """`tags=["sea", "sky"]` gives the file these tags; then it can be searched for, as an upload can."""
        for name in names or ():
            self.tags.add(Tag.objects.get_or_create(name=name)[0])
        if create:
            search.index(self)


class CompressionFactory(factory.django.DjangoModelFactory[Job]):
    """A compression of ImgSmaller's that is done, with its result."""

    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    kind = "compress"
    state = Job.State.DONE
    parameters = factory.Dict({"format": None, "output": "original", "target": None})
    result = factory.SubFactory(HostedFileFactory, owner=factory.SelfAttribute("..owner"))


class ApiKeyFactory(factory.django.DjangoModelFactory[ApiKey]):
    """A live key; its secret, which a row never holds, is on the object as `secret`."""

    class Meta:
        model = ApiKey

    user = factory.SubFactory(UserFactory)
    name = "A key"
    kind = ApiKey.Kind.LIVE

    @classmethod
    def _create(cls, model_class: type[ApiKey], *args: Any, **kwargs: Any) -> ApiKey:
        row, secret = keys.create(kwargs["user"], name=kwargs["name"], kind=kwargs["kind"])
        row.secret = secret  # type: ignore[attr-defined]
        return row


def _address(file: HostedFile) -> str:
    extension = FORMATS[file.format].extension
    return f"images/{file.created_at:%Y/%m/%d}/{stem_of(file.original_filename)}.{extension}"


def _variant(file: HostedFile, name: str, *, stored: bool) -> None:
    width, height = {THUMB: (320, 320), MEDIUM: (500, 375), FRAME: (64, 48)}[name]
    content = picture(width, height)
    path = variant_path(file.path, name, "jpg")
    Variant.objects.create(
        file=file,
        name=name,
        format="jpeg",
        path=path,
        size=len(content),
        width=width,
        height=height,
    )
    if stored:
        objects.put(file.area, path, content)
