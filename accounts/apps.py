"""The app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import labels


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        labels.translate(self)
