"""The plan that new accounts have, so that the limits hold from the first start."""

from django.db import migrations


def make_default_plan(apps, schema_editor):
    plan = apps.get_model("accounts", "Plan")
    plan.objects.get_or_create(is_default=True, defaults={"name": "Free"})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(make_default_plan, migrations.RunPython.noop)]
