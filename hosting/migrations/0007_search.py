"""The index of `hosting.search`, with what is there already.

Each database has its own kind of full-text index, so this is no model: FTS5 on SQLite, a tsvector elsewhere.
"""

from django.db import migrations

from hosting.catalogue import search

SQLITE = """
CREATE VIRTUAL TABLE hosting_search USING fts5(
    words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4'
)
"""
POSTGRESQL = (
    """
    CREATE TABLE hosting_search (
        file_id bigint PRIMARY KEY REFERENCES hosting_hostedfile (id) ON DELETE CASCADE,
        words tsvector NOT NULL
    )
    """,
    "CREATE INDEX hosting_search_words ON hosting_search USING gin (words)",
)


def make(apps, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else (SQLITE,)
    for statement in statements:
        schema_editor.execute(statement)


def fill(apps, schema_editor):
    rows = apps.get_model("hosting", "HostedFile").objects.order_by("pk").prefetch_related("tags")
    last = 0
    while files := list(rows.filter(pk__gt=last)[: search.BATCH]):
        last = files[-1].pk
        search.index_many(files)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE hosting_search")


class Migration(migrations.Migration):
    dependencies = [("hosting", "0006_webhooks_and_replays")]
    operations = [
        migrations.RunPython(make, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
