"""The admin's pages of files, uploads, albums, jobs, members, sorting, origins, webhooks, texts: one a module.

`columns`, `filters` and `removal` hold what several of them share.
"""

from hosting.admin.album import AlbumAdmin
from hosting.admin.file import HostedFileAdmin
from hosting.admin.job import JobAdmin
from hosting.admin.moderation import (
    AuditEntryAdmin,
    BanAdmin,
    BannedContentAdmin,
    DecisionAdmin,
    ModerationRulesAdmin,
    ReasonAdmin,
    StaffNoteAdmin,
)
from hosting.admin.origin import AllowedOriginAdmin
from hosting.admin.page import PageAdmin
from hosting.admin.partial import PartialUploadAdmin
from hosting.admin.taxonomy import CategoryAdmin, TagAdmin
from hosting.admin.user import UserAdmin
from hosting.admin.webhook import DeliveryAdmin, WebhookAdmin

__all__ = [
    "AlbumAdmin",
    "AllowedOriginAdmin",
    "AuditEntryAdmin",
    "BanAdmin",
    "BannedContentAdmin",
    "CategoryAdmin",
    "DecisionAdmin",
    "DeliveryAdmin",
    "HostedFileAdmin",
    "JobAdmin",
    "ModerationRulesAdmin",
    "PageAdmin",
    "PartialUploadAdmin",
    "ReasonAdmin",
    "StaffNoteAdmin",
    "TagAdmin",
    "UserAdmin",
    "WebhookAdmin",
]
