"""Second factors' secrets are encrypted, those of earlier versions too."""

from accounts.encryption import Unreadable, decrypted, encrypted
from django.db import migrations

# Where each type has its secret; recovery codes that came from elsewhere are a list of their own.
SECRETS = {"totp": ("secret",), "recovery_codes": ("seed", "migrated_codes")}


def encrypt(apps, schema_editor):
    _change(apps, schema_editor, encrypted)


def decrypt(apps, schema_editor):
    _change(apps, schema_editor, _readable)


def _readable(text):
    try:
        return decrypted(text)
    except Unreadable:
        return text


def _change(apps, schema_editor, change):
    for row in _rows(apps, schema_editor):
        for name in SECRETS[row.type]:
            value = row.data.get(name)
            if isinstance(value, str):
                row.data[name] = change(value)
            elif isinstance(value, list):
                row.data[name] = [change(code) for code in value]
        row.save(update_fields=["data"])


def _rows(apps, schema_editor):
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    return rows.filter(type__in=SECRETS).iterator()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_failed_sign_ins'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    operations = [
        migrations.RunPython(encrypt, decrypt),
    ]
