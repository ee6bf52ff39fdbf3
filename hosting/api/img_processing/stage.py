"""The callers of this API, with a live or a test key, and the images of each stage."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from accounts.keys import Caller
from hosting.files.limits import limits_for
from hosting.files.options import ResultOptions
from hosting.models import Privacy
from hosting.storage.paths import IMAGES
from processing import Limits

DIALECT = "img_processing"


ID_LENGTH = 24


LARGEST_FILE = 20 * 1024 * 1024


# What is written over everything that a test key makes.
STAMP = "TEST"


@dataclass(frozen=True)
class Stage:
    """Whose images it is about, and from which address of the network they are asked for."""

    caller: Caller
    ip: str | None = None

    @property
    def is_test(self) -> bool:
        return self.caller.is_test

    @property
    def limits(self) -> Limits:
        """What one image may have."""
        limits = limits_for(self.caller)
        return replace(limits, bytes=min(limits.bytes, LARGEST_FILE))

    @property
    def seconds(self) -> int | None:
        """How long new images are kept."""
        return settings.TEST_KEEP_DAYS * 24 * 3600 if self.is_test else None

    def placement(self, name: str) -> ResultOptions:
        """Where a new image goes."""
        return ResultOptions(
            folder=IMAGES,
            kind="image",
            title=name,
            privacy=Privacy.PRIVATE,
            seconds=self.seconds,
            ip=self.ip,
            dialect=DIALECT,
            id_length=ID_LENGTH,
        )
