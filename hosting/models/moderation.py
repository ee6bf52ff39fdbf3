"""The nouns of moderation: its rules, reasons, decisions, reports and notes.

What may come in at all (bans) is in `ban`, and who did what in `audit`.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from hosting.models.album import Album
from hosting.models.file import HostedFile
from hosting.models.public_id import public_id_field

TEXT_LENGTH = 2000

# The reasons that a site begins with (by a migration): an operator's own are shown as they are.
FIRST_REASONS = (
    gettext_noop("Illegal content"),
    gettext_noop("It breaks the law."),
    gettext_noop("Copyright"),
    gettext_noop("It infringes somebody's rights."),
    gettext_noop("Abuse or harassment"),
    gettext_noop("It harms or harasses somebody."),
    gettext_noop("NSFW, not marked"),
    gettext_noop("It needs the NSFW mark."),
    gettext_noop("Spam"),
    gettext_noop("It advertises, or was uploaded in bulk."),
    gettext_noop("Other"),
)


class ModerationRules(models.Model):
    """How the site is moderated: one row, edited while the site runs."""

    class Queue(models.TextChoices):
        OFF = "off", _("Nobody's uploads wait")
        GUESTS = "guests", _("Guests' uploads wait")
        UNTRUSTED = "untrusted", _("Uploads wait unless the account is trusted")

    queue = models.CharField(
        _("queue"), max_length=9, choices=Queue, default=Queue.OFF,
        help_text=_("Whose uploads stay hidden until a moderator approves them."),
    )  # fmt: skip
    hide_after_reports = models.PositiveSmallIntegerField(
        _("hide after reports"), null=True, blank=True, default=3,
        help_text=_("Open reports after which a file is hidden until decided. Empty: never."),
    )  # fmt: skip
    remind_after_hours = models.PositiveSmallIntegerField(
        _("remind after"), default=48,
        help_text=_("Hours after which moderators are reminded of open reports by email."),
    )  # fmt: skip
    bin_days = models.PositiveSmallIntegerField(
        _("days in the bin"), default=30,
        help_text=_("How long files that staff removed can be restored."),
    )  # fmt: skip
    address_days = models.PositiveSmallIntegerField(
        _("days to keep addresses"), default=90, null=True, blank=True,
        help_text=_("Uploaders' IP addresses are deleted after this. Empty: never."),
    )  # fmt: skip
    hash_distance = models.PositiveSmallIntegerField(
        _("distance"), default=31, validators=[MaxValueValidator(128)],
        help_text=_("In how many of 256 bits a picture may differ from a banned one and match."),
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("moderation rules")

    def __str__(self) -> str:
        return gettext("Moderation rules")

    @classmethod
    def current(cls) -> Self:
        """The row, created with its defaults where there is none yet."""
        return cls.objects.first() or cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def locked(cls) -> Self:
        """The row, locked until the transaction ends; whoever takes it takes no other lock after it."""
        cls.current()
        return cls.objects.select_for_update().get(pk=1)


class Reason(models.Model):
    """Why a file is reported or a decision made; the operator edits the list."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    label = models.CharField(_("label"), max_length=60)
    text = models.TextField(
        _("text"), max_length=TEXT_LENGTH, blank=True,
        help_text=_("What the owner reads with a decision for this reason."),
    )  # fmt: skip
    for_reports = models.BooleanField(_("for reports"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=10)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("position", "code")
        verbose_name = _("reason")

    def __str__(self) -> str:
        return gettext(self.label)

    @property
    def explanation(self) -> str:
        """What the owner reads, in the language of the reader where it is one of the first ones."""
        return gettext(self.text) if self.text else ""


class Decision(models.Model):
    """What was decided of one file or one member, and what was there before, so that it can be undone exactly.

    before and after: the columns that it changed, as JSON.
    """

    class Appeal(models.TextChoices):
        NONE = "", _("none")
        OPEN = "open", _("open")
        GRANTED = "granted", _("granted")
        DENIED = "denied", _("denied")

    public_id = public_id_field()
    action = models.CharField(max_length=12)
    file = models.ForeignKey(
        HostedFile, models.SET_NULL, null=True, blank=True, related_name="decisions"
    )
    # Kept when the file goes: what its owner reads.
    file_public_id = models.CharField(max_length=24, blank=True)
    file_title = models.CharField(max_length=100, blank=True)
    # Whom it concerns: the file's owner, or the member it is about. Guests' files have none.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="decisions"
    )
    reason = models.ForeignKey(Reason, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=12)
    # What was decided in one go shares it.
    batch = models.CharField(max_length=24, blank=True, db_index=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal = models.CharField(max_length=7, choices=Appeal, blank=True, default="")
    appeal_text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("decision")
        permissions = (
            ("moderate_members", "May warn, freeze and suspend members"),
            ("see_addresses", "May see the IP addresses of uploaders and reporters"),
        )
        indexes = (
            models.Index(fields=["member", "-created_at"], name="decision_of_member"),
            models.Index(fields=["file", "-created_at"], name="decision_of_file"),
            models.Index(
                fields=["appealed_at"], condition=Q(appeal="open"), name="decision_appeals"
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.file_public_id or self.member}"


class Report(models.Model):
    """A visitor's report of a file or an album; one open report for each visitor and thing.

    A decided one outlives its file: it is counted by month, and for what its sender's reports are worth.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    public_id = public_id_field()
    file = models.ForeignKey(
        HostedFile, models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    album = models.ForeignKey(Album, models.CASCADE, null=True, blank=True, related_name="reports")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="reports")
    text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    # A guest's network (an IPv6 /64), or "user:7": whose reports count as one.
    sender = models.CharField(max_length=64)
    email = models.EmailField(blank=True, help_text=_("To be told of the outcome."))
    # The fields of a formal notice (DMCA, DSA), where it is one.
    notice = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("report")
        constraints = (
            models.CheckConstraint(
                condition=Q(file=None) | Q(album=None), name="report_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=["file", "sender"], condition=Q(state="open", file__isnull=False),
                name="one_open_report_of_file",
            ),
            models.UniqueConstraint(
                fields=["album", "sender"], condition=Q(state="open", album__isnull=False),
                name="one_open_report_of_album",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["created_at"], condition=Q(state="open"), name="report_open"),
            models.Index(fields=["sender", "state"], name="report_of_sender"),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.file or self.album}"


class StaffNote(models.Model):
    """What staff wrote down about a member; nobody else sees it."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_notes")
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("staff note")

    def __str__(self) -> str:
        return self.text[:60]


class Claim(models.Model):
    """A file of the queue that one moderator is looking at until it ends, so that no other gets it."""

    file = models.OneToOneField(HostedFile, models.CASCADE, related_name="claim")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    until = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["until"], name="claim_until"),)

    def __str__(self) -> str:
        return f"{self.moderator}: {self.file}"
