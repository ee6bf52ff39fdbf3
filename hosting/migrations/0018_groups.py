"""The groups of staff: moderators, who decide of content, and administrators."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = (
    "view_hostedfile", "change_hostedfile", "delete_hostedfile", "view_variant", "view_album",
    "view_category", "view_tag", "change_tag", "view_report", "view_decision", "moderate_members",
    "view_ban", "add_ban", "view_bannedcontent", "add_bannedcontent", "view_staffnote", "add_staffnote",
)  # fmt: skip


def make(apps, schema_editor):
    for label in ("accounts", "hosting"):
        # Permissions are otherwise made after all migrations.
        create_permissions(
            current_apps.get_app_config(label), verbosity=0, using=schema_editor.connection.alias
        )
    group = apps.get_model("auth", "Group").objects
    rights = apps.get_model("auth", "Permission").objects
    moderators, _ = group.get_or_create(name="Moderators")
    moderators.permissions.add(
        *rights.filter(content_type__app_label="hosting", codename__in=MODERATORS)
    )
    administrators, _ = group.get_or_create(name="Administrators")
    administrators.permissions.add(
        *rights.filter(content_type__app_label__in=("hosting", "accounts"))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_standing"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("hosting", "0017_reasons"),
    ]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
