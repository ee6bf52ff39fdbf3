"""The row of a new file, whether its bytes come from an upload or from processing."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone

from accounts.keys import Caller
from hosting.admission import queue
from hosting.files.options import ResultOptions, UploadOptions
from hosting.models import HostedFile, Privacy
from hosting.models.public_id import make_public_id
from hosting.storage import areas
from processing import Result

KINDS = {"video": HostedFile.Kind.VIDEO, "document": HostedFile.Kind.DOCUMENT}


def new_file(
    caller: Caller,
    result: Result,
    options: UploadOptions | ResultOptions,
    *,
    filename: str,
    **more: Any,
) -> HostedFile:
    """The unsaved row of a file for `result`, owned by `caller`; `more` are further columns.

    filename: the client's name for it; its end is kept.
    """
    file = HostedFile(
        public_id=make_public_id(options.id_length),
        dialect=options.dialect,
        owner=caller.user,
        api_key=caller.key,
        is_test=caller.is_test,
        uploader_ip=options.ip,
        privacy=options.privacy,
        kind=KINDS.get(result.format.kind, HostedFile.Kind.IMAGE),
        format=result.format.name,
        size=len(result.data),
        width=result.width,
        height=result.height,
        frames=result.frames,
        duration=result.duration,
        md5=hashlib.md5(result.data, usedforsecurity=False).hexdigest(),
        original_filename=filename[-255:],
        **more,
    )
    if caller.is_guest and file.expires_at is None and (span := caller.guest_access.keep_for):
        file.kept_until = timezone.now() + span
    file.trust = queue.trust_of(caller.user)
    if caller.user is not None and caller.user.is_unlisted_by_default:
        file.privacy = Privacy.UNLISTED if file.privacy == Privacy.PUBLIC else file.privacy
    # What an API returns for a while is not a publication: its link would be of no use while it waits.
    if isinstance(options, UploadOptions) or file.expires_at is None:
        file.review = queue.review_of(caller.user)
    file.is_approved = file.approval
    file.area = areas.area_for(file)
    return file
