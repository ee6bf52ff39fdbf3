"""The outcomes of an upload's files, for the page that answers a form and for the script of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.timesince import timeuntil

from accounts.errors import AccountError
from hosting.delivery.links import absolute
from hosting.errors import HostingError
from hosting.files import embeds, resumable
from hosting.files.embeds import CodeGroup
from hosting.models import HostedFile, PartialUpload
from hosting.views.presenting import pictures
from processing import ProcessingError


@dataclass(frozen=True)
class Outcome:
    """The outcome of one file: stored, or why not. passing: the refusal, where it is temporary."""

    name: str
    file: HostedFile | None = None
    delete_url: str = ""
    error: str = ""
    passing: HostingError | AccountError | ProcessingError | None = None

    @property
    def is_duplicate(self) -> bool:
        return self.file is not None and not self.delete_url

    @property
    def is_waiting(self) -> bool:
        """Whether a moderator has to approve it before others see it."""
        return self.file is not None and self.file.review == HostedFile.Review.WAITING

    @property
    def picture(self) -> pictures.Picture | None:
        """Its thumbnail, unless the uploader cannot see it either: a guest's file that waits."""
        if self.file is None or (self.is_waiting and self.file.owner_id is None):
            return None
        return pictures.thumb(self.file)

    @property
    def codes(self) -> list[CodeGroup]:
        """The file's embed codes, its delete link among them."""
        return embeds.groups([(self.file, self.delete_url)]) if self.file else []


def delete_url_of(file: HostedFile, token: str) -> str:
    """The link that deletes `file`."""
    return absolute(f"{file.short_path}/delete/{token}")


def of_partial(upload: PartialUpload) -> Outcome:
    """The outcome of a completed upload in pieces."""
    assert upload.file is not None  # noqa: S101, it is whole
    token = "" if upload.is_duplicate else resumable.delete_token(upload)
    delete_url = delete_url_of(upload.file, token) if token else ""
    return Outcome(upload.metadata.get("filename", ""), upload.file, delete_url)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome for the script of the queue."""
    file = outcome.file
    if file is None:
        return {"name": outcome.name, "error": outcome.error}
    return {
        "name": outcome.name,
        "error": "",
        "id": file.public_id,
        "title": file.display_title,
        "viewer": file.viewer_path,
        "thumb": outcome.picture.url if outcome.picture else "",
        "waiting": outcome.is_waiting,
        "format": file.file_format.label,
        "expires": timeuntil(file.expires_at) if file.expires_at else "",
        "duplicate": outcome.is_duplicate,
        "codes": embeds.lines_of(file, outcome.delete_url),
    }
