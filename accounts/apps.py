"""The app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import labels


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # It imports models, which are not loaded before.
        from accounts import allauth_events

        labels.translate(self)
        allauth_events.connect()
