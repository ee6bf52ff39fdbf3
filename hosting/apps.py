"""The app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import labels, usernames
from hosting.api.dialects import DIALECTS


class HostingConfig(AppConfig):
    name = "hosting"
    verbose_name = _("Hosting")

    def ready(self) -> None:
        # It imports models, which are not loaded before.
        from hosting.members import taking_back

        taking_back.connect()
        labels.translate(self)
        for dialect in DIALECTS.values():
            usernames.reserve(dialect.words)
