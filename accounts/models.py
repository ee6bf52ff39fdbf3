"""The nouns of accounts: plan, user, API key, guest access, usage.

Rules that need one row and no I/O are methods here; what touches keys' secrets is in `keys`, and what
counts storage or calls is in `quotas`.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.errors import MB
from accounts.usernames import USERNAME_VALIDATORS


class Plan(models.Model):
    """What an account may use. Rows, so that an administrator edits them."""

    name = models.CharField(max_length=60, unique=True)
    is_default = models.BooleanField(
        default=False, help_text=_("New accounts get this plan. One plan has it.")
    )
    storage_limit = models.PositiveBigIntegerField(
        default=500 * MB, help_text=_("Bytes that all files of an account may take together.")
    )
    file_limit = models.PositiveBigIntegerField(
        default=50 * MB,
        help_text=_("Bytes of one file; the server's MAX_FILE_BYTES stands above it."),
    )
    daily_compressions = models.PositiveIntegerField(
        default=100, help_text=_("Compressions a day through the ImgSmaller API.")
    )
    live_requests_per_minute = models.PositiveIntegerField(default=100)
    test_requests_per_minute = models.PositiveIntegerField(default=10)
    # Jobs of an account at work at once, and waiting or at work; MAX_WAITING_JOBS stands above the latter.
    running_jobs = models.PositiveIntegerField(default=2)
    waiting_jobs = models.PositiveIntegerField(default=200)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_plan"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> Plan:
        """The plan of accounts that name none."""
        return cls.objects.get(is_default=True)


class User(AbstractUser):
    """A member. Limits of their own, where set, stand above their plan's."""

    username = models.CharField(
        _("username"),
        max_length=32,
        unique=True,
        validators=USERNAME_VALIDATORS,
        error_messages={"unique": _("This name is taken.")},
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="users",
        help_text=_("Empty: the default plan."),
    )  # fmt: skip
    storage_used = models.PositiveBigIntegerField(default=0, editable=False)
    own_storage_limit = models.PositiveBigIntegerField(null=True, blank=True)
    own_daily_compressions = models.PositiveIntegerField(null=True, blank=True)
    allowed_domain = models.CharField(
        max_length=253, blank=True, help_text=_("The one domain that `file_url` may name.")
    )
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, blank=True)
    # What uploads on the site begin with, in hosting's words; an API says what it means each time.
    default_privacy = models.CharField(max_length=8, default="public")
    default_keep = models.DurationField(
        null=True,
        blank=True,
        help_text=_("Uploads on the site go after this time. Empty: they stay."),
    )

    class Meta(AbstractUser.Meta):
        constraints = (models.UniqueConstraint(Lower("username"), name="username_ignores_case"),)

    @cached_property
    def effective_plan(self) -> Plan:
        """Its own plan, or the default one; looked up once a request."""
        return self.plan or Plan.default()

    def __str__(self) -> str:
        return self.username


class ApiKey(models.Model):
    """A member's key. The secret itself is shown once and kept only as a hash (see `keys`)."""

    class Kind(models.TextChoices):
        LIVE = "live", _("live")
        TEST = "test", _("test")

    NAME_LENGTH = 60

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.LIVE)
    prefix = models.CharField(max_length=24, help_text=_("The part that stays visible."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The minute in which its requests are counted (see `rates`).
    window_start = models.DateTimeField(null=True, editable=False)
    window_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("API key")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


class GuestAccess(models.Model):
    """What people without an account may do: one row, edited by administrators.

    The guest key is public by nature (the API's own page shows it), so it is kept as it is.
    """

    enabled = models.BooleanField(
        default=True, help_text=_("Guests may upload, on the home page and with the guest key.")
    )
    api_enabled = models.BooleanField(
        default=True, help_text=_("The guest key works. Members' keys do not depend on it.")
    )
    key = models.CharField(max_length=64, unique=True)
    file_limit = models.PositiveBigIntegerField(default=10 * MB)
    keep_for = models.DurationField(
        null=True, blank=True, help_text=_("Guests' files go after this time. Empty: they stay.")
    )
    url_uploads = models.BooleanField(
        default=False, help_text=_("Guests may name a URL that the server then fetches.")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("guest access")

    def __str__(self) -> str:
        return "Guest access"


class Usage(models.Model):
    """A daily count of one thing that a user did; the day is UTC's."""

    user = models.ForeignKey(User, models.CASCADE, related_name="usage")
    day = models.DateField()
    metric = models.CharField(max_length=30)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-day",)
        verbose_name_plural = _("usage")
        constraints = (
            models.UniqueConstraint(fields=["user", "day", "metric"], name="one_count_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.day} {self.metric}: {self.count}"
