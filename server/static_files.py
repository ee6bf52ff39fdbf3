"""The website's own files: named by their content, importing one another by those names, and packed beside."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile

from server.public_files import PACKED

# Text, which packing makes a third of.
TEXTS = ("css", "js", "json", "svg", "txt")


class StaticFiles(ManifestStaticFilesStorage):
    """Django's, with the imports of ES modules rewritten too: a new page never runs with an old module."""

    support_js_module_import_aggregation = True

    def post_process(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Name the files as Django does, and lay a packed one beside each text that gets smaller by it."""
        yield from super().post_process(*args, **kwargs)
        for name in sorted(set(self.hashed_files.values())):
            # The name contains the content's hash, so an existing file is up to date.
            if name.rpartition(".")[2] in TEXTS and not self.exists(f"{name}{PACKED}"):
                with self.open(name) as file:
                    content = file.read()
                packed = gzip.compress(content, mtime=0)
                if len(packed) < len(content):
                    self.save(f"{name}{PACKED}", ContentFile(packed))
