"""HostedFile: anything stored, be it an upload or the result of processing."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosting.models.album import Album
from hosting.models.privacy import OPEN, Privacy
from hosting.models.public_id import ALPHABET, public_id_field
from hosting.models.slug import slug_of
from hosting.models.taxonomy import Category, Tag
from processing import FORMATS
from processing.formats import Format

TITLE_LENGTH = 100
DESCRIPTION_LENGTH = 5000


# The files of an album that everybody who may open it sees: files in it keep their own privacy.
SHOWN_TO_ALL = Q(privacy=Privacy.PUBLIC, is_approved=True, is_test=False)


class FileQuerySet(models.QuerySet["HostedFile"]):
    """The filters that every list and look-up is composed of."""

    def alive(self, now: datetime | None = None) -> Self:
        """Not expired, whether or not the scheduler has already deleted the expired ones."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now or timezone.now()))

    def expired(self, now: datetime | None = None) -> Self:
        """Expired."""
        return self.filter(expires_at__lte=now or timezone.now())

    def shown_to_all(self) -> Self:
        """Files that anybody with access to the place sees: unexpired, approved, public, and not a test's."""
        return self.alive().filter(SHOWN_TO_ALL)

    def listed(self) -> Self:
        """Files that appear in public lists: shown to all, and not in an album that is not public."""
        return self.shown_to_all().filter(Q(album=None) | Q(album__privacy=Privacy.PUBLIC))


Files = models.Manager.from_queryset(FileQuerySet)


class SeenFiles(Files):
    """Files that exist for everybody but moderators: all but the withheld."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(withheld="")


class HostedFile(models.Model):
    """One stored file and its details.

    `objects` leaves out what moderation withholds, so that no list and no look-up shows it by oversight;
    what keeps the storage, counts room or moderates uses `every`.

    `path` is its address below the site (`images/2026/11/21/cat-….jpg`) and never changes; `area` says in which
    part of the storage the bytes are: `public`, which a web server or a bucket may send to anybody, or
    `guarded`, which is sent only after a check.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("image")
        VIDEO = "video", _("video")
        DOCUMENT = "document", _("document")

    class Area(models.TextChoices):
        PUBLIC = "public", _("public")
        GUARDED = "guarded", _("guarded")

    class Review(models.TextChoices):
        """What moderators said of it; a file that was never queued has none."""

        NONE = "", _("not reviewed")
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    class Withheld(models.TextChoices):
        """Why it is hidden from everybody but moderators, its owner included."""

        NO = "", _("no")
        SUSPENDED = "suspended", _("its owner is suspended")
        REMOVED = "removed", _("removed by staff")
        LOCKED = "locked", _("locked by staff")

    public_id = public_id_field()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="files"
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey", models.SET_NULL, null=True, blank=True, related_name="files"
    )
    is_test = models.BooleanField(default=False, help_text=_("Made with a test key."))
    dialect = models.CharField(
        max_length=20, blank=True, editable=False,
        help_text=_("The API used to upload it, if that API keeps its own lists."),
    )  # fmt: skip
    uploader_ip = models.GenericIPAddressField(_("uploader's IP address"), null=True, blank=True)

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.IMAGE)
    format = models.CharField(max_length=8)
    path = models.CharField(max_length=255, unique=True, editable=False)
    area = models.CharField(max_length=7, choices=Area, default=Area.PUBLIC, editable=False)
    moving = models.BooleanField(
        default=False, editable=False,
        help_text="Its bytes are on their way to where they belong.",
    )  # fmt: skip
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    charged = models.PositiveBigIntegerField(
        default=0, editable=False, help_text=_("Bytes counted towards the owner's storage.")
    )
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=1)
    duration = models.FloatField(default=0, help_text=_("Seconds."))
    md5 = models.CharField("MD5", max_length=32, editable=False)
    source_md5 = models.CharField(max_length=32, blank=True, editable=False)
    content_hash = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("SHA-256 of the file as it was sent."),
    )

    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    description = models.TextField(blank=True, max_length=DESCRIPTION_LENGTH)
    original_filename = models.CharField(max_length=255, blank=True)
    album = models.ForeignKey(Album, models.SET_NULL, null=True, blank=True, related_name="files")
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="files"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="files")
    nsfw = models.BooleanField("NSFW", default=False)
    privacy = models.CharField(max_length=8, choices=Privacy, default=Privacy.PUBLIC)
    # Follows from the next two (see `approval`): what every check of who may see it asks.
    is_approved = models.BooleanField(default=True)
    review = models.CharField(max_length=8, choices=Review, blank=True, default="")
    withheld = models.CharField(max_length=9, choices=Withheld, blank=True, default="")
    removed_at = models.DateTimeField(null=True, editable=False)
    trust = models.CharField(
        max_length=9, blank=True, editable=False,
        help_text=_("How far its uploader was trusted when it was uploaded."),
    )  # fmt: skip
    perceptual_hash = models.BinaryField(
        max_length=32, null=True, editable=False, help_text=_("PDQ, 256 bits.")
    )
    is_360 = models.BooleanField("360°", default=False)
    exif = models.JSONField("EXIF", default=dict, blank=True)

    views = models.PositiveIntegerField(default=0, editable=False)
    likes = models.PositiveIntegerField(default=0, editable=False)
    heat = models.FloatField(default=0, editable=False, help_text=_("See hosting.heat."))
    delete_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = SeenFiles()
    every = FileQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("file")
        indexes = (
            models.Index(fields=["owner", "content_hash"], name="file_duplicates"),
            models.Index(fields=["owner", "-created_at"], name="file_of_owner"),
            models.Index(
                fields=["owner", "dialect", "is_test", "-created_at", "-id"], name="file_of_dialect"
            ),
            models.Index(fields=["-created_at", "-id"], name="file_newest"),
            models.Index(fields=["-views", "-id"], name="file_most_viewed"),
            models.Index(fields=["-likes", "-id"], name="file_most_liked"),
            models.Index(fields=["-heat", "-id"], name="file_trending"),
            models.Index(fields=["album", "-created_at", "-id"], name="file_in_album"),
            models.Index(fields=["category", "-created_at", "-id"], name="file_in_category"),
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="file_expiry"
            ),
            models.Index(fields=["id"], condition=Q(moving=True), name="file_moving"),
            # The moderators' lists: small parts of a large table.
            models.Index(
                fields=["created_at", "id"], condition=Q(review="waiting"), name="file_queue"
            ),
            models.Index(
                fields=["removed_at"], condition=Q(removed_at__isnull=False), name="file_bin"
            ),
            models.Index(fields=["-created_at", "-id"], condition=Q(nsfw=True), name="file_nsfw"),
            models.Index(fields=["uploader_ip", "-created_at"], name="file_of_address"),
            models.Index(fields=["-size", "-id"], name="file_largest"),
        )

    def __str__(self) -> str:
        return self.display_title

    @property
    def file_format(self) -> Format:
        """The record of its format and its capabilities."""
        return FORMATS[self.format]

    @property
    def filename(self) -> str:
        """The stored name with its extension."""
        return self.path.rpartition("/")[2]

    @property
    def display_title(self) -> str:
        """The title, or else the stored name."""
        return self.title or self.filename

    @property
    def is_animated(self) -> bool:
        return self.kind == self.Kind.IMAGE and self.frames > 1

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def approval(self) -> bool:
        """What `is_approved` has to be, by `review` and `withheld`."""
        return not self.withheld and self.review in ("", self.Review.APPROVED)

    @property
    def opens_to_all(self) -> bool:
        """Whether the direct address alone currently gives access."""
        album_opens = self.album is None or self.album.privacy in OPEN
        return self.is_approved and not self.is_expired and self.privacy in OPEN and album_opens

    @property
    def is_shown_to_all(self) -> bool:
        """Whether FileQuerySet.shown_to_all() finds it."""
        is_public = self.privacy == Privacy.PUBLIC
        return is_public and self.is_approved and not self.is_test and not self.is_expired

    @property
    def is_listed(self) -> bool:
        """Whether FileQuerySet.listed() finds it."""
        in_the_open = self.album is None or self.album.privacy == Privacy.PUBLIC
        return self.is_shown_to_all and in_the_open

    @property
    def slug(self) -> str:
        """The title as it appears in the viewer's address; may be empty."""
        return slug_of(self.title)

    @property
    def viewer_path(self) -> str:
        """The view page's address below the site."""
        name = f"{self.slug}.{self.public_id}" if self.slug else self.public_id
        return reverse("viewer", args=[self.route, name])

    @property
    def short_path(self) -> str:
        """The view page's short address below the site."""
        return reverse("viewer", args=[self.route, self.public_id])

    @property
    def route(self) -> str:
        """The first word of its view page's address."""
        return "video" if self.kind == self.Kind.VIDEO else "image"


def title_of(filename: str) -> str:
    """A title from a client's file name: without extension, runs of dashes and blanks as one blank."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}\Z", "", filename.replace("\\", "/").rpartition("/")[2])
    return re.sub(r"[\s_-]+", " ", stem).strip()[:TITLE_LENGTH]


def stem_of(filename: str) -> str:
    """A storable name from a client's file name: ASCII letters, digits and dashes, then 16 random characters.

    The random part (95 bits) makes the direct address unguessable; the readable part is for people.
    """
    plain = unicodedata.normalize("NFKD", filename.rpartition(".")[0] or filename)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
    random = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return f"{readable[:60]}-{random}" if readable else random
