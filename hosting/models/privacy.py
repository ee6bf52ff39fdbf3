"""Who may see a thing: one scale for files and albums."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Privacy(models.TextChoices):
    """`public` is listed; `unlisted` opens to anyone with the link; `password` to anyone who also knows it;
    `private` to its owner and the staff."""

    PUBLIC = "public", _("public")
    UNLISTED = "unlisted", _("unlisted")
    PASSWORD = "password", _("password")
    PRIVATE = "private", _("private")


# What may be fetched by its direct address alone.
OPEN = frozenset({Privacy.PUBLIC, Privacy.UNLISTED})
