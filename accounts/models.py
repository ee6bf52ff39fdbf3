"""The nouns of accounts: plan, user, API key, account event, guest access, usage, counts of work.

Rules that need one row and no I/O are methods here; what touches keys' secrets is in `keys`, and what
counts storage or calls is in `quotas`.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.errors import MB
from accounts.scopes import SCOPES, usual
from accounts.usernames import USERNAME_VALIDATORS


class WorkLimits(models.Model):
    """How much may be sent, and how large one picture may be. Empty: no limit but the server's own."""

    # Uploads and processing calls alike; one of many pixels counts as several (see `rates`).
    uploads_per_minute = models.PositiveIntegerField(null=True, blank=True)
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True)
    uploads_per_day = models.PositiveIntegerField(null=True, blank=True)
    uploads_per_week = models.PositiveIntegerField(null=True, blank=True)
    uploads_per_month = models.PositiveIntegerField(null=True, blank=True)
    pixel_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Pixels of one frame; the server's MAX_PIXELS stands above it."),
    )
    frame_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Frames of an animation; the server's MAX_FRAMES stands above it."),
    )

    class Meta:
        abstract = True


class Plan(WorkLimits):
    """What an account may use. Rows, so that an administrator edits them."""

    name = models.CharField(max_length=60, unique=True)
    is_default = models.BooleanField(
        default=False, help_text=_("New accounts get this plan. There is exactly one default plan.")
    )
    storage_limit = models.PositiveBigIntegerField(
        default=500 * MB, help_text=_("Total bytes that an account's files may take up.")
    )
    file_limit = models.PositiveBigIntegerField(
        default=50 * MB,
        help_text=_("Maximum bytes per file; the server's MAX_FILE_BYTES still applies."),
    )
    daily_compressions = models.PositiveIntegerField(
        default=100, help_text=_("Compressions per day through the ImgSmaller API.")
    )
    live_requests_per_minute = models.PositiveIntegerField(default=100)
    test_requests_per_minute = models.PositiveIntegerField(default=10)
    uploads_per_minute = models.PositiveIntegerField(null=True, blank=True, default=600)
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True, default=5000)
    uploads_per_day = models.PositiveIntegerField(null=True, blank=True, default=20_000)
    # Jobs of an account running at once, and waiting or running; MAX_WAITING_JOBS caps the latter.
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
    """A member. Individual limits, where set, override the plan's."""

    username = models.CharField(
        _("username"),
        max_length=32,
        unique=True,
        validators=USERNAME_VALIDATORS,
        error_messages={"unique": _("This name is taken.")},
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="users",
        help_text=_("Leave empty for the default plan."),
    )  # fmt: skip
    storage_used = models.PositiveBigIntegerField(default=0, editable=False)
    own_storage_limit = models.PositiveBigIntegerField(null=True, blank=True)
    own_daily_compressions = models.PositiveIntegerField(null=True, blank=True)
    is_unmetered = models.BooleanField(
        default=False, help_text=_("No limits by time: for imports and checks. Quotas still hold.")
    )
    allowed_domain = models.CharField(
        max_length=253, blank=True, help_text=_("The only domain that `file_url` may point to.")
    )
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, blank=True)
    # What moderators decided of the account (see hosting.moderation).
    is_trusted = models.BooleanField(
        default=False, help_text=_("Its uploads skip the moderation queue.")
    )
    is_always_queued = models.BooleanField(
        default=False, help_text=_("Its uploads always wait for a moderator.")
    )
    is_unlisted_by_default = models.BooleanField(
        default=False, help_text=_("Its public uploads become unlisted.")
    )
    uploads_frozen = models.BooleanField(default=False, help_text=_("It uploads nothing more."))
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_settling = models.BooleanField(
        default=False, editable=False,
        help_text="Its files are on their way to being hidden, or shown again.",
    )  # fmt: skip
    # What uploads on the site begin with, in hosting's words; an API says what it means each time.
    default_privacy = models.CharField(max_length=8, default="public")
    default_keep = models.DurationField(
        null=True,
        blank=True,
        help_text=_("Files uploaded on the site are deleted after this time. Empty: never."),
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
    scopes = models.JSONField(default=usual, help_text=_("What the key may do."))
    # The key that made it; revoking that one revokes this one.
    made_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="made_keys", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Opens nothing from then on. Empty: no end.")
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The minute in which its requests are counted (see `rates`).
    window_start = models.DateTimeField(null=True, editable=False)
    window_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("API key")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    @property
    def has_ended(self) -> bool:
        """Whether its end date has passed."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words, in the order of SCOPES."""
        return [str(label) for scope, label in SCOPES.items() if scope in self.scopes]

    def allows(self, scope: str) -> bool:
        """Whether the key has this scope."""
        return scope in self.scopes


class AccountEvent(models.Model):
    """Something that happened to an account. Rows are only ever added (see `events`), and expire with time.

    Wrong passwords and codes are counted in one row an hour and address, so that nobody fills the table.
    """

    class Kind(models.TextChoices):
        SIGNED_UP = "signed_up", _("Signed up")
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Wrong password")
        SIGNED_OUT = "signed_out", _("Signed out")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        PASSWORD_RESET = "password_reset", _("Password reset by email")
        EMAIL_ADDED = "email_added", _("Email address added")
        EMAIL_CONFIRMED = "email_confirmed", _("Email address confirmed")
        EMAIL_CHANGED = "email_changed", _("Primary email address changed")
        EMAIL_REMOVED = "email_removed", _("Email address removed")
        FACTOR_ADDED = "factor_added", _("Second factor added")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        FACTOR_RESET = "factor_reset", _("Recovery codes renewed")
        FACTOR_FAILED = "factor_failed", _("Wrong second factor")
        LOGIN_CONNECTED = "login_connected", _("External account connected")
        LOGIN_REMOVED = "login_removed", _("External account disconnected")
        KEY_MADE = "key_made", _("API key created")
        KEY_REVOKED = "key_revoked", _("API key revoked")
        WEBHOOK_MADE = "webhook_made", _("Webhook created")
        WEBHOOK_CHANGED = "webhook_changed", _("Webhook changed")
        ACCESS_ENDED = "access_ended", _("All sessions, keys and webhooks ended")

    # What strangers cause.
    FAILURES = (Kind.SIGN_IN_FAILED, Kind.FACTOR_FAILED)
    # The detail of the row that counts failures from all addresses but the first few.
    OTHER_ADDRESSES = "other addresses"
    DETAIL_LENGTH = 200
    AGENT_LENGTH = 200

    user = models.ForeignKey(User, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    # Which key, address or webhook it was about.
    detail = models.CharField(max_length=DETAIL_LENGTH, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=["user", "-created_at"], name="event_of_user"),)

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d %H:%M} {self.kind}"

    @property
    def is_of_many(self) -> bool:
        """Whether it counts failures of several addresses."""
        return self.kind in self.FAILURES and self.detail == self.OTHER_ADDRESSES


class GuestAccess(WorkLimits):
    """What people without an account may do: one row, edited by administrators. Limits by time hold for each
    address, an IPv6 one by its /64.

    The guest key is public by nature (the API's own page shows it), so it is kept as it is.
    """

    enabled = models.BooleanField(
        default=True, help_text=_("Guests may upload on the home page and with the guest key.")
    )
    api_enabled = models.BooleanField(
        default=True, help_text=_("Whether the guest key works. Members' keys are not affected.")
    )
    key = models.CharField(max_length=64, unique=True)
    file_limit = models.PositiveBigIntegerField(default=10 * MB)
    keep_for = models.DurationField(
        null=True,
        blank=True,
        validators=[MinValueValidator(timedelta(hours=1))],
        help_text=_(
            "Files that guests upload from now on are deleted after this time, such as “90 00:00:00” for "
            "90 days. Empty: never."
        ),
    )
    url_uploads = models.BooleanField(
        default=False, help_text=_("Guests may upload from a URL, which the server fetches.")
    )
    uploads_per_minute = models.PositiveIntegerField(null=True, blank=True, default=30)
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True, default=200)
    uploads_per_day = models.PositiveIntegerField(null=True, blank=True, default=500)
    total_per_hour = models.PositiveIntegerField(
        null=True, blank=True, default=2000, help_text=_("Uploads of all guests together.")
    )
    total_per_day = models.PositiveIntegerField(
        null=True, blank=True, default=10_000, help_text=_("Uploads of all guests together.")
    )
    pixel_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=50_000_000,
        validators=[MinValueValidator(1)],
        help_text=_("Pixels of one frame; the server's MAX_PIXELS stands above it."),
    )
    frame_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=150,
        validators=[MinValueValidator(1)],
        help_text=_("Frames of an animation; the server's MAX_FRAMES stands above it."),
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


class WorkCount(models.Model):
    """How much one account, one address, or all guests together had done, in each of the spans of `rates`.

    A span begins with its first piece of work. Written by conditional UPDATEs alone.
    """

    subject = models.CharField(max_length=64, unique=True)
    minute_start = models.DateTimeField()
    minute_count = models.PositiveBigIntegerField(default=0)
    hour_start = models.DateTimeField()
    hour_count = models.PositiveBigIntegerField(default=0)
    day_start = models.DateTimeField()
    day_count = models.PositiveBigIntegerField(default=0)
    week_start = models.DateTimeField()
    week_count = models.PositiveBigIntegerField(default=0)
    month_start = models.DateTimeField()
    month_count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.subject
