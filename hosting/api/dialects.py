"""DIALECTS: every API that the site speaks, each with its own addresses from the root."""

from __future__ import annotations

import re

# The last one below an address answers for all that is not there: img_processing stands before imghippo.
DIALECTS = {
    "chevereto": "hosting.api.chevereto.urls",
    "img_processing": "hosting.api.img_processing.urls",
    "imghippo": "hosting.api.imghippo.urls",
    "imgsmaller": "hosting.api.imgsmaller.urls",
    "native": "hosting.api.native.urls",
}


# Addresses whose answers wait for a heavy worker, a program that reads, or somebody else's machine.
WAITING = re.compile(
    r"/v1/(remove-background|convert/word-to-pdf|images/imagine"
    r"|images/[^/]+/(remove-background|classify|visualize|extract-formatted-text))/?\Z"
)


# Addresses where half a body is worth having: what arrived of a resumable upload is not sent again.
KEEPING = re.compile(r"/api/v2/uploads(/[A-Za-z0-9]+)?/?\Z")


def waits(path: str) -> bool:
    """Whether a request at `path` spends its time waiting."""
    return WAITING.match(path) is not None


def keeps(path: str) -> bool:
    """Whether what came of a body that was cut off counts at `path`."""
    return KEEPING.match(path) is not None
