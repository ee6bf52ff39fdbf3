"""The first reasons, and what was rejected before there was a queue."""

from django.db import migrations

REASONS = (
    ("illegal", "Illegal content", "It breaks the law."),
    ("copyright", "Copyright", "It infringes somebody's rights."),
    ("abuse", "Abuse or harassment", "It harms or harasses somebody."),
    ("nsfw", "NSFW, not marked", "It needs the NSFW mark."),
    ("spam", "Spam", "It advertises, or was uploaded in bulk."),
    ("other", "Other", ""),
)


def begin(apps, schema_editor):
    reasons = apps.get_model("hosting", "Reason")
    for position, (code, label, text) in enumerate(REASONS):
        reasons.objects.get_or_create(
            code=code, defaults={"label": label, "text": text, "position": position}
        )
    files = apps.get_model("hosting", "HostedFile")
    files.objects.filter(is_approved=False).update(review="rejected")


class Migration(migrations.Migration):
    dependencies = [("hosting", "0016_moderation")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
