"""Webhooks' secrets are encrypted, those of earlier versions too."""

import accounts.encryption
import hosting.models.webhook
from accounts.encryption import Unreadable, decrypted, encrypted
from django.db import migrations, models


def encrypt(apps, schema_editor):
    webhooks = apps.get_model("hosting", "Webhook").objects.using(schema_editor.connection.alias)
    for pk, secret in webhooks.values_list("pk", "secret").iterator():
        if secret.startswith("whsec_"):
            webhooks.filter(pk=pk).update(secret=encrypted(secret))


def decrypt(apps, schema_editor):
    webhooks = apps.get_model("hosting", "Webhook").objects.using(schema_editor.connection.alias)
    for pk, secret in webhooks.values_list("pk", "secret").iterator():
        try:
            webhooks.filter(pk=pk).update(secret=decrypted(secret))
        except Unreadable:
            webhooks.filter(pk=pk).update(secret="")


class Migration(migrations.Migration):

    dependencies = [
        ('hosting', '0011_rebuild'),
    ]

    operations = [
        # As plain text first, so that the rows are seen as they are.
        migrations.AlterField(
            model_name='webhook',
            name='secret',
            field=models.CharField(default=hosting.models.webhook.make_secret, editable=False, max_length=255),
        ),
        migrations.RunPython(encrypt, decrypt),
        migrations.AlterField(
            model_name='webhook',
            name='secret',
            field=accounts.encryption.EncryptedField(default=hosting.models.webhook.make_secret, editable=False, max_length=255),
        ),
    ]
