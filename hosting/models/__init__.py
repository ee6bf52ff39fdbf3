"""The nouns of hosting, one a module."""

from hosting.models.album import Album
from hosting.models.file import HostedFile
from hosting.models.job import Job
from hosting.models.like import Like
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
    "Category",
    "Delivery",
    "HostedFile",
    "Job",
    "Like",
    "Page",
    "Part",
    "PartialUpload",
    "Privacy",
    "Rebuild",
    "Replay",
    "Tag",
    "Variant",
    "Webhook",
]
