"""Second factors' secrets are encrypted, those of earlier versions too."""

from accounts.encryption import Unreadable, decrypted, encrypted
from django.db import migrations

# Where each type has its secret.
SECRETS = {"totp": "secret", "recovery_codes": "seed"}


def encrypt(apps, schema_editor):
    for row in _rows(apps, schema_editor):
        name = SECRETS[row.type]
        if name in row.data:
            row.data[name] = encrypted(row.data[name])
            row.save(update_fields=["data"])


def decrypt(apps, schema_editor):
    for row in _rows(apps, schema_editor):
        try:
            row.data[SECRETS[row.type]] = decrypted(row.data[SECRETS[row.type]])
        except (KeyError, Unreadable):
            continue
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
