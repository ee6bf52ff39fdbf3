"""`manage.py rebuild_search`: recreate the search index."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hosting.catalogue import search


class Command(BaseCommand):
    help = "Rebuild the search index from all files. Safe while the site runs."

    def handle(self, *args: Any, **options: Any) -> None:
        count = search.rebuild()
        self.stdout.write(f"{count} files indexed.")
