"""The nouns of hosting, one a module."""

from hosting.models.album import Album
from hosting.models.audit import AuditEntry
from hosting.models.ban import Ban, BannedContent
from hosting.models.file import HostedFile
from hosting.models.job import Job
from hosting.models.like import Like
from hosting.models.moderation import (
    Claim,
    Decision,
    ModerationRules,
    Reason,
    Report,
    StaffNote,
)
from hosting.models.origin import AllowedOrigin
from hosting.models.page import Page
from hosting.models.partial import Part, PartialUpload
from hosting.models.privacy import Privacy
from hosting.models.rebuild import Rebuild
from hosting.models.replay import Replay
from hosting.models.taxonomy import Category, Tag
from hosting.models.variant import Variant
from hosting.models.webhook import Delivery, Webhook

__all__ = [
    "Album",
    "AllowedOrigin",
    "AuditEntry",
    "Ban",
    "BannedContent",
    "Category",
    "Claim",
    "Decision",
    "Delivery",
    "HostedFile",
    "Job",
    "Like",
    "ModerationRules",
    "Page",
    "Part",
    "PartialUpload",
    "Privacy",
    "Reason",
    "Rebuild",
    "Replay",
    "Report",
    "StaffNote",
    "Tag",
    "Variant",
    "Webhook",
]
