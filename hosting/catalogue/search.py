"""Finding files by the words of their title, description, tags and file name.

The index is one table: FTS5 on SQLite, a tsvector under a GIN index on PostgreSQL. Words are cut and folded
here, so that both find the same. The use cases that change a file's details keep it up to date (`index`,
`forget`); `rebuild` recreates it. It holds every file: visibility is decided by the rows that are searched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from hosting.catalogue.listing import COMMON, among
from hosting.models import HostedFile

TABLE = "hosting_search"
# More than anybody types; longer queries are cut, so that none costs more than this.
QUERY_LENGTH, MOST_WORDS, WORD_LENGTH = 400, 12, 60
BATCH = 500

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of `text` as the index spells them: lower case, no accents, at most WORD_LENGTH long."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:WORD_LENGTH] for word in _WORD.findall(bare)]


def matching(rows: QuerySet[HostedFile], words: str) -> QuerySet[HostedFile]:
    """The `rows` that have every word of `words`, or one that begins with it; none without a word."""
    wanted = list(dict.fromkeys(words_of(words[:QUERY_LENGTH])))[:MOST_WORDS]
    if not wanted:
        return rows.none()
    # The query has letters and digits only, so it contains no operator of either language.
    if connection.vendor == "postgresql":
        query = " & ".join(f"'{word}':*" for word in wanted)
        found = RawSQL(f"SELECT file_id FROM {TABLE} WHERE words @@ %s::tsquery", [query])  # noqa: S608, S611
        many = False
    else:
        query = " ".join(f'"{word}"*' for word in wanted)
        found = RawSQL(f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s", [query])  # noqa: S608, S611
        many = _is_common(query)
    return among(rows, found, many=many)


def _is_common(query: str) -> bool:
    """Whether more than COMMON files have the words; costs no more than counting so far."""
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT %s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(counted, [query, COMMON + 1])
        return bool(cursor.fetchone()[0] > COMMON)


def index(file: HostedFile) -> None:
    """Index the current text of `file`. Call it in the transaction that saves the file."""
    index_many([file])


def forget(keys: Sequence[int]) -> None:
    """Remove the files with these keys from the index."""
    if not keys:
        return
    column = "file_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE {column} = %s", [(key,) for key in keys])  # noqa: S608


def rebuild() -> int:
    """Recreate the index, some files at a time, while the site runs; return how many files it has."""
    with connection.cursor() as cursor:
        column = "file_id" if connection.vendor == "postgresql" else "rowid"
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE {column} NOT IN (SELECT id FROM hosting_hostedfile)"  # noqa: S608
        )
    count, last = 0, 0
    while keys := list(_keys_after(last)):
        last = keys[-1]
        count += reindex(keys)
    return count


def reindex(keys: Sequence[int]) -> int:
    """Index the current text of the files with these keys, some at a time; return how many there are.

    For changes to many files at once, such as renaming a tag. Call it once they are committed.
    """
    count = 0
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            # Locked, so that a concurrent edit is not overwritten by what was read before it.
            wanted = HostedFile.every.filter(pk__in=keys[start : start + BATCH])
            held = wanted.select_for_update().order_by("pk")
            files = list(held.prefetch_related("tags"))
            index_many(files)
        count += len(files)
    return count


def _keys_after(key: int) -> Iterable[int]:
    return HostedFile.every.filter(pk__gt=key).order_by("pk").values_list("pk", flat=True)[:BATCH]


def index_many(files: Sequence[HostedFile]) -> None:
    """Index the current text of each of `files`; prefetch their tags."""
    forget([file.pk for file in files])
    rows = [(file.pk, _words_in(file)) for file in files]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No parser of the database's own comes between: it would read "a.b" as a host.
            cursor.executemany(
                f"INSERT INTO {TABLE} (file_id, words) VALUES (%s, array_to_tsvector(%s::text[])) "  # noqa: S608
                "ON CONFLICT (file_id) DO UPDATE SET words = EXCLUDED.words",
                [(key, sorted(set(words))) for key, words in rows],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, words) VALUES (%s, %s)",  # noqa: S608
                [(key, " ".join(words)) for key, words in rows],
            )


def _words_in(file: HostedFile) -> list[str]:
    """Every word that finds `file`, including its name's extension: people search for "gif"."""
    tags = [tag.name for tag in file.tags.all()]
    return words_of(
        " ".join([file.title, file.description, *tags, file.original_filename, file.format])
    )
