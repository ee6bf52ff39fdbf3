from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_wording_of_texts")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="running_jobs",
            field=models.PositiveIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="plan",
            name="waiting_jobs",
            field=models.PositiveIntegerField(default=200),
        ),
    ]
